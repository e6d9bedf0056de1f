"""A text, what its file says of it and what the user says of it enter; an Article leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from kg import outlets
from kg.articles.clean import check_size, clean
from kg.articles.language import detect
from kg.articles.metadata import Metadata, edtf_date, language_tag, url_date
from kg.articles.values import Given
from kg.errors import ArticleError
from kg.graph import edition_iri
from kg.lines import complete
from kg.model import Article, Origin, Outlet, Published

T = TypeVar("T")
_ADDRESS = ("http://", "https://")


def build(text: str, given: Given, *layers: Metadata, excerpt: bool = False) -> Article:
    """Return the Article of a decoded text.

    Each field comes from the first that has it: the option, the container's metadata, the layers in the order given
    (the format's metadata, then a page's JSON-LD, meta tags, markup), the URL (outlet by its domain, date by its
    path), the text's own head; else it stays None. Each says where it came from. The outlet is in the edition's name
    only where it is known from outside the text. Raises ArticleError for a text that is empty or too long.
    """
    origin = given.origin
    text = clean(text)
    if not text.strip():
        raise ArticleError(f"{origin}: there is no text in it; give the article's text")
    raw = text.encode()
    check_size(len(raw), origin=origin)
    digest = hashlib.sha256(raw).hexdigest()
    options = given.options
    said = Metadata(
        outlet=options.outlet,
        published=options.published,
        url=options.url,
        title=options.title,
        authors=options.authors,
        language=options.language,
        origin="option",
    )
    ladder = (said, given.metadata, *layers)
    own = origin if origin.startswith(_ADDRESS) and not given.part else None
    url = next((layer.url for layer in ladder if layer.url), own)
    outlet = _outlet(ladder, url)
    title, title_origin = _first(ladder, lambda layer: layer.title)
    authors, authors_origin = _first(ladder, lambda layer: layer.authors)
    language, language_origin = _first(ladder, _language)
    article = Article(
        iri=edition_iri(digest, outlet.name if outlet else None, base=given.base_iri),
        text=text,
        sha256=digest,
        title=title,
        outlet=outlet,
        authors=authors or (),
        published=_published(ladder, url),
        language=language or detect(text),
        origin=origin,
        url=url,
        excerpt=excerpt,
    )
    full = complete(article)[0]
    return replace(
        full,
        title_origin=title_origin or ("text" if full.title else None),
        authors_origin=authors_origin or ("text" if full.authors else None),
        language_origin=language_origin or ("inferred" if full.language else None),
    )


def _first(ladder: Sequence[Metadata], field: Callable[[Metadata], T | None]) -> tuple[T | None, Origin | None]:
    """Return the first value there is, and where it came from."""
    for layer in ladder:
        value = field(layer)
        if value:
            return value, layer.origin
    return None, None


def _outlet(ladder: Sequence[Metadata], url: str | None) -> Outlet | None:
    name, origin = _first(ladder, lambda layer: layer.outlet)
    if name and origin:
        return Outlet(name, origin)
    entry = outlets.by_domain(url) if url else None
    return Outlet(entry.name, "domain") if entry else None


def _published(ladder: Sequence[Metadata], url: str | None) -> Published | None:
    edtf, origin = _first(ladder, lambda layer: edtf_date(layer.published) if layer.published else None)
    if edtf and origin:
        return Published(edtf, origin)
    day = url_date(url) if url else None
    return Published(day, "url") if day else None


def _language(layer: Metadata) -> str | None:
    return language_tag(layer.language) if layer.language else None
