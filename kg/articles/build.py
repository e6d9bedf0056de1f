"""A text, what its file says of it and what the user says of it enter; an Article leaves."""

from __future__ import annotations

import hashlib

from kg import outlets
from kg.articles.clean import check_size, clean
from kg.articles.language import detect
from kg.articles.metadata import NO_METADATA, Metadata, edtf_date, language_tag, url_date
from kg.articles.options import Options
from kg.errors import ArticleError
from kg.graph import edition_iri
from kg.lines import complete
from kg.model import Article, Outlet, Published


def build(text: str, *, origin: str, options: Options, base_iri: str, metadata: Metadata = NO_METADATA) -> Article:
    """Return the Article of a decoded text.

    Each field comes from the first that has it: option, metadata, the URL (outlet by its domain, date by its path),
    the text's own head; else it stays None. The outlet and the date say where they came from. The outlet is in the
    edition's name only where it is known from outside the text. Raises ArticleError for a text that is empty or too
    long.
    """
    text = clean(text)
    if not text.strip():
        raise ArticleError(f"{origin}: there is no text in it; give the article's text")
    raw = text.encode()
    check_size(len(raw), origin=origin)
    digest = hashlib.sha256(raw).hexdigest()
    url = options.url or metadata.url
    outlet = _outlet(options, metadata, url)
    article = Article(
        iri=edition_iri(digest, outlet.name if outlet else None, base=base_iri),
        text=text,
        sha256=digest,
        title=options.title or metadata.title,
        outlet=outlet,
        authors=options.authors or metadata.authors,
        published=_published(options, metadata, url),
        language=_language(options, metadata, text),
        origin=origin,
        url=url,
    )
    return complete(article)[0]


def _outlet(options: Options, metadata: Metadata, url: str | None) -> Outlet | None:
    if options.outlet:
        return Outlet(options.outlet, "option")
    if metadata.outlet:
        return Outlet(metadata.outlet, "metadata")
    entry = outlets.by_domain(url) if url else None
    return Outlet(entry.name, "domain") if entry else None


def _published(options: Options, metadata: Metadata, url: str | None) -> Published | None:
    for words, origin in ((options.published, "option"), (metadata.published, "metadata")):
        edtf = edtf_date(words) if words else None
        if edtf is not None:
            return Published(edtf, "option" if origin == "option" else "metadata")
    day = url_date(url) if url else None
    return Published(day, "url") if day else None


def _language(options: Options, metadata: Metadata, text: str) -> str | None:
    for words in (options.language, metadata.language):
        tag = language_tag(words) if words else None
        if tag is not None:
            return tag
    return detect(text)
