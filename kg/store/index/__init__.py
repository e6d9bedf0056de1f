"""A generation of a store enters; a rebuildable SQLite index of its lists, counts, facets, words and nodes leaves."""

from __future__ import annotations

import sqlite3
from typing import Protocol, runtime_checkable

from kg.store.index.build import Graphs, build, fill
from kg.store.index.reading import Index, open_index, share

__all__ = ["Graphs", "Index", "Indexed", "build", "in_memory", "index_of", "open_index"]


@runtime_checkable
class Indexed(Protocol):
    """A store that may have an index of exactly what it answers from."""

    def index(self) -> Index | None: ...


def index_of(store: object) -> Index | None:
    """Return a store's index, or None: then everything is asked in SPARQL."""
    return store.index() if isinstance(store, Indexed) else None


def in_memory(store: Graphs, generation: str) -> Index:
    """Index a store without a folder."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    fill(database, store, generation)
    return share(database, generation)
