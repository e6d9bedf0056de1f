"""An export of a MediaWiki (Wikinews) enters; the Articles of its pages leave, each revision an edition."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kg.articles import bounds
from kg.articles.build import build
from kg.articles.clean import MAX_BYTES
from kg.articles.markup import root_name
from kg.articles.metadata import Metadata, edtf_date
from kg.articles.values import Given, Item
from kg.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element

# The parser of wiki text is quadratic in marks that are never closed.
_LONGEST = 400_000
_MOST_MARKS = 20_000
_REDIRECT = re.compile(r"\s*#\s*(?:REDIRECT|WEITERLEITUNG|REDIRECCIÓN|REDIRECTION)\b", re.IGNORECASE)
# Where the story ends and its apparatus begins.
_APPARATUS = re.compile(
    r"^==+\s*(?:sources?|external links?|references?|related (?:news|articles?)|see also|notes|have your say"
    r"|sister links?"
    r"|quellen|fuentes|weblinks|themenverwandte artikel|artículos relacionados|enlaces externos)\s*==+\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_DATE = re.compile(r"\{\{\s*(?:date|datum|fecha|byline)\s*\|([^{}]{1,200})\}\}", re.IGNORECASE)
_FILES = re.compile(r"\[\[\s*(?:file|image|datei|archivo|category|kategorie|categoría)\s*:", re.IGNORECASE)
_TAGS = re.compile(
    r"<(ref|gallery|math|timeline|imagemap)\b[^<>]{0,300}>.{0,5000}?</\1\s*>|<ref[^<>]{0,300}/>",
    re.DOTALL | re.IGNORECASE,
)
# Templates whose words belong to the story: {{w|Berlin}}, {{w|Berlin|the capital}}, {{lang|de|Wort}}, {{nowrap|…}}.
_WORDS = {"w": -1, "wikipedia": -1, "lang": -1, "nowrap": 0, "haveyoursay": None, "l": -1, "source-pd": None}


@dataclass(frozen=True, slots=True)
class MediaWikiFormat:
    """Files of pages, with their last revision or all of them."""

    name: str = "mediawiki"
    suffixes: tuple[str, ...] = (".mediawiki",)

    def sniff(self, source: bytes, origin: str) -> bool:
        return root_name(source)[0] == "mediawiki"

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        from lxml import etree

        site = _Site()
        found = False
        try:
            # Page by page: a dump of a wiki has gigabytes.
            for _, element in etree.iterparse(
                io.BytesIO(source), events=("end",), tag=("{*}siteinfo", "{*}page"), resolve_entities=False,
                no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
            ):  # fmt: skip
                if element.tag.rpartition("}")[2] == "siteinfo":
                    site = _Site.of(element)
                    continue
                for item in _page(element, site, given):
                    found = True
                    yield item
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            yield ArticleError(
                f"{given.origin}, line {error.lineno or 1}: this is no well-formed XML ({error.msg}); the pages before "
                "it were read, get the rest again"
            )
            return
        if not found:
            yield ArticleError(f"{given.origin}: no page of news lies in this export; give one with articles in it")


FORMAT = MediaWikiFormat()


@dataclass(frozen=True, slots=True)
class _Site:
    """What the export says of the wiki."""

    name: str | None = None
    base: str | None = None
    language: str | None = None

    @classmethod
    def of(cls, element: _Element) -> _Site:
        base = _text(element, "base")
        host = re.match(r"https?://([a-z]{2,3})\.(?:m\.)?wik", base or "")
        return cls(_text(element, "sitename"), base, host.group(1) if host else None)


def _text(element: _Element, name: str) -> str | None:
    found = element.find(f"{{*}}{name}")
    return found.text if found is not None else None


def _page(page: _Element, site: _Site, given: Given) -> Iterator[Item]:
    title = (_text(page, "title") or "").strip()
    if _text(page, "ns") not in (None, "0") or page.find("{*}redirect") is not None:
        return
    revisions = page.findall("{*}revision")
    for number, revision in enumerate(revisions, start=1):
        source = _text(revision, "text") or ""
        if not source.strip() or _REDIRECT.match(source):
            continue
        name = f"{given.origin}!{title}" + (f":{number}" if len(revisions) > 1 else "")
        try:
            yield _article(source, title, site, given.at(name))
        except ArticleError as error:
            yield error


def _article(source: str, title: str, site: _Site, given: Given) -> Item:
    bounds.check(len(source), _LONGEST, origin=given.origin, what="a wiki page", way_out="split it")
    marks = sum(source.count(mark) for mark in ("{{", "[[", "''", "<", "{|"))
    bounds.check(marks, _MOST_MARKS, origin=given.origin, what="a wiki page", way_out="split it", unit="marks")
    dated = next((day for found in _DATE.finditer(source) if (day := _day(found.group(1)))), None)
    text = wiki_text(source)
    if len(text) > MAX_BYTES or not text:
        raise ArticleError(f"{given.origin}: there is no story in this page; leave it out")
    base = (site.base or "").rpartition("/")[0]
    url = f"{base}/{quote(title.replace(' ', '_'), safe='/:(),!')}" if base.startswith("http") else None
    return build(
        text, given, Metadata(outlet=site.name, published=dated, url=url, title=title or None, language=site.language)
    )


def _day(words: str) -> str | None:
    """Return the day of {{date|February 27, 2022}} or {{byline|date=February 27, 2022|location=…}}."""
    for part in words.split("|"):
        name, equals, value = part.partition("=")
        day = edtf_date((value if equals and name.strip().lower() == "date" else part).strip())
        if day is not None:
            return day
    return None


def wiki_text(source: str) -> str:
    """Return the story of wiki text: links as their words, without templates, files, tables and the list of sources."""
    import mwparserfromhell

    end = _APPARATUS.search(source)
    body = _TAGS.sub("", source[: end.start()] if end else source)
    code = mwparserfromhell.parse(_without_files(body), skip_style_tags=False)
    for template in code.filter_templates(recursive=False):
        _replace(code, template, _template_words(template))
    for tag in code.filter_tags(recursive=False, matches=lambda node: str(node.tag) in ("table", "ref", "gallery")):
        _replace(code, tag, "")
    plain = str(code.strip_code(normalize=True, collapse=True))
    lines = [" ".join(line.split()) for line in plain.split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n\n".join(line for line in lines if line)).strip()


def _replace(code: Any, node: Any, words: str) -> None:
    try:
        code.replace(node, words)
    except ValueError:  # it went with a node around it
        return


def _template_words(template: Any) -> str:
    name = str(template.name).strip().lower()
    if name not in _WORDS or _WORDS[name] is None:
        return ""
    values = [str(one.value).strip() for one in template.params if not one.showkey]
    return values[_WORDS[name] or 0] if values else ""


def _without_files(source: str) -> str:
    """Take away [[File:…]] and [[Category:…]], with the links inside their captions; linear in the text."""
    kept: list[str] = []
    at = 0
    for found in _FILES.finditer(source):
        if found.start() < at:
            continue
        kept.append(source[at : found.start()])
        depth, end = 0, found.start()
        for mark in re.finditer(r"\[\[|\]\]", source[found.start() : found.start() + 5000]):
            depth += 1 if mark.group() == "[[" else -1
            end = found.start() + mark.end()
            if depth == 0:
                break
        at = end if depth == 0 else found.end()
    kept.append(source[at:])
    return "".join(kept)
