"""A feed (RSS 0.9 to 2.0, RDF, Atom) enters, the Articles of its entries leave, summaries marked as excerpts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from kg.articles import bounds
from kg.articles.build import build
from kg.articles.entries import Entry, entry_article, entry_url, feed_url, is_address
from kg.articles.markup import root_name
from kg.articles.metadata import Metadata, edtf_date
from kg.articles.values import Given, Item
from kg.errors import ArticleError

# An entry more than that and it is a data dump; 64 MB of empty entries would take a minute.
_MOST_ENTRIES = 5_000
_ENTRY = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s/>]")
_DATES = ("published", "pubdate", "dc_date", "issued", "created", "date")


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """Files of one feed."""

    name: str = "feed"
    suffixes: tuple[str, ...] = (".rss", ".atom", ".rdf")

    def sniff(self, source: bytes, origin: str) -> bool:
        name, namespaces = root_name(source)
        return (
            name == "rss"
            or (name == "feed" and "Atom" in namespaces + "Atom" * ("purl.org/atom" in namespaces))
            or (name == "rdf" and ("rss" in namespaces or "netscape" in namespaces))
        )

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            yield from _entries(source, given)
        except ArticleError as error:
            yield error


FORMAT = FeedFormat()


def _entries(source: bytes, given: Given) -> Iterator[Item]:
    bounds.check(len(source), bounds.PAGE, origin=given.origin, what="a feed", way_out="split it")
    count = sum(1 for _ in _ENTRY.finditer(source))
    bounds.check(count, _MOST_ENTRIES, origin=given.origin, what="a feed", way_out="split it", unit="entries")
    if b"<!ENTITY" in source.upper():
        raise ArticleError(f"{given.origin}: a feed that defines entities is not read; take the DTD away")
    import feedparser

    # Never bytes or str: feedparser takes a short one for an address and would fetch it.
    feed = feedparser.parse(io.BytesIO(source), sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries:
        why = f" ({feed.bozo_exception})" if feed.get("bozo") and feed.get("bozo_exception") else ""
        raise ArticleError(f"{given.origin}: no entry can be read in this feed{why}; give one with articles in it")
    address = _address(feed.feed, given.origin)
    for number, entry in enumerate(feed.entries, start=1):
        place = given.at(f"{given.origin}:{number}")
        try:
            text, excerpt, metadata = entry_article(_entry(entry, feed.feed, address), place.origin)
            yield build(text, place, metadata, excerpt=excerpt)
        except ArticleError as error:
            yield error


def _entry(entry: Any, feed: Any, address: str | None) -> Entry:
    contents = [str(one.get("value") or "") for one in entry.get("content") or ()]
    authors = [str(one.get("name") or "").strip() for one in entry.get("authors") or ()] or [
        str(entry.get("author") or "").strip()
    ]
    published = next((str(entry[name]) for name in _DATES if entry.get(name)), None)
    return Entry(
        content=max(contents, key=len) if contents else None,
        summary=entry.get("summary"),
        metadata=Metadata(
            outlet=_outlet(entry, feed),
            published=_day(published, entry) if published else None,
            url=_url(entry, address),
            title=entry.get("title"),
            authors=tuple(dict.fromkeys(name for name in authors if name and "@" not in name)),
            language=_language(entry, feed),
        ),
    )


def _outlet(entry: Any, feed: Any) -> str | None:
    source = entry.get("source")
    named = source.get("title") if isinstance(source, dict) else None
    return str(named or feed.get("title") or "") or None


def _address(feed: Any, origin: str) -> str | None:
    """Return the address of a feed: the one that it gives itself, the one it was fetched from, or its site's."""
    own = [link.get("href") for link in feed.get("links") or () if link.get("rel") == "self"]
    return feed_url(*own, origin, feed.get("link"))


def _url(entry: Any, address: str | None) -> str | None:
    link, guid = entry.get("link"), entry.get("id")
    if is_address(link):
        return str(link).strip()
    # feedparser gives a guid for a link where nothing denies it; what is no address may be a path of the feed's site.
    if isinstance(link, str) and link.strip() and link != guid:
        return urljoin(address, link.strip()) if address else link.strip()
    return entry_url(guid, feed=address)


def _day(printed: str, entry: Any) -> str | None:
    """Return the day as it is printed, in its own time zone; feedparser's own reading (UTC) for odd forms."""
    if edtf_date(printed) is not None:
        return printed
    parsed = entry.get("published_parsed") or entry.get("created_parsed")
    return f"{parsed.tm_year:04d}-{parsed.tm_mon:02d}-{parsed.tm_mday:02d}" if parsed else None


def _language(entry: Any, feed: Any) -> str | None:
    for detail in (entry.get("summary_detail"), entry.get("title_detail")):
        if isinstance(detail, dict) and detail.get("language"):
            return str(detail["language"])
    return str(feed.get("language") or "") or None
