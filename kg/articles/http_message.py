"""The bytes of an HTTP response enter (a WARC record's block), its status, headers and decoded body leave."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from kg.articles import bounds
from kg.articles.compressed import unpacked_pieces
from kg.errors import ArticleError

_MOST_HEADERS = 65_536


@dataclass(frozen=True, slots=True)
class Response:
    """``headers`` have names in lower case; of one that comes twice the last counts."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Return the media type without its parameters ("text/html"), "" when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_response(block: bytes, *, origin: str) -> Response:
    """Return a response with its body decoded (chunked, gzip, deflate, zstd).

    Wrong chunks are taken as they stand, as browsers do; a body that can't be unpacked or passes the bounds raises
    ArticleError.
    """
    head, found, body = block[:_MOST_HEADERS].partition(b"\r\n\r\n")
    if not found:
        head, found, body = block[:_MOST_HEADERS].partition(b"\n\n")
    if not found:
        raise ArticleError(f"{origin}: the HTTP headers never end; leave this record out")
    body = block[len(head) + len(found) :]
    lines = head.decode("latin-1").splitlines()
    status = next((int(word) for word in lines[0].split()[1:2] if word.isdecimal() and len(word) == 3), 0)
    headers = dict(_header(line) for line in lines[1:] if ":" in line)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("gzip", "x-gzip", "zstd"):
        if body[:2] == b"\x1f\x8b" or body[:4] == b"\x28\xb5\x2f\xfd":
            body = bounds.gather(unpacked_pieces(body, origin=origin), len(body), origin=origin)
    elif encoding == "deflate":
        body = _inflated(body, origin)
    elif encoding == "br" and body.lstrip()[:1] != b"<":
        raise ArticleError(f"{origin}: its body is packed with brotli; let the crawler ask for gzip")
    return Response(status, headers, body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.find(b"\r\n", at, at + 100)
        try:
            size = int(body[at:end].partition(b";")[0].strip() or b"x", 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0:
            return b"".join([*parts, body[at:]]) if parts else body
        if size == 0:
            break
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(parts)


def _inflated(body: bytes, origin: str) -> bytes:
    for bits in (15, -15):  # some servers send raw deflate
        try:
            unpacked = zlib.decompressobj(bits).decompress(body, bounds.PAGE + 1)
        except zlib.error:
            continue
        bounds.check_unpacked(len(unpacked), len(body), origin=origin, most=bounds.PAGE)
        return unpacked
    raise ArticleError(f"{origin}: its body is not packed as it says (deflate); leave this record out")
