"""An index of many statements, made without a store: half of them of one speaker, every hundredth of another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from importlib.resources import files

from kg.store.index import Index
from kg.store.index.conditions import Condition, Contains, Related
from kg.store.index.counts import all_counts
from kg.store.index.definitions import KINDS
from kg.store.index.layout import all_indices, all_tables
from kg.store.index.reading import share

HALF, FEW, NOBODY = "half", "few", "nobody"


def big(rows: int) -> Index:
    """Return an index of so many statements."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.executescript((files("kg.store.index") / "tables.sql").read_text(encoding="utf-8"))
    for statement in all_tables():
        database.execute(statement)
    numbers = range(1, rows + 1)
    speakers = [(rows + n, f"https://a/{rows + n:07}", f"speaker {n}") for n in range(3, 300)]
    speakers += [(rows + 1, f"https://a/{rows + 1:07}", HALF), (rows + 2, f"https://a/{rows + 2:07}", FEW)]

    def fill(table: str, rows: Iterable[tuple[object, ...]]) -> None:
        first, *rest = rows
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(first))})", [first, *rest])

    fill("node", ((n, f"https://a/{n:07}", "{}") for n in range(1, rows + 300)))
    fill("source (rank, id, iri, k_most_quoted, k_name)", ((n, n, iri, n, name) for n, iri, name in speakers))
    fill("source__name", ((n, name) for n, _, name in speakers))
    fill(
        "statement (rank, id, iri, k_newest, k_oldest, k_in_text, c_act)",
        ((n, n, f"https://a/{n:07}", f"{9999 - n // 50}", f"{9999 - n // 50}", n % 90, ACTS[n % 4]) for n in numbers),
    )
    fill("statement__text", ((n, f"the word{n}") for n in numbers))
    fill("statement__published", ((n, f"{9999 - n // 50}", f"{9999 - n // 50}") for n in numbers))
    fill(
        "statement__speaker",
        sorted((rows + (1 if n % 2 else 2 if n % 100 == 98 else 3 + n % 297), n) for n in numbers),
    )
    for statement in all_indices():
        database.execute(statement)
    for kind in KINDS.values():
        all_counts(database, kind)
    return share(database, "1")


ACTS = ("state", "deny", "warn", "urge")


def of(name: str) -> Condition:
    """Return what statements of a speaker with this in the name meet."""
    return Related("speaker", where=Contains("name", name))
