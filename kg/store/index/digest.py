"""An index enters; a digest of all that it says leaves: the same for two that say the same, however they were made.

Numbers of nodes and ranks are not compared but what they stand for: the node's IRI and its place in the order.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson

from kg.store.index.definitions import KINDS, Kind
from kg.store.index.layout import column, key, side, words


def digests(database: sqlite3.Connection) -> dict[str, str]:
    """Return the digest of each table's rows, whatever their order. Reads the whole index into memory."""
    return {
        table: hashlib.sha256("\n".join(sorted(map(repr, rows))).encode("utf-8", "surrogatepass")).hexdigest()
        for table, rows in contents(database).items()
    }


def contents(database: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return the rows of each table, with IRIs in the place of numbers."""
    iris = dict(database.execute("SELECT id, iri FROM node"))
    names = dict(database.execute("SELECT id, name FROM property"))
    ties: dict[int, dict[str, set[int]]] = {}
    for s, p, o in database.execute("SELECT s, p, o FROM edge"):
        ties.setdefault(s, {}).setdefault(names[p], set()).add(o)
    found: dict[str, list[Any]] = {
        "node": [
            (iris[node], _named(orjson.loads(doc), ties.get(node, {}), iris))
            for node, doc in database.execute("SELECT id, doc FROM node WHERE doc IS NOT NULL")
        ],
        "edge": [(iris[s], names[p], iris[o]) for s, p, o in database.execute("SELECT s, p, o FROM edge")],
        "edge_back": [(iris[s], names[p], iris[o]) for s, p, o in database.execute("SELECT s, p, o FROM edge_back")],
        "edition_text": [(iris[node], text) for node, text in database.execute("SELECT id, text FROM edition_text")],
        "facet": [
            (kind, name, iris[value] if name in KINDS[kind].relations else value, n, sort)
            for kind, name, value, n, sort in database.execute("SELECT kind, name, value, n, sort FROM facet")
        ],
    }
    for kind in KINDS.values():
        found.update(_kind(database, kind, iris))
    return found


def _named(doc: dict[str, list[Any]], ties: dict[str, set[int]], iris: dict[int, str]) -> list[Any]:
    return sorted(
        (name, [iris[v] if type(v) is int and v in ties.get(name, ()) else v for v in values])
        for name, values in doc.items()
    )


def _kind(database: sqlite3.Connection, kind: Kind, iris: dict[int, str]) -> Iterator[tuple[str, list[Any]]]:
    single = [column(name) for name, found in kind.columns.items() if not found.many]
    listed = ", ".join(["rank", "id", "iri", *map(key, kind.orders), *single])
    rows = database.execute(f"SELECT {listed} FROM {kind.name} ORDER BY rank").fetchall()
    at = {row[0]: row[2] for row in rows}
    yield kind.name, [(place, iris[row[1]], *row[2:]) for place, row in enumerate(rows)]
    for name, found in kind.columns.items():
        if found.many:
            table = side(kind, name)
            yield table, [(at[rank], value) for value, rank in database.execute(f"SELECT value, rank FROM {table}")]
    for name in kind.relations:
        table = side(kind, name)
        yield table, [(at[rank], iris[o]) for o, rank in database.execute(f"SELECT o, rank FROM {table}")]
    for name in kind.spans:
        table = side(kind, name)
        yield table, [(at[row[0]], *row[1:]) for row in database.execute(f"SELECT rank, first, last FROM {table}")]
    for name in kind.texts:
        table = side(kind, name)
        yield table, [(at[rank], text) for rank, text in database.execute(f"SELECT rank, folded FROM {table}")]
    if kind.searched is not None:
        listing = f"listing_of_{kind.name}"
        database.execute(f"CREATE VIRTUAL TABLE temp.{listing} USING fts5vocab('main', '{words(kind)}', 'instance')")
        yield words(kind), [(at[doc], term) for term, doc in database.execute(f"SELECT term, doc FROM temp.{listing}")]
        database.execute(f"DROP TABLE temp.{listing}")
