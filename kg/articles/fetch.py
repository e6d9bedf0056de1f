"""A web address enters, the bytes behind it leave: public hosts only, as robots.txt allows, within size and time.

Each redirect is checked anew (:mod:`kg.addresses`). What was fetched before need not be sent again: the server is asked
whether it is still as its validators say (RFC 9110, section 13).
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from kg.addresses import AddressError, PrivateError, TooLongError, exchange, resolve
from kg.errors import ArticleError

AGENT = "on-the-record"
_HEADERS = {
    "User-Agent": f"{AGENT}/0.1 (+https://w3id.org/on-the-record)",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Encoding": "identity",  # what comes packed all the same is unpacked by its format, within bounds
    "Connection": "close",
}
_UNCHANGED, _GONE = 304, 410
_LONGEST = 1_000  # characters of a validator; what is longer, or no visible ASCII, can't be sent back
_NOTHING: Mapping[str, str] = {}
#: What holds no article, whatever else its bytes may look like.
_NO_TEXT = ("image/", "video/", "audio/", "font/", "application/pdf")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5
_ROBOTS = 500_000


class GoneError(ArticleError):
    """The server says that an address will never have anything again (410)."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of the state of what it sent: ``at`` is the address that sent it, after redirects."""

    at: str
    etag: str | None = None
    modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the request headers that ask for it only if it is another one."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """What an address had; ``body`` is None when it is as before."""

    body: bytes | None
    validators: Validators | None = None


@dataclass(slots=True)
class Fetcher:
    """What one run fetches with. ``private`` lets hosts of this machine and of private networks in, at any port.

    ``seconds`` bounds a fetch as a whole, redirects and robots.txt counted in; ``most`` is in bytes.
    """

    private: bool = False
    seconds: float = 30.0
    most: int = 50_000_000
    _robots: dict[str, RobotFileParser] = field(default_factory=dict)

    def get(self, url: str) -> bytes | ArticleError:
        """Return what lies at an address, or why it can't be had."""
        found = self.ask(url)
        return found if isinstance(found, ArticleError) else found.body or b""

    def ask(self, url: str, known: Validators | None = None) -> Page | ArticleError:
        """Return what lies at an address, or that it is still what ``known`` came with, or why it can't be had."""
        deadline = time.monotonic() + self.seconds
        at = url
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                self._check_robots(at, url, deadline)
                # They say nothing of another address: a redirect may lead elsewhere now.
                asked = known.headers() if known and known.at == at else {}
                status, headers, body = self._request(at, url, deadline, most=self.most, more=asked)
                if status == _UNCHANGED and asked:
                    return Page(None, known)
                if status in _REDIRECTS and headers.get("location"):
                    at = urljoin(at, headers["location"])
                    continue
                if status == _GONE:
                    raise GoneError(f"{url}: the server says that it is gone for good (410); look for its new address")
                if status != 200:
                    raise ArticleError(
                        f"{url}: the server answers {status}; save the page in your browser and import that"
                    )
                kind = headers.get("content-type", "").lower()
                if kind.startswith(_NO_TEXT):
                    raise ArticleError(f"{url}: the server sends {kind[:40]}, no text; give the address of the page")
                if not body.strip():
                    raise ArticleError(
                        f"{url}: the server sends nothing; save the page in your browser and import that"
                    )
                return Page(body, _validators(at, headers))
            raise ArticleError(f"{url}: more than {_MOST_REDIRECTS} redirects; give the address where they end")
        except ArticleError as error:
            return error

    def _check_robots(self, at: str, url: str, deadline: float) -> None:
        parts = urlsplit(at)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = self._read_robots(f"{site}/robots.txt", url, deadline)
        if not self._robots[site].can_fetch(AGENT, at):
            raise ArticleError(
                f"{url}: its robots.txt asks programs to stay away; save the page in your browser and import that"
            )

    def _read_robots(self, at: str, url: str, deadline: float) -> RobotFileParser:
        """Read robots.txt as RFC 9309 says: without one all is allowed, a server in trouble (5xx) allows nothing."""
        robots = RobotFileParser()
        status, body = 0, b""
        for _ in range(_MOST_REDIRECTS + 1):
            status, headers, body = self._request(at, url, deadline, most=_ROBOTS)
            if status not in _REDIRECTS or not headers.get("location"):
                break
            at = urljoin(at, headers["location"])
        if status == 200:
            robots.parse(body.decode("utf-8", "replace").splitlines())
        elif status >= 500:
            robots.parse(["User-agent: *", "Disallow: /"])
        else:
            robots.parse([])
        return robots

    def _request(
        self, at: str, url: str, deadline: float, *, most: int, more: Mapping[str, str] = _NOTHING
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            place = resolve(at, private=self.private)
        except PrivateError as error:
            raise ArticleError(f"{url}: {error}; allow it with --allow-private") from None
        except AddressError as error:
            raise ArticleError(f"{url}: {error}; check the address, or save the page and import that") from None
        try:
            reply = exchange(place, "GET", {**_HEADERS, **more}, until=deadline, most=most)
        except TooLongError as error:
            raise ArticleError(f"{url}: it has {error}, over what a page may; save it as a file and split it") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, TimeoutError) and time.monotonic() >= deadline:
                why = f"it took more than {self.seconds:g} s"
            else:
                why = f"it can't be fetched ({' '.join(str(error).split())[:150] or type(error).__name__})"
            raise ArticleError(
                f"{url}: {why}; try again later, or save the page in your browser and import that"
            ) from None
        return reply.status, reply.headers, reply.body


def _validators(at: str, headers: Mapping[str, str]) -> Validators | None:
    found = {
        name: value
        for name, header in (("etag", "etag"), ("modified", "last-modified"))
        if (value := headers.get(header, "").strip()) and len(value) <= _LONGEST and value.isascii()
        if value.isprintable()
    }
    return Validators(at, **found) if found else None
