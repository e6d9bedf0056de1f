"""A web address enters, the bytes behind it leave: public hosts only, as robots.txt allows, within size and time.

Every host is resolved once, all its addresses are checked, and the connection goes to the checked address, so that a
name that changes its mind between the two (DNS rebinding) leads nowhere; each redirect is checked anew.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from kg.articles import bounds
from kg.errors import ArticleError

AGENT = "on-the-record"
_HEADERS = {
    "User-Agent": f"{AGENT}/0.1 (+https://w3id.org/on-the-record)",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Encoding": "identity",  # what comes packed all the same is unpacked by its format, within bounds
    "Connection": "close",
}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5
_PORTS = frozenset((80, 443, 8080, 8443))
_ROBOTS = 500_000
_PIECE = 65_536


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
        deadline = time.monotonic() + self.seconds
        at = url
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                self._check_robots(at, url, deadline)
                status, headers, body = self._request(at, url, deadline, most=self.most)
                if status in _REDIRECTS and headers.get("location"):
                    at = urljoin(at, headers["location"])
                    continue
                if status != 200:
                    raise ArticleError(
                        f"{url}: the server answers {status}; save the page in your browser and import that"
                    )
                if not body.strip():
                    raise ArticleError(
                        f"{url}: the server sends nothing; save the page in your browser and import that"
                    )
                return body
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

    def _request(self, at: str, url: str, deadline: float, *, most: int) -> tuple[int, dict[str, str], bytes]:
        parts = _checked(at, url, private=self.private)
        left = deadline - time.monotonic()
        if left <= 0:
            raise ArticleError(f"{url}: it took more than {self.seconds:g} s; try again later, or save the page")
        connection = _Connection(parts.host, parts.port, parts.address, secure=parts.secure, timeout=min(left, 10.0))
        # A socket's own timeout counts from each byte: a server that sends one every nine seconds would never end.
        clock = threading.Timer(left, connection.abort)
        clock.daemon = True
        clock.start()
        try:
            connection.request("GET", parts.target, headers=_HEADERS)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            body = bytearray()
            while response.status not in _REDIRECTS and (piece := response.read(_PIECE)):
                body += piece
                bounds.check(len(body), most, origin=url, what="a page", way_out="save it as a file and split it")
                if time.monotonic() > deadline:
                    raise TimeoutError
            return response.status, headers, bytes(body)
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            if time.monotonic() >= deadline or isinstance(error, TimeoutError):
                why = f"it took more than {self.seconds:g} s"
            else:
                why = f"it can't be fetched ({' '.join(str(error).split())[:150] or type(error).__name__})"
            raise ArticleError(
                f"{url}: {why}; try again later, or save the page in your browser and import that"
            ) from None
        finally:
            clock.cancel()
            connection.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request goes: the host by name for the server, its checked address for the socket."""

    host: str
    address: str
    port: int
    secure: bool
    target: str


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, not to whatever the name resolves to now."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._secure = secure
        self._opened: socket.socket | None = None
        self.default_port = 443 if secure else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
        self._opened = self.sock  # http.client lets go of it as soon as the headers are read

    def abort(self) -> None:
        """Cut the connection from another thread: a read that waits ends at once."""
        sock = self._opened
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _checked(at: str, url: str, *, private: bool) -> _Place:
    try:
        parts = urlsplit(at)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ArticleError(f"{url}: {at!r} is no address; write it like https://herald.example/story") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ArticleError(f"{url}: {at!r} is no web address (http, https); give the page's own")
    if parts.username or parts.password:
        raise ArticleError(f"{url}: an address with a name and password in it is not fetched; save the page")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    if not private and port not in _PORTS:
        raise ArticleError(f"{url}: port {port} is no web server's; allow it with --allow-private")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ArticleError(f"{url}: there is no host {host!r}, or no network; check the address") from None
    addresses = [str(one[4][0]) for one in found]
    if not private:
        for address in addresses:
            if not _is_public(address):
                raise ArticleError(
                    f"{url}: {host} is {address}, an address of this machine or a private network; "
                    "allow it with --allow-private"
                )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(host, addresses[0], port, secure, _quoted(target))


def _is_public(address: str) -> bool:
    """Tell whether an address is on the public internet, also one that wraps an IPv4 address (mapped, 6to4, NAT64)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(str(inner))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _quoted(target: str) -> str:
    """Return a path without characters that could end the request line."""
    return "".join(sign if "!" <= sign <= "~" else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in target)
