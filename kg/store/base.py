"""What every store can do: keep named graphs, replaced whole and at once, and answer SPARQL over their union."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.graph import ArticleGraph

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
    """A place for named graphs. Without GRAPH, a query sees the union of all graphs."""

    url: str
    base_iri: str

    def put(self, graphs: Iterable[ArticleGraph], *, drop: Iterable[NamedNode] = ()) -> None:
        """Replace these graphs whole and drop those named, each graph at once; durable when it returns.

        Raises StoreError; then each graph is as it was or wholly replaced, never a part.
        """

    def select(self, sparql: str) -> Rows:
        """Answer a SELECT. Raises QueryError with the engine's words."""

    def ask(self, sparql: str) -> bool:
        """Answer an ASK."""

    def construct(self, sparql: str) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE; without duplicates."""

    def query(self, sparql: str, *, accept: str) -> tuple[bytes, str]:
        """Answer any query, serialised on the thread that evaluated it.

        ``accept`` is one media type; a SELECT or ASK falls back to application/sparql-results+json and a graph to
        application/n-triples when the type does not fit. Returns the bytes and the media type.
        """

    def update(self, sparql: str) -> None:
        """Run a SPARQL Update as one transaction."""

    def graph_names(self) -> list[NamedNode]:
        """Return the names of the graphs, sorted."""

    def graph(self, name: NamedNode) -> ArticleGraph:
        """Return one graph; an empty one when there is none of that name."""

    def count(self) -> int:
        """Return how many quads the store holds."""

    def version(self) -> str:
        """Return a text that changes whenever the data do."""

    def publish(self) -> None:
        """Make what was put visible to other processes that read this store."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
