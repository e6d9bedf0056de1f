"""A web page enters, the Article of its story leaves; its metadata in the order JSON-LD, meta tags, markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.build import build
from kg.articles.jsonld import Linked, read_linked
from kg.articles.maintext import main_paragraphs
from kg.articles.markup import root_name
from kg.articles.pagemeta import markup_layer, meta_layer, settle
from kg.articles.pagetree import clean_tree, decode_page, parse_page
from kg.articles.values import Given, Item
from kg.errors import ArticleError

_ROOTS = frozenset(("html", "head", "body", "title", "meta", "article", "div", "p", "h1", "section", "main", "center",
                    "table", "font", "script", "link", "header"))  # fmt: skip
_DOCTYPE = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)?<!doctype\s+html", re.IGNORECASE | re.DOTALL)
# Of a story that has to be paid for only this much and no more is an excerpt.
_PREVIEW_WORDS = 250
_PART = 0.6


@dataclass(frozen=True, slots=True)
class HtmlFormat:
    """Files of one page."""

    name: str = "html"
    suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml", ".shtml")

    def sniff(self, source: bytes, origin: str) -> bool:
        start = source.removeprefix(b"\xef\xbb\xbf")
        return _DOCTYPE.match(start) is not None or root_name(start)[0] in _ROOTS

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            yield read_page(source, given)
        except ArticleError as error:
            yield error


FORMAT = HtmlFormat()


def read_page(source: bytes, given: Given) -> Item:
    """Return the Article of a page; raises ArticleError for one that is too large or holds no story."""
    tree = parse_page(decode_page(source), origin=given.origin)
    linked = read_linked(tree)
    meta = meta_layer(tree)
    url = given.options.url or given.metadata.url or (linked.metadata.url if linked else None) or meta.url
    markup = markup_layer(tree, url=url)
    layers = [layer for layer in (linked.metadata if linked else None, meta, markup) if layer]
    site = next((layer.outlet for layer in layers if layer.outlet), None)
    layers = [settle(layer, site=site, url=url) for layer in layers]
    clean_tree(tree, origin=given.origin)
    title = next((layer.title for layer in layers if layer.title), None)
    story = main_paragraphs(tree, body=linked.body if linked else None, url=url)
    text = "\n\n".join(_without_title(story, title))
    if not any(sign.isalnum() for sign in text):
        raise ArticleError(
            f"{given.origin}: no story is found in this page; if it has one, save its text as a file, or the page as a "
            "browser shows it"
        )
    return build(text, given, *layers, excerpt=_is_excerpt(text, linked))


def _without_title(story: list[str], title: str | None) -> list[str]:
    """Leave out the headline where it stands as first paragraph: it is metadata, and no sentence of the story."""
    if story and title and len(story) > 1 and " ".join(story[0].split()).lower() == title.lower():
        return story[1:]
    return story


def _is_excerpt(text: str, linked: Linked | None) -> bool:
    """Tell whether the page itself says that there is more: a count of words, a longer body, a price."""
    if linked is None:
        return False
    count = len(text.split())
    longer = max(linked.words or 0, len((linked.body or "").split()))
    if longer and count < _PART * longer and linked.is_paid:
        return True
    return linked.is_paid and not longer and count < _PREVIEW_WORDS
