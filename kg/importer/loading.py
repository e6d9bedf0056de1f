"""The bytes of one file enter, what is to be decided on leaves: each article's name and mark, and the article as bytes.

The article itself travels on as a pickle that only the process which reads it opens; what takes time (decoding a
record, hashing an article) happens here, in a child.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.articles import Options, RecordLine, load
from kg.errors import ArticleError, KgError, RecordError
from kg.graph import PackedGraph
from kg.importer.dump import is_dump, load_dump
from kg.model import Article, Reading
from kg.record import from_record


@dataclass(frozen=True, slots=True)
class Loaded:
    """An article or a ready Reading (``record``) of a file; ``mark`` changes when its text, metadata or reader does.

    It does not with the place in the file: an entry moves down in its feed.

    ``published`` is its EDTF date; ``content`` the pickled Article or Reading.
    """

    iri: str
    sha256: str
    origin: str
    outlet: str | None
    title: str | None
    url: str | None
    published: str | None
    record: bool
    mark: str
    content: bytes


Item = Loaded | PackedGraph | KgError


def load_items(raw: bytes, *, origin: str, options: Options, base_iri: str, reader: str) -> Iterator[Item]:
    """Yield what is in a file, in order: articles, the human decisions of a dump, and an error for what is refused.

    ``reader`` names who will read and in which version; another one makes another mark. Never raises KgError.
    """
    found = (
        load_dump(raw, origin=origin, base_iri=base_iri)
        if is_dump(raw, origin)
        else _articles(raw, origin, options, base_iri)
    )
    for item in found:
        if isinstance(item, Article | Reading):
            yield _loaded(item, origin, reader)
        else:
            yield item


def _articles(raw: bytes, origin: str, options: Options, base_iri: str) -> Iterator[Article | Reading | KgError]:
    for item in load(raw, origin=origin, options=options, base_iri=base_iri):
        if isinstance(item, RecordLine):
            try:
                yield from_record(item.data, base=base_iri)
            except RecordError as error:
                yield ArticleError(f"{item.origin}, line {item.number}: {error}")
        else:
            yield item


def _loaded(item: Article | Reading, origin: str, reader: str) -> Loaded:
    article = item.article if isinstance(item, Reading) else item
    placeless = replace(article, origin=None)
    marked = repr(replace(item, article=placeless)) if isinstance(item, Reading) else repr((placeless, reader))
    return Loaded(
        iri=article.iri,
        sha256=article.sha256,
        origin=article.origin or origin,
        outlet=article.outlet.name if article.outlet else None,
        title=article.title,
        url=article.url,
        published=article.published.edtf if article.published else None,
        record=isinstance(item, Reading),
        mark=hashlib.sha256(marked.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        content=pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL),
    )
