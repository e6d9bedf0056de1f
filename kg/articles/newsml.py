"""NewsML-G2 (items and messages) or NewsML 1 enters; the Articles of its text items leave.

https://iptc.org/std/NewsML-G2/, https://iptc.org/std/NewsML/1.2/.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.articles.build import build
from kg.articles.markup import element_text, is_markup, markup_text, parse_xml, root_name
from kg.articles.metadata import Metadata, names_of
from kg.articles.nitf import attribute, every, first, nitf_article, words
from kg.articles.values import Given, Item
from kg.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element

_OTHER_ITEMS = {
    "conceptitem": "a concept", "knowledgeitem": "a list of concepts", "planningitem": "a plan of coverage",
    "catalogitem": "a catalogue", "packageitem": "a package that points at items",
}  # fmt: skip
_ROOTS = frozenset(["newsitem", "newsmessage", "newsml", "contentset", "contentmeta", *_OTHER_ITEMS])
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TEXT_ROLES = ("body", "main", "")


@dataclass(frozen=True, slots=True)
class NewsmlFormat:
    """Files of one item or of a message with many."""

    name: str = "newsml"
    suffixes: tuple[str, ...] = (".newsml", ".g2")

    def sniff(self, source: bytes, origin: str) -> bool:
        return root_name(source)[0] in _ROOTS

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            root = parse_xml(source, origin=given.origin)
        except ArticleError as error:
            yield error
            return
        name = _local(root)
        read = _newsml1 if name == "newsml" else _item
        items = _items(root, name)
        if not items:
            yield ArticleError(f"{given.origin}: no item lies in this message; give one with stories in it")
        for number, item in enumerate(items, start=1):
            place = given.at(f"{given.origin}:{number}") if len(items) > 1 else given
            try:
                text, metadata = read(item, place.origin)
                yield build(text, place, metadata)
            except ArticleError as error:
                yield error


FORMAT = NewsmlFormat()


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _items(root: _Element, name: str) -> list[_Element]:
    if name == "newsml":
        return _stories(root)
    if name == "newsmessage":
        return [one for parent in every(root, "itemSet") for one in parent if isinstance(one.tag, str)]
    return [root]


def _item(item: _Element, origin: str) -> tuple[str, Metadata]:
    kind = _local(item)
    if kind in _OTHER_ITEMS:
        raise ArticleError(f"{origin}: this is {_OTHER_ITEMS[kind]} ({kind}), not a story; give the newsItem")
    metadata = _metadata(item)
    content = first(item, "contentSet")
    for inline in every(content, "inlineXML") + every(content, "inlineData") if content is not None else ():
        found = _inline(inline, origin)
        if found is not None:
            text, inner = found
            return text, replace(
                metadata, title=metadata.title or inner.title, authors=metadata.authors or inner.authors,
                published=metadata.published or inner.published, outlet=metadata.outlet or inner.outlet,
            )  # fmt: skip
    itemclass = (attribute(item, "itemClass", "qcode") or attribute(item, "itemClass", "uri") or "").rpartition(":")[2]
    remote = attribute(item, "remoteContent", "href")
    if remote:
        raise ArticleError(
            f"{origin}: its content ({itemclass or 'of some kind'}) lies elsewhere ({remote}); import that"
        )
    raise ArticleError(f"{origin}: there is no text in this item ({itemclass or 'of no class'}); give one with a story")


def _inline(inline: _Element, origin: str) -> tuple[str, Metadata] | None:
    inner = next((one for one in inline if isinstance(one.tag, str)), None)
    if inner is None:
        words_of = inline.text or ""
        text = markup_text(words_of, origin=origin) if is_markup(words_of) else words_of.strip()
        return (text, Metadata()) if text.strip() else None
    nitf = first(inline, "nitf")
    if nitf is not None:
        return nitf_article(nitf, origin)
    if _local(inner) in ("html", "body", "div", "p", "section", "article"):
        text = element_text(inner)
        return (text, Metadata()) if text else None
    return None  # SportsML, EventsML …: data, no story


def _metadata(item: _Element) -> Metadata:
    content, meta = first(item, "contentMeta"), first(item, "itemMeta")
    by = words(first(content, "by"))
    names = (
        names_of(by)
        if by
        else tuple(name for one in every(content, "creator") if (name := words(first(one, "name"))))
        if content is not None
        else ()
    )
    return Metadata(
        outlet=_name(first(meta, "provider"))
        or _name(first(item, "copyrightHolder"))
        or _name(first(content, "infoSource")),
        published=words(first(meta, "versionCreated")) or words(first(content, "contentCreated")),
        url=item.get("guid"),
        title=words(first(content, "headline")) or words(first(meta, "title")),
        authors=names,
        language=(attribute(content, "language", "tag") if content is not None else None) or item.get(_LANG),
    )


def _name(element: _Element | None) -> str | None:
    """Return what a party is called: its name, else its literal."""
    if element is None:
        return None
    return words(first(element, "name")) or element.get("literal")


def _stories(root: _Element) -> list[_Element]:
    """Return the content items of NewsML 1 that hold a story: those of the role Body, else of none."""
    found = [one for one in every(root, "ContentItem") if first(one, "DataContent") is not None]
    ranked = {role: [one for one in found if _role(one) == role] for role in _TEXT_ROLES}
    return ranked["body"] or ranked["main"] or ranked[""]


def _role(content: _Element) -> str:
    parent = content.getparent()
    for one in parent if parent is not None else ():
        if isinstance(one.tag, str) and _local(one) == "role":
            return (one.get("FormalName") or "").lower()
    return ""


def _newsml1(content: _Element, origin: str) -> tuple[str, Metadata]:
    data = first(content, "DataContent")
    found = _inline(data, origin) if data is not None else None
    if found is None:
        raise ArticleError(f"{origin}: there is no text in this content item; give one with a story")
    text, inner = found
    item = next((one for one in content.iterancestors() if _local(one) == "newsitem"), content.getroottree().getroot())
    lines = next(
        (one for up in content.iterancestors() for one in up if isinstance(one.tag, str) and _local(one) == "newslines"
         and first(one, "HeadLine") is not None), None,
    )  # fmt: skip
    byline = words(first(lines, "ByLine"))
    return text, Metadata(
        outlet=attribute(item, "ProviderName", "FormalName") or _provider(item),
        published=words(first(item, "ThisRevisionCreated")) or words(first(item, "FirstCreated")) or inner.published,
        url=words(first(item, "PublicIdentifier")),
        title=words(first(lines, "HeadLine")) or inner.title,
        authors=names_of(byline) if byline else inner.authors,
        language=_language(content),
    )


def _provider(item: _Element) -> str | None:
    root = item.getroottree().getroot()
    sent = first(root, "SentFrom")
    return (attribute(sent, "Party", "FormalName") if sent is not None else None) or words(first(item, "ProviderId"))


def _language(content: _Element) -> str | None:
    for up in content.iterancestors():
        for one in up:
            if isinstance(one.tag, str) and _local(one) == "descriptivemetadata":
                tag = attribute(one, "Language", "FormalName")
                if tag:
                    return tag
    return None
