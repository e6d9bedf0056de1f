"""Lists and IRIs enter; places, nodes, counts and facets leave, from the index or by SPARQL: one door for both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from api.graphql.asking import Asking, Key, too_late
from api.graphql.sparql_reader import SparqlReader
from kg.store import Store
from kg.store.base import Rows
from kg.store.index import Index
from kg.store.index.reading import NOTHING, After, DeadlineError, Facet, Found, Tree, Wanted, Watch
from kg.store.index.watch import UNWATCHED


class Reader(Protocol):
    """What one request reads through."""

    store: Store
    indexed: bool
    watch: Watch
    names: list[str]

    @property
    def reads(self) -> int: ...

    def keys(self, iris: Sequence[str], tree: Tree = NOTHING) -> Found: ...

    def nodes(self, keys: Sequence[Key], tree: Tree = NOTHING) -> Found: ...

    def page(
        self,
        wanted: Wanted,
        *,
        first: int,
        after: After | None = None,
        parents: Sequence[Key] = (),
        tree: Tree = NOTHING,
        count: bool = False,
        facets: tuple[Facet, ...] = (),
    ) -> Found: ...

    def count(self, wanted: Wanted, parents: Sequence[Key] = ()) -> dict[Key, int]: ...

    def facet(self, wanted: Wanted, name: str, first: int, parents: Sequence[Key] = ()) -> Found: ...

    def texts(self, keys: Sequence[Key]) -> dict[Key, str]: ...

    def select(self, sparql: str) -> Rows: ...


class IndexReader(Asking):
    """Reads from the index of a generation; ``select`` asks that same generation. A key is a node's number there."""

    indexed = True

    def __init__(self, store: Store, index: Index, watch: Watch = UNWATCHED) -> None:
        super().__init__(store, watch)
        self.index = index

    def keys(self, iris: Sequence[str], tree: Tree = NOTHING) -> Found:
        with self._reading("look up"):
            return self.index.look_up(iris, tree, watch=self.watch)

    def nodes(self, keys: Sequence[Key], tree: Tree = NOTHING) -> Found:
        with self._reading("nodes"):
            return self.index.hydrate(keys, tree, watch=self.watch)

    def page(
        self,
        wanted: Wanted,
        *,
        first: int,
        after: After | None = None,
        parents: Sequence[Key] = (),
        tree: Tree = NOTHING,
        count: bool = False,
        facets: tuple[Facet, ...] = (),
    ) -> Found:
        with self._reading("page"):
            return self.index.page(
                wanted,
                first=first,
                after=after,
                parents=parents,
                tree=tree,
                count=count,
                facets=facets,
                watch=self.watch,
            )

    def count(self, wanted: Wanted, parents: Sequence[Key] = ()) -> dict[Key, int]:
        with self._reading("count"):
            return self.index.count(wanted, parents, watch=self.watch)

    def facet(self, wanted: Wanted, name: str, first: int, parents: Sequence[Key] = ()) -> Found:
        with self._reading("facet"):
            return self.index.facet(wanted, name, first, parents, watch=self.watch)

    def texts(self, keys: Sequence[Key]) -> dict[Key, str]:
        with self._reading("texts"):
            return self.index.texts(keys, watch=self.watch)

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        self.note(what)
        try:
            yield
        except DeadlineError:
            raise too_late() from None


def reader_of(store: Store, index: Index | None, watch: Watch = UNWATCHED) -> Reader:
    return IndexReader(store, index, watch) if index is not None else SparqlReader(store, watch)
