"""Plain text or Markdown enters, one Article leaves; front matter before it says what it can of the article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.build import build
from kg.articles.clean import check_size, decode
from kg.articles.markdown import split_front_matter, strip_markdown
from kg.articles.values import Given, Item
from kg.errors import ArticleError

# What opens files that are no plain text, though some of them decode as such.
_OTHERS = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"<!doctype",
    b"<html",
    b"<?xml",
    b"{\\rtf",
    b"warc/",
    b"\x7felf",
    b"%!ps",
)
_MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class TextFormat:
    """Files of one article each, UTF-8; front matter (YAML between ---, TOML between +++) may stand before it."""

    name: str = "text"
    suffixes: tuple[str, ...] = (".txt", ".text", *_MARKDOWN)

    def sniff(self, source: bytes, origin: str) -> bool:
        start = source[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        return not start.startswith(_OTHERS) and b"\x00" * 4 not in source

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            check_size(len(source), origin=given.origin)
            text, metadata = split_front_matter(decode(source, origin=given.origin), origin=given.origin)
            if given.origin.lower().endswith(_MARKDOWN):
                text = strip_markdown(text)
            yield build(text, given, metadata)
        except ArticleError as error:
            yield error


FORMAT = TextFormat()
