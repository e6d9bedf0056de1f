"""What is known of an answer enters; the headers it is sent with leave, as pairs and as bytes of the wire.

Free of the web framework, as are :mod:`api.encoding` and :mod:`api.asking`: processes that evaluate queries read them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from api.negotiation import content_type

VERSION = "kg-version"
SECURITY = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def head_of(headers: Iterable[tuple[bytes, bytes]], status: int = 200) -> bytes:
    """Return the status line and the headers of an answer, as they go over the wire."""
    lines = b"".join(b"%s: %s\r\n" % pair for pair in headers)
    return b"HTTP/1.1 %d %s\r\n%s" % (status, HTTPStatus(status).phrase.encode(), lines)


def headers_of(media: str, tag: str | None, version: str | None) -> dict[str, str]:
    """Return the headers of an answer from the store; without ``tag`` nobody may keep it."""
    headers = {"content-type": content_type(media), "vary": "Accept, Accept-Encoding, Origin"}
    headers["cache-control"] = "no-cache" if tag else "no-store"
    if tag:
        headers["etag"] = tag
    if version:
        headers[VERSION] = str(number(version))
    return headers


def number(version: str) -> int:
    """Return the leading digits of a version, by which versions of one store are ordered."""
    match = re.match(r"\d+", version)
    return int(match.group()) if match else 0


def tag_of(url: str, version: str, *parts: str) -> str:
    """Return the ETag of an answer that changes only with the store and these parts. Weak: never byte by byte."""
    text = "\x1f".join((url, version, *parts))
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def matches(known: bytes, tag: bytes) -> bool:
    """Tell whether an If-None-Match names a tag."""
    return not {b"*", tag}.isdisjoint(part.strip() for part in known.split(b","))
