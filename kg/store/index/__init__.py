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
    copied = False
    if before is not None:
        with before.lease() as old:
            if worth_mending(changes, old):
                database.deserialize(old.serialize())
                copied = True
    if copied:
        mend(database, store, changes, generation)
    else:
        fill(database, store, generation)
    return share(database, generation)
