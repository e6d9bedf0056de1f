"""Gold documents enter as Articles, Readings leave, with what reading them cost."""

from __future__ import annotations

import gzip
import hashlib
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from kg.dates import parse_published
from kg.errors import ArticleError
from kg.graph import edition_iri
from kg.lines import complete
from kg.model import Article, Outlet, Published, Reading, Span

Read = Callable[[Article], Reading]
Document = dict[str, Any]


def documents(paths: Iterable[Path]) -> list[Document]:
    """Return the JSON objects of JSONL files (.gz: compressed). Raises ArticleError that names file and line."""
    return [document for path in paths for document in _lines(path)]


def _lines(path: Path) -> Iterator[Document]:
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ArticleError(f"{path}: {error}; give a whole gzip file") from error
    except OSError as error:
        raise ArticleError(f"{path}: {error.strerror}; give a file of JSON lines") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                document = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise ArticleError(f"{path}, line {number}: {error}; write one JSON object a line") from error
            if not isinstance(document, dict):
                raise ArticleError(f"{path}, line {number}: this is no JSON object; write one a line")
            yield document


def needed(document: Document, *names: str) -> str:
    """Return the first of these fields that the document has. Raises ArticleError when it has none."""
    for name in names:
        if name in document:
            return name
    told = document.get("id", "a document without id")
    raise ArticleError(f"{told}: there is no field {' and no '.join(names)}; is it a file of another measure?")


def by_id(predicted: Iterable[Document], field: str) -> dict[Any, Any]:
    """Return one field of prediction documents by their id. Raises ArticleError when one of the two is missing."""
    return {document[needed(document, "id")]: document[needed(document, field)] for document in predicted}


def article_of(document: Document) -> Article:
    """Make an Article of a gold document, its text as it is: the gold's offsets count in it."""
    text = document[needed(document, "text")]
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    outlet = document.get("publisher") or document.get("outlet")
    published = document.get("date") or document.get("dct") or document.get("published")
    return complete(
        Article(
            iri=edition_iri(sha256, outlet),
            text=text,
            sha256=sha256,
            title=document.get("title") or None,
            outlet=Outlet(outlet, "metadata") if outlet else None,
            published=Published(parse_published(published), "metadata") if published else None,
            language="en",
            origin=str(document.get("id")),
            url=document.get("url") or None,
        )
    )[0]


def read_all(articles: Sequence[Article], read: Read | None) -> tuple[list[Reading], Mapping[str, float]]:
    """Read articles with the house's reader, unless another is given; return the Readings and what they cost."""
    if read is None:
        from kg.reading import read as house

        read = house
    started = time.perf_counter()
    readings = [read(article) for article in articles]
    seconds = time.perf_counter() - started
    cost = {
        "articles": len(articles),
        "seconds": round(seconds, 1),
        "articles_per_second": round(len(articles) / seconds, 2) if seconds else 0.0,
        "peak_memory_mb": _peak_memory(),
    }
    return readings, cost


def spans_of(pairs: Iterable[Sequence[int]]) -> list[Span]:
    """Read the [start, end] pairs of gold and prediction files."""
    return [Span(start, end) for start, end in pairs]


def _peak_memory() -> float:
    """Return the most memory that this process has held, in MB; 0.0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    # Linux counts kilobytes, macOS bytes
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
