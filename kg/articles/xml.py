"""XML that no other format knows enters, a refusal that says what it is leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.markup import root_name
from kg.articles.values import Given, Item
from kg.errors import ArticleError

_KNOWN = {
    "urlset": "a sitemap: it lists addresses and holds no articles; give kg import the addresses",
    "sitemapindex": "a list of sitemaps and holds no articles; give kg import the addresses of articles",
    "opml": "a list of feeds; give kg import the feeds",
    "tei": "a TEI document; save its text as a file",
}


@dataclass(frozen=True, slots=True)
class XmlFormat:
    """Files of XML in general."""

    name: str = "xml"
    suffixes: tuple[str, ...] = (".xml",)

    def sniff(self, source: bytes, origin: str) -> bool:
        return source.removeprefix(b"\xef\xbb\xbf").lstrip()[:5] == b"<?xml" or root_name(source)[0] in _KNOWN

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        name, namespaces = root_name(source)
        what = _KNOWN.get(name)
        if what is None:
            root = f"<{name}>" + (f" of {namespaces.split()[0]}" if namespaces else "") if name else "no element"
            what = (
                f"XML with {root} at its root, none of the kinds read here (RSS, Atom, NewsML, NITF, MediaWiki); "
                "save the article as plain text"
            )
        yield ArticleError(f"{given.origin}: this is {what}")


FORMAT = XmlFormat()
