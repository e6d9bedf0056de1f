"""What every store can do: keep named graphs, replaced whole and at once, and answer SPARQL over their union."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.graph import ArticleGraph
from kg.store.journal import Journal
from kg.store.spool import Spool

Term = NamedNode | Literal | BlankNode | Triple


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a SELECT: variable names without "?", and one tuple of terms (or None) a row."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Term]]:
        """Yield each row as a mapping that holds the bound variables only."""
        for row in self.rows:
            yield {name: term for name, term in zip(self.variables, row, strict=True) if term is not None}

    def __len__(self) -> int:
        return len(self.rows)


class Store(Protocol):
    """A place for named graphs. Without GRAPH, a query sees the union of all graphs; FROM chooses among them.

    Each call evaluates and serialises on the thread that made it and hands out finished values only. Calls from
    several threads are safe; writes take turns.

    A text that is not ``trusted`` is checked by :mod:`kg.store.guard` first: no SERVICE, no LOAD, and not long, rich
    or deep enough to harm the engine. ``trusted`` is for texts that this program made itself from its own files and
    from terms (:func:`kg.query.bind`), which may hold thousands of VALUES; never pass on what a user wrote.
    """

    @property
    def url(self) -> str:
        """What ``open_store`` was given."""

    @property
    def base_iri(self) -> str:
        """Where the IRIs of this store's data begin; ends in "/" or "#"."""

    @property
    def root(self) -> Path | None:
        """The local folder that holds journal, spool and tokens; None for a store in memory."""

    @property
    def journal(self) -> Journal:
        """What became of every article."""

    @property
    def spool(self) -> Spool:
        """The raw bytes received."""

    def put(self, graphs: Iterable[ArticleGraph], *, drop: Iterable[NamedNode] = ()) -> None:
        """Replace these graphs whole and drop those named, each graph at once; durable when it returns.

        An empty graph is dropped; a graph that already stands as it is costs a look and no write. An error of the
        iterables leaves nothing. Raises StoreError; then each graph is as it was or wholly replaced, never a part.
        """

    def select(self, sparql: str, *, trusted: bool = False) -> Rows:
        """Answer a SELECT. Raises QueryError with the engine's words."""

    def ask(self, sparql: str, *, trusted: bool = False) -> bool:
        """Answer an ASK."""

    def construct(self, sparql: str, *, trusted: bool = False) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE; without duplicates."""

    def query(self, sparql: str, *, accept: str, trusted: bool = False, union: bool = True) -> tuple[bytes, str]:
        """Answer any query, serialised on the thread that evaluated it.

        Without ``union`` a query that names no graph sees the unnamed one alone (Graph Store Protocol, ``?default``).

        ``accept`` is one media type; a SELECT or ASK falls back to application/sparql-results+json and a graph to
        application/n-triples when the type does not fit. Returns the bytes and the media type. Raises QueryError.
        """

    def update(self, sparql: str, *, trusted: bool = False) -> None:
        """Run a SPARQL Update as one transaction. Raises QueryError or StoreError; then nothing was changed.

        Its WHERE sees the union only where it says so: name the graphs with GRAPH, WITH or USING.
        """

    def graph_names(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""

    def graph(self, name: NamedNode) -> ArticleGraph:
        """Return one graph; an empty one when there is none of that name."""

    def count(self) -> int:
        """Return how many quads the store holds."""

    def version(self) -> str:
        """Return a text that changes whenever the data do: letters, digits, "." and "+"; fit for an ETag."""

    def publish(self) -> None:
        """Make what was put visible to other processes that read this store."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
