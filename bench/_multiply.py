"""The index of a synthetic store enters; that of one so many times as large leaves, made in SQL without a store.

A store of 51 million quads takes an hour and more to fill and to index. So each edition's nodes are there many times,
with their rows, words and ties, next to the first of them in every order; what editions share (actors, outlets, events,
claims) is there once and tied to all. Documents of copies point to the nodes of the first. Counts are counted anew.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kg.store.index.counts import all_counts
from kg.store.index.definitions import KINDS, Kind
from kg.store.index.layout import all_indices, column, key, side, words


def multiply(source: sqlite3.Connection, path: Path, times: int) -> None:
    """Write an index file whose editions are there so many times."""
    source.execute("VACUUM INTO ?", [str(path)])
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;")
    for (name,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall():
        database.execute(f"DROP INDEX {name}")
    database.executescript(
        f"""CREATE TEMP TABLE copies (c INTEGER PRIMARY KEY);
        WITH RECURSIVE n (c) AS (SELECT 1 UNION ALL SELECT c + 1 FROM n WHERE c < {times - 1})
        INSERT INTO copies SELECT c FROM n;
        CREATE TEMP TABLE own (id INTEGER PRIMARY KEY);
        INSERT INTO own SELECT id FROM node
        WHERE instr(iri, '#') OR instr(iri, '/edition/') OR instr(iri, '/article/');"""
    )
    [(step,)] = database.execute("SELECT max(id) FROM node")
    _nodes(database, step)
    for kind in KINDS.values():
        _kind(database, kind, step)
    for statement in all_indices():
        database.execute(statement)
    database.execute("DELETE FROM facet")
    for kind in KINDS.values():
        all_counts(database, kind)
    database.commit()
    database.close()


def _shift(node: str, step: int) -> str:
    return f"iif({node} IN (SELECT id FROM own), {node} + c * {step}, {node})"


def _nodes(database: sqlite3.Connection, step: int) -> None:
    own = "CROSS JOIN copies WHERE {} IN (SELECT id FROM own)"
    database.execute(f"INSERT INTO edge SELECT s + c * {step}, p, {_shift('o', step)} FROM edge {own.format('s')}")
    database.execute(
        f"INSERT INTO edge_back SELECT {_shift('o', step)}, p, s + c * {step} FROM edge_back {own.format('s')}"
    )
    database.execute(f"INSERT INTO edition_text SELECT id + c * {step}, text FROM edition_text {own.format('id')}")
    database.execute(f"INSERT INTO node SELECT id + c * {step}, iri || '~' || c, doc FROM node {own.format('id')}")


def _kind(database: sqlite3.Connection, kind: Kind, step: int) -> None:
    database.execute("DROP TABLE IF EXISTS temp.moved")
    database.execute("CREATE TEMP TABLE moved (rank INTEGER PRIMARY KEY)")
    database.execute(f"INSERT INTO moved SELECT rank FROM {kind.name} WHERE id IN (SELECT id FROM own)")
    moved = "CROSS JOIN copies WHERE rank IN (SELECT rank FROM moved)"
    # Ranks leave room for copies between two of them.
    for name in (name for name, found in kind.columns.items() if found.many):
        table = side(kind, name)
        database.execute(f"INSERT INTO {table} SELECT value, rank + c FROM {table} {moved}")
    for name in kind.relations:
        table = side(kind, name)
        database.execute(
            f"INSERT INTO {table} SELECT {_shift('o', step)}, rank + c FROM {table} {moved} UNION ALL "
            f"SELECT o + c * {step}, rank FROM {table} CROSS JOIN copies "
            "WHERE rank NOT IN (SELECT rank FROM moved) AND o IN (SELECT id FROM own)"
        )
    for name in kind.spans:
        table = side(kind, name)
        database.execute(f"INSERT INTO {table} SELECT rank + c, first, last FROM {table} {moved}")
    if kind.searched is not None:
        searched = next(name for name, pattern in kind.texts.items() if pattern == kind.searched)
        database.execute(
            f"INSERT INTO {words(kind)} (rowid, text) SELECT rank + c, group_concat(folded, char(10)) "
            f"FROM {side(kind, searched)} {moved} GROUP BY 1 ORDER BY 1"
        )
    for name in kind.texts:
        table = side(kind, name)
        database.execute(f"INSERT INTO {table} SELECT rank + c, folded FROM {table} {moved}")
    kept = [key(order) for order in kind.orders] + [column(n) for n, found in kind.columns.items() if not found.many]
    database.execute(
        f"INSERT INTO {kind.name} (rank, id, iri, {', '.join(kept)}) "
        f"SELECT rank + c, id + c * {step}, iri || '~' || c, {', '.join(kept)} FROM {kind.name} {moved}"
    )
