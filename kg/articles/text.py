"""Plain text enters, one Article leaves; what the text does not say comes from the options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.build import build
from kg.articles.clean import check_size, decode
from kg.articles.options import Options
from kg.articles.values import Item
from kg.errors import ArticleError

# What opens files that are no plain text, though some of them decode as such.
_OTHERS = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"<!doctype", b"<html", b"<?xml", b"{\\rtf", b"warc/")


@dataclass(frozen=True, slots=True)
class TextFormat:
    """Files of one article each, UTF-8."""

    name: str = "text"
    suffixes: tuple[str, ...] = (".txt", ".text", ".md")

    def sniff(self, source: bytes, origin: str) -> bool:
        start = source[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        return not start.startswith(_OTHERS)

    def load(self, source: bytes, *, origin: str, options: Options, base_iri: str) -> Iterator[Item]:
        try:
            check_size(len(source), origin=origin)
            yield build(decode(source, origin=origin), origin=origin, options=options, base_iri=base_iri)
        except ArticleError as error:
            yield error


FORMAT = TextFormat()
