"""A store's graphs enter; one SQLite file that answers lists, counts, searches and whole nodes leaves.

The file can be thrown away and built again at any time: RDF stays the truth. It is written under another name, flushed
and renamed, so that a reader finds a whole index or none. Time and memory are linear in the graph; :func:`mend` makes
an index of an earlier moment that of the present, in time linear in what changed.
"""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from kg.errors import StoreError
from kg.store.changes import Changes
from kg.store.index.counts import all_counts, count_again, count_all
from kg.store.index.definitions import KINDS
from kg.store.index.docs import Docs, Numbers
from kg.store.index.inside import Inside
from kg.store.index.layout import FORMAT, all_indices, all_tables
from kg.store.index.reach import Reach
from kg.store.index.rows import Asked, Graphs
from kg.store.index.writing import Rows

#: Nothing is lost with a scratch file, and it is flushed before it gets its name.
_FAST = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"


#: Triples that came and went that are mended in a second, however small the store.
FEW = 10_000


def worth_mending(changes: Changes, index: sqlite3.Connection) -> bool:
    """Tell whether an index should be mended, rather than built whole.

    A triple costs six times as much to mend as to build (88 and 16 µs of CPU); there are some four to a node.
    """
    if changes.unknown:
        return False
    nodes: int = index.execute("SELECT coalesce(max(id), 0) FROM node").fetchone()[0]
    return len(changes) <= max(FEW, nodes * 4 // 6)


def build(store: Graphs, path: Path, *, generation: str) -> None:
    """Write the index of what a store holds now.

    Raises StoreError when it can't be written; then ``path`` is as it was.
    """
    scratch = path.with_name(f"{path.name}.tmp")
    try:
        path.parent.mkdir(exist_ok=True)
        scratch.unlink(missing_ok=True)
        database = sqlite3.connect(scratch)
        try:
            fill(database, store, generation)
        finally:
            database.close()
        finish(scratch, path)
    except (OSError, sqlite3.Error) as error:
        scratch.unlink(missing_ok=True)
        raise StoreError(f"the index {path} can't be written: {error}; make room and run `kg reindex`") from error


def finish(scratch: Path, path: Path) -> None:
    """Give a file its name when it is on the disk."""
    with open(scratch, "rb+") as written:
        os.fsync(written.fileno())
    os.replace(scratch, path)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector rest. Millions of tuples live until the end; to look at them again and again took a quarter of
    the time, and nothing here makes cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
def fill(database: sqlite3.Connection, store: Graphs, generation: str) -> None:
    """Fill an empty database."""
    database.executescript(_FAST)
    database.executescript((files("kg.store.index") / "tables.sql").read_text(encoding="utf-8"))
    for statement in all_tables():
        database.execute(statement)
    numbers = Numbers(database, empty=True)
    Docs(database, numbers).all(store)
    rows = Rows(database, Asked(store), numbers)
    inside = Inside.of(database, store)
    for kind in KINDS.values():
        rows.all(kind, inside)
    if inside is not None:
        inside.close()
    numbers.save()
    for statement in all_indices():
        database.execute(statement)
    for kind in KINDS.values():
        all_counts(database, kind)
    database.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("format", str(FORMAT)), ("generation", generation), ("base", store.base_iri)],
    )
    # No ANALYZE: with statistics SQLite scans whole tables of ties to build Bloom filters for pages of twenty.
    database.commit()


@_uncollected()
def mend(database: sqlite3.Connection, store: Graphs, changes: Changes, generation: str) -> int:
    """Make an index that of what a store holds now, given what came and went since; returns how many nodes it wrote.

    The result is that of :func:`fill`, but for the numbers of nodes, for the room between ranks, and for nodes of
    which nothing is said any more: their numbers stay.
    """
    assert not changes.unknown
    database.executescript(_FAST)
    reach = Reach(store, changes)
    numbers = Numbers(database, empty=False)
    subjects = reach.subjects()
    Docs(database, numbers).again(store, subjects)
    rows = Rows(database, Asked(store), numbers)
    written = len(subjects)
    for kind in KINDS.values():
        if some := rows.some(kind, reach.nodes(kind)):
            count_all(database, kind)
            written += some
    numbers.save()
    for (kind_name, name), values in rows.touched.items():
        count_again(database, kind_name, name, values)
    database.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (generation,))
    database.commit()
    return written
