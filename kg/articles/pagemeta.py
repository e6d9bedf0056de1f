"""The tree of a page enters; what its meta tags say of the article, and what its visible elements do, leave."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kg import outlets
from kg.articles.markup import plain_text
from kg.articles.metadata import Metadata, edtf_date, names_of
from kg.resources import table

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SEPARATOR = re.compile(r"\s+(?:[|•·–—»«:-]|::|\|\|)\s+")
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:byline|author|autor|auteur|article-?author|author-?name|byline-?name|by)(?:$|[\s_-])", re.I
)
_NOT_BYLINE = re.compile(
    r"bio|avatar|image|social|twitter|follow|related|comment|more|about|desc|box|card|job|title", re.I
)
_DATED = re.compile(
    r"publish|posted|created|pubdate|entry-date|article-?date|dateline|timestamp|(?:^|[\s_-])date(?:$|[\s_-])", re.I
)
_CHANGED = re.compile(r"modif|updat|change|edit", re.I)
_DUBLIN_CORE = re.compile(r"^(dc|dcterms):")
_LONGEST = 120
# "J. Vale", "Ana María de la Cruz", 肖春芳; not "1 hour ago", "s sai"
_PERSON = re.compile(
    r"(?:[A-ZÀ-ÖØ-ÞŁŚŠŽČĐ][\w.'’-]*|d[aeiou]l?|del?la|van|von|der|den|bin|al|la|le|y|of|\(.*\))(?:\s+|$)"
)


def meta_layer(tree: HtmlElement) -> Metadata:
    """Return what the meta tags, the canonical link and the page's lang attribute say."""
    said = _tags(tree)
    authors = next(
        (
            names
            for name in _order("authors")
            if (names := tuple(dict.fromkeys(one for value in said.get(name, ()) for one in names_of(value))))
        ),
        (),
    )
    url = _canonical(tree) or _first(said, "url")
    outlet = _first(said, "outlet")
    return Metadata(
        outlet=outlet if outlet and "://" not in outlet and not outlet.startswith("@") else None,
        published=next(
            (value for name in _order("published") for value in said.get(name, ()) if edtf_date(value)), None
        ),
        url=url if url and url.startswith(("http://", "https://")) else None,
        title=_first(said, "title"),
        authors=authors,
        language=(
            tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or _first(said, "language")
        ),
        origin="meta-tag",
    )


def markup_layer(tree: HtmlElement, *, url: str | None) -> Metadata:
    """Return what elements say that readers see: headline, byline, time, in microdata or by their class."""
    return Metadata(
        title=_heading(tree),
        authors=_byline(tree),
        published=_time(tree) or _guessed_day(tree, url),
        origin="markup",
    )


def without_site(title: str, *, site: str | None, url: str | None) -> str:
    """Return a title without the outlet's name behind or before it: "Bridge closed | Lode Valley Herald".

    Only a part that is the outlet's name, its domain or a known outlet goes.
    """
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    own = {_key(name) for name in (site, host, host.partition(".")[0]) if name}

    def is_site(part: str) -> bool:
        key = _key(part)
        return key in own or outlets.by_name(part) is not None or (len(key) > 5 and key in _key(host))

    start, end = 0, len(parts)
    while end - start > 1 and is_site(parts[end - 1]):
        end -= 1
    while end - start > 1 and is_site(parts[start]):
        start += 1
    if (start, end) == (0, len(parts)):
        return title
    first = title.index(parts[start]) if start else 0
    last = title.rindex(parts[end - 1], first) + len(parts[end - 1])
    return title[first:last].strip() or title


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).removeprefix("the")


@cache
def _order(field: str) -> tuple[str, ...]:
    return tuple(row["name"] for row in table(files("kg.articles") / "metatags.tsv") if row["field"] == field)


def _tags(tree: HtmlElement) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        value = " ".join(plain_text(tag.get("content") or "").split())[:2000]
        for key in ("property", "name", "itemprop", "http-equiv"):
            for name in (tag.get(key) or "").lower().split()[:5] if value else ():  # RDFa names several at once
                said.setdefault(_DUBLIN_CORE.sub(r"\1.", name), []).append(value)
    return said


def _first(said: dict[str, list[str]], field: str) -> str | None:
    return next((said[name][0] for name in _order(field) if name in said), None)


def _canonical(tree: HtmlElement) -> str | None:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and (link.get("href") or "").startswith(
            ("http://", "https://")
        ):
            return str(link.get("href")).strip()
    return None


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _heading(tree: HtmlElement) -> str | None:
    """Return the h1 that is closest to the page's title; without any, that title."""
    page = next((_text(one) for one in tree.iter("title") if _text(one)), None)
    for prop in tree.xpath('//*[contains(@itemprop, "headline")]')[:3]:
        if _text(prop):
            return _text(prop)[:500]
    headings = [words for one in tree.iter("h1") if (words := _text(one)) and len(words) < 500]
    if not page:
        return headings[0] if headings else None
    inside = [heading for heading in headings if _key(heading) and _key(heading) in _key(page)]
    if inside:
        return max(inside, key=len)
    return headings[0] if len(headings) == 1 and len(headings[0]) > 20 else page


def _byline(tree: HtmlElement) -> tuple[str, ...]:
    queries = (
        '//*[contains(@itemprop, "author")]//*[contains(@itemprop, "name")]',
        '//*[contains(@itemprop, "author")]',
        '//*[contains(concat(" ", @rel, " "), " author ")]',
    )
    for query in queries:
        names = _names(tree.xpath(query)[:10])
        if names:
            return names
    named = [
        one
        for one in tree.iter("a", "span", "p", "div", "address", "li", "cite", "strong")
        if _BYLINE.search(f"{one.get('class') or ''} {one.get('id') or ''}")
        and not _NOT_BYLINE.search(f"{one.get('class') or ''} {one.get('id') or ''}")
    ]
    return _names(named[:5])


def _names(elements: list[HtmlElement]) -> tuple[str, ...]:
    found: list[str] = []
    for element in elements:
        words = str(element.get("content") or "") or _text(element)
        if 2 < len(words) <= _LONGEST:
            found.extend(name for name in names_of(words) if _looks_like_person(name))
    # "Ada Merrow" and "Ada Merrow Chief Correspondent": a link and the line around it
    return tuple(
        name for name in dict.fromkeys(found) if not any(name.startswith(f"{one} ") for one in found if one != name)
    )[:6]


def _looks_like_person(name: str) -> bool:
    if not 2 < len(name) < 60 or any(sign.isdigit() for sign in name):
        return False
    if not name.isascii() and not any(sign.isupper() or sign.islower() for sign in name):
        return True  # a script without capitals
    words = name.split()
    return 2 <= len(words) <= 6 and all(_PERSON.fullmatch(word) for word in words) and words[0][0].isupper()


def _time(tree: HtmlElement) -> str | None:
    """Return the first date of publication that an element states for machines."""
    for element in tree.xpath('//*[contains(@itemprop, "datePublished")]')[:5]:
        value = element.get("content") or element.get("datetime") or _text(element)
        if edtf_date(value[:60]):
            return str(value)[:60]
    times = [one for one in tree.iter("time") if edtf_date((one.get("datetime") or "")[:60])]
    for wanted in (True, False):
        for one in times[:20]:
            about = " ".join([*_about(one), *(_about(one.getparent()) if one.getparent() is not None else [])])
            if _CHANGED.search(about):
                continue
            if not wanted or one.get("pubdate") is not None or _DATED.search(about):
                return str(one.get("datetime"))[:60]
    return None


def _about(element: HtmlElement) -> list[str]:
    return [str(element.get(key) or "") for key in ("class", "id", "itemprop")]


def _guessed_day(tree: HtmlElement, url: str | None) -> str | None:
    """Return the day that htmldate finds in the page's elements, never one of its guesses from running text."""
    from htmldate import find_date

    try:
        found = find_date(tree, extensive_search=False, original_date=True, url=url, deferred_url_extractor=True)
    except Exception:  # noqa: BLE001 - a helper's failure must not cost the article
        return None
    return found if isinstance(found, str) and found not in _days_of_change(tree) else None


def _days_of_change(tree: HtmlElement) -> set[str | None]:
    """Return the days that elements state as those of a later change: htmldate takes them for want of better."""
    return {
        edtf_date((one.get("datetime") or "")[:60])
        for one in tree.iter("time")
        if _CHANGED.search(" ".join(_about(one)))
    }


def settle(layer: Metadata, *, site: str | None, url: str | None) -> Metadata:
    """Return the layer with the title freed of the outlet's name, and the outlet called as in the table of outlets.

    A name that the table does not know gives way where the table knows the page's domain ("HeraldSun").
    """
    entry = outlets.by_name(layer.outlet) if layer.outlet else None
    known = entry is None and url is not None and outlets.by_domain(url) is not None
    outlet = None if known else entry.name if entry else layer.outlet
    title = without_site(layer.title, site=site, url=url)[:500] if layer.title else None
    own = {_key(name) for name in (outlet, site, layer.outlet) if name}
    return replace(
        layer, title=title, outlet=outlet, authors=tuple(one for one in layer.authors if _key(one) not in own)
    )
