"""The bytes of one request enter; a plain one leaves: a query by GET and nothing else that would need a closer look."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from api.encoding import encoding_of

#: With one of these headers a request is not plain.
SPECIAL = frozenset({b"origin", b"kg-version", b"content-length", b"transfer-encoding", b"expect"})
ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
#: The first line differs from one request of a client to its next; what follows it is looked at once.
_METHOD, _VERSION = b"GET /sparql?query=", b" HTTP/1.1\r\n"
_TARGET = len(b"GET /sparql?")
_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+._~!$'()*,;:@/?=-"
_NAME = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e]*")
_END = b"\r\n\r\n"
_VIA = 256  # characters, of which the last are looked at first
#: Heads of requests that are remembered.
_HEADS = 256


@dataclass(frozen=True, slots=True)
class Head:
    """What matters of a plain request's headers."""

    accept: bytes
    encoding: str  # of the answer: "zstd", "gzip" or ""
    known: bytes  # If-None-Match
    identity: bytes  # X-Request-Id, when it is one
    via: str  # X-Forwarded-For


class Plain:
    """Reads plain requests for some hosts, "*" for any; ``longest`` bytes of an address are taken."""

    def __init__(self, hosts: Container[str], longest: int) -> None:
        self._hosts = hosts
        self._longest = longest
        self._heads: dict[bytes, Head | None] = {}

    def read(self, data: bytes) -> tuple[bytes, Head] | None:
        """Return the query string and the head of a request; None when it is not plain, or not whole, or not one."""
        if not data.startswith(_METHOD):
            return None
        end = data.find(_VERSION, _TARGET)
        target = data[_TARGET:end]
        if not 0 < end <= self._longest or target.translate(None, _SIGNS):
            return None
        rest = data[end + len(_VERSION) :]
        try:
            head = self._heads[rest]
        except KeyError:
            if len(self._heads) >= _HEADS:
                self._heads.clear()
            head = self._heads[rest] = self._head(rest)
        return None if head is None else (target, head)

    def _head(self, lines: bytes) -> Head | None:
        if lines.find(_END) != len(lines) - len(_END):
            return None
        given: dict[bytes, bytes] = {}
        for line in lines[: -len(_END)].split(b"\r\n"):
            name, colon, value = line.partition(b":")
            name, value = name.lower(), value.strip(b" \t")
            if not colon or name in given or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                return None
            given[name] = value
        if not SPECIAL.isdisjoint(given) or b"upgrade" in given:
            return None
        if given.get(b"connection", b"keep-alive").lower() != b"keep-alive":
            return None
        if "*" not in self._hosts and host_name(given.get(b"host", b"").decode()) not in self._hosts:
            return None
        identity = given.get(b"x-request-id", b"")
        return Head(
            given.get(b"accept", b""),
            encoding_of(given.get(b"accept-encoding", b"").decode()),
            given.get(b"if-none-match", b""),
            identity if ID.fullmatch(identity) else b"",
            given.get(b"x-forwarded-for", b"").decode()[-_VIA:],
        )


def host_name(host: str) -> str:
    """Return a Host header without its port, in lower case; the brackets of an IPv6 address stay."""
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::\d+)?", host.strip().lower())
    return match.group(1) if match else host
