"""A generation of a store enters; a rebuildable SQLite index of its lists, counts, facets, words and nodes leaves."""

from __future__ import annotations

import sqlite3
from typing import Protocol, runtime_checkable

from kg.store.changes import Changes
from kg.store.index.build import build, fill, mend, worth_mending
from kg.store.index.reading import Index, open_index, share
from kg.store.index.rows import Graphs

__all__ = ["Graphs", "Index", "Indexed", "build", "in_memory", "index_of", "open_index"]


@runtime_checkable
class Indexed(Protocol):
    """A store that may have an index of exactly what it answers from."""

    def index(self) -> Index | None: ...


def index_of(store: object) -> Index | None:
    """Return a store's index, or None: then everything is asked in SPARQL."""
    return store.index() if isinstance(store, Indexed) else None


def in_memory(store: Graphs, generation: str, *, before: Index | None, changes: Changes) -> Index:
    """Index a store without a folder: made of the index before and what changed since, where there is one."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    if before is None or not worth_mending(changes):
        fill(database, store, generation)
    else:
        with before.lease() as old:
            database.deserialize(old.serialize())
        mend(database, store, changes, generation)
    return share(database, generation)
