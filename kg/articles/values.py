"""What loading hands on: what is known of bytes before they are read, lines of reading records, errors as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kg.articles.metadata import NO_METADATA, Metadata
from kg.articles.options import NO_OPTIONS, Options
from kg.errors import ArticleError
from kg.graph import BASE_IRI
from kg.model import Article


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A JSON object with "record" in it, as it stood in line ``number`` (from 1) of ``origin``; not yet decoded.

    ``data`` is JSON of any shape (its values are checked by ``kg.record.from_record``).
    """

    origin: str
    number: int
    data: Mapping[str, Any]


Item = Article | RecordLine | ArticleError


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of some bytes before they are read.

    ``origin`` is their name, for messages and Article.origin; ``metadata`` is what the container that they lay in says
    of them (a WARC record's URL, an e-mail's subject); ``part`` is true of what lies in a file with others: the file's
    address is not its own.
    """

    origin: str
    options: Options = NO_OPTIONS
    base_iri: str = BASE_IRI
    metadata: Metadata = NO_METADATA
    part: bool = False

    def at(self, origin: str, metadata: Metadata | None = None) -> Given:
        """Return the same for a part of these bytes."""
        part = self.part or origin != self.origin
        return replace(self, origin=origin, metadata=metadata or self.metadata, part=part)


@dataclass(frozen=True, slots=True)
class Inner:
    """What lies inside a container: its name there, its bytes or why it can't be had, and what is said of it there."""

    name: str
    source: bytes | ArticleError
    metadata: Metadata = NO_METADATA
