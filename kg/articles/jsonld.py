"""The schema.org JSON-LD of a page enters, what it says of the article leaves; a broken block is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from kg.articles.markup import plain_text
from kg.articles.metadata import Metadata, names_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TYPES = frozenset(
    ("blogposting", "report", "liveblogposting", "socialmediaposting", "pressrelease", "reportagenewsarticle")
)
_LARGEST = 3_000_000
_MOST_NODES = 5_000
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$"
)


@dataclass(frozen=True, slots=True)
class Linked:
    """What a page's JSON-LD says: metadata, the story's own text where it has it, whether it has to be paid for."""

    metadata: Metadata
    body: str | None = None
    is_paid: bool = False
    words: int | None = None


def read_linked(tree: HtmlElement) -> Linked | None:
    """Return what the JSON-LD of a page says of its article, None where there is none.

    Of several articles (related ones stand there, too) the one whose headline stands in the page's title wins, then
    the first with a headline and a date.
    """
    nodes = [node for block in _blocks(tree) for node in _nodes(block)]
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    articles = [node for node in nodes if _is_article(node)]
    if not articles:
        return None
    title = " ".join(" ".join(str(one.text_content()) for one in tree.iter("title")).lower().split())
    best = max(
        articles, key=lambda node: (_headline(node).lower() in title, bool(_headline(node)), "datePublished" in node)
    )
    return _linked(best if _headline(best) else articles[0], by_id)


def _blocks(tree: HtmlElement) -> Iterator[Any]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        source = (script.text or "").strip()
        if not source or len(source) > _LARGEST:
            continue
        for text in (source, re.sub(r"[\x00-\x1f\ufffd]", " ", _WRAPPED.sub("", source))):
            try:
                yield orjson.loads(text)
                break
            except orjson.JSONDecodeError:
                continue


def _nodes(block: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a block, those inside others, too; breadth first, bounded."""
    found: list[Mapping[str, Any]] = []
    waiting = [block]
    while waiting and len(found) < _MOST_NODES:
        following: list[Any] = []
        for one in waiting:
            if isinstance(one, dict):
                found.append(one)
                following.extend(value for value in one.values() if isinstance(value, dict | list))
            elif isinstance(one, list):
                following.extend(value for value in one if isinstance(value, dict | list))
        waiting = following[:_MOST_NODES]
    return found


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    names = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    lower = [name.lower() for name in names if isinstance(name, str)]
    return any(name.endswith("article") or name in _TYPES for name in lower)


def _headline(node: Mapping[str, Any]) -> str:
    for field in ("headline", "name", "alternativeHeadline"):
        value = node.get(field)
        if isinstance(value, str) and value.strip():
            return " ".join(plain_text(value).split())[:500]
    return ""


def _linked(node: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Linked:
    body = node.get("articleBody")
    count = node.get("wordCount")
    return Linked(
        Metadata(
            outlet=next(iter(_names(node.get("publisher") or node.get("sourceOrganization"), by_id)), None),
            published=_string(node, "datePublished") or _string(node, "dateCreated"),
            url=_address(node),
            title=_headline(node) or None,
            authors=tuple(dict.fromkeys(_people(node.get("author") or node.get("creator"), by_id))),
            language=_language(node.get("inLanguage")),
            origin="json-ld",
        ),
        body=plain_text(body).strip() if isinstance(body, str) else None,
        is_paid=str(node.get("isAccessibleForFree")).lower() == "false",
        words=int(count) if isinstance(count, int) or (isinstance(count, str) and count.isdecimal()) else None,
    )


def _string(node: Mapping[str, Any], field: str) -> str | None:
    value = node.get(field)
    value = value[0] if isinstance(value, list) and value else value
    return value.strip() or None if isinstance(value, str) else None


def _address(node: Mapping[str, Any]) -> str | None:
    page = node.get("mainEntityOfPage")
    page = page.get("@id") or page.get("url") if isinstance(page, dict) else page
    for value in (node.get("url"), page, node.get("@id")):
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return value
    return None


def _each(value: Any, by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    for one in value if isinstance(value, list) else [value]:
        yield by_id.get(str(one["@id"]), one) if isinstance(one, dict) and "name" not in one and "@id" in one else one


def _names(value: Any, by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for one in _each(value, by_id):
        name = one.get("name") if isinstance(one, dict) else one
        name = name[0] if isinstance(name, list) and name else name
        if isinstance(name, str) and name.strip() and "://" not in name:
            yield " ".join(plain_text(name).split())[:200]


def _people(value: Any, by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for one in _each(value, by_id):
        kind = one.get("@type") if isinstance(one, dict) else None
        for name in _names(one, by_id):
            # An outlet that signs its own article says nothing of who wrote it.
            if kind not in ("Organization", "NewsMediaOrganization"):
                yield from names_of(name)


def _language(value: Any) -> str | None:
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("alternateName") or value.get("name") if isinstance(value, dict) else value
    return value if isinstance(value, str) else None
