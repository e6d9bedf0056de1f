"""A crawl (WARC, ARC, WET, gzipped or not) enters; the pages in it leave, each with its own address.

The date of a record is the crawl's, never the article's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles import bounds
from kg.articles.compressed import peek, unpacked_pieces
from kg.articles.http_message import parse_response
from kg.articles.metadata import Metadata
from kg.articles.records import Record, records
from kg.articles.values import Given, Inner
from kg.errors import ArticleError

# What crawls hold beside pages; it is let pass without a word.
_NOT_PAGES = (
    "image/", "video/", "audio/", "font/", "application/font", "application/x-font", "application/javascript",
    "application/x-javascript", "text/javascript", "text/css", "application/octet-stream", "application/vnd.",
    "application/x-shockwave-flash", "application/wasm", "text/dns", "application/manifest", "application/ocsp",
)  # fmt: skip
_BEGINS = (b"WARC/1.", b"WARC/0.1", b"filedesc://")


@dataclass(frozen=True, slots=True)
class WarcFormat:
    """Files of crawled pages; their text is read by the format of each page."""

    name: str = "warc"
    suffixes: tuple[str, ...] = (
        ".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wet", ".wet.gz", ".wat", ".wat.gz",
    )  # fmt: skip

    def sniff(self, source: bytes, origin: str) -> bool:
        start = source if not source.startswith((b"\x1f\x8b", b"\x28\xb5")) else peek(source)
        return start.lstrip(b"\r\n").startswith(_BEGINS)

    def unpack(self, source: bytes, given: Given) -> Iterator[Inner]:
        is_packed = source.startswith((b"\x1f\x8b", b"\x28\xb5"))
        pieces = _counted(source, given.origin) if is_packed else bounds.slices(source)
        found = told = 0
        for record in records(pieces, origin=given.origin):
            if isinstance(record, ArticleError):
                told += 1
                yield Inner(given.origin, record)
                continue
            page = _page(record, given)
            if page is not None:
                found += 1
                yield page
        if not found and not told:
            raise ArticleError(f"{given.origin}: no page lies in this crawl; give one with responses or texts in it")


FORMAT = WarcFormat()


def _counted(source: bytes, origin: str) -> Iterator[bytes]:
    size = 0
    for piece in unpacked_pieces(source, origin=origin):
        size += len(piece)
        bounds.check_unpacked(size, len(source), origin=origin, most=bounds.UNPACKED)
        yield piece


def _page(record: Record, given: Given) -> Inner | None:
    headers = record.headers
    kind = headers.get("warc-type", "response" if "url" in headers else "")
    url = headers.get("warc-target-uri") or headers.get("url") or ""
    name = f"{given.origin}!{url}" if url else f"{given.origin}:{record.number}"
    metadata = Metadata(url=url if url.startswith(("http://", "https://")) else None)
    if kind == "conversion":
        return Inner(name, record.block, metadata) if len(record.block.split()) > 1 else None
    if kind not in ("response", "resource") or url.startswith(("filedesc:", "dns:", "metadata:", "urn:")):
        return None
    media = headers.get("content-type") or headers.get("type", "")
    body = record.block
    if media.startswith("application/http") or body.startswith(b"HTTP/"):
        try:
            response = parse_response(body, origin=name)
        except ArticleError as error:
            return Inner(name, error)
        if response.status not in (0, 200, 203, 206) or not response.body.strip():
            return None
        media, body = response.kind, response.body
    if media.lower().startswith(_NOT_PAGES) or not body.strip() or url.rstrip("/").endswith("/robots.txt"):
        return None
    if record.cut:
        return Inner(
            name, ArticleError(f"{name}: the record is cut off, so a part of the page may be missing; crawl it again")
        )
    return Inner(name, body, metadata)
