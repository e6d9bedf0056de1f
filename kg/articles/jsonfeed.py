"""A JSON Feed (1.0, 1.1) enters, the Articles of its items leave; https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kg.articles.build import build
from kg.articles.entries import Entry, entry_article, entry_url, feed_url
from kg.articles.json import parse
from kg.articles.metadata import Metadata
from kg.articles.values import Given, Item
from kg.errors import ArticleError

_VERSION = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org')


@dataclass(frozen=True, slots=True)
class JsonFeedFormat:
    """Files of one feed."""

    name: str = "jsonfeed"
    suffixes: tuple[str, ...] = (".feed.json",)

    def sniff(self, source: bytes, origin: str) -> bool:
        return source.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and _VERSION.search(source) is not None

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            feed = parse(source, given.origin)
        except ArticleError as error:
            yield error
            return
        items = feed.get("items") if isinstance(feed, dict) else None
        if not isinstance(feed, dict) or not isinstance(items, list) or not items:
            yield ArticleError(f"{given.origin}: this feed has no items; give one with articles in it")
            return
        for number, item in enumerate(items, start=1):
            place = given.at(f"{given.origin}:{number}")
            try:
                if not isinstance(item, dict):
                    raise ArticleError(f"{place.origin}: an item must be an object; mend the feed")
                yield _article(item, feed, place)
            except ArticleError as error:
                yield error


FORMAT = JsonFeedFormat()


def _article(item: Mapping[str, Any], feed: Mapping[str, Any], given: Given) -> Item:
    authors = item.get("authors") or ([item["author"]] if isinstance(item.get("author"), dict) else [])
    # Where it says so itself, where it was fetched from, or its site.
    address = feed_url(feed.get("feed_url"), given.origin.rpartition(":")[0], feed.get("home_page_url"))
    entry = Entry(
        content=_text(item, "content_html") or _text(item, "content_text"),
        summary=_text(item, "summary"),
        metadata=Metadata(
            outlet=_text(feed, "title"),
            published=_text(item, "date_published"),
            url=_text(item, "url") or _text(item, "external_url") or entry_url(_guid(item), feed=address),
            title=_text(item, "title"),
            authors=tuple(
                author["name"].strip()
                for author in (authors if isinstance(authors, list) else [])
                if isinstance(author, dict) and isinstance(author.get("name"), str) and author["name"].strip()
            ),
            language=_text(item, "language") or _text(feed, "language"),
        ),
    )
    text, excerpt, metadata = entry_article(entry, given.origin)
    return build(text, given, metadata, excerpt=excerpt)


def _guid(item: Mapping[str, Any]) -> str | None:
    """Return an item's id; a number is taken as its digits (version 1.1, "id")."""
    value = item.get("id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(item, "id")


def _text(data: Mapping[str, Any], field: str) -> str | None:
    value = data.get(field)
    return value if isinstance(value, str) and value.strip() else None
