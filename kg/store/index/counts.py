"""The tables of a kind enter; how many nodes there are, and how many have each value of its facets, is counted.

Of all values, or of some. The number of all nodes stands beside the facets, as that of the facet without a name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from kg.store.index.definitions import KINDS, Kind
from kg.store.index.layout import ALL, column, side


def all_counts(database: sqlite3.Connection, kind: Kind) -> None:
    """Count the nodes of a kind and the values of each of its facets."""
    count_all(database, kind)
    for name, found in kind.columns.items():
        if found.facet:
            table, value = (side(kind, name), "value") if found.many else (kind.name, column(name))
            database.execute(
                f"INSERT INTO facet SELECT ?, ?, {value}, count(*), '' FROM {table} "
                f"WHERE {value} IS NOT NULL GROUP BY {value}",
                (kind.name, name),
            )
    for name, relation in kind.relations.items():
        if relation.facet:
            of_kind = f"SELECT id FROM {relation.target}"
            counted = f"SELECT o, count(*) AS n FROM {side(kind, name)} WHERE o IN ({of_kind}) GROUP BY o"
            database.execute(
                f"INSERT INTO facet SELECT ?, ?, f.o, f.n, node.iri FROM ({counted}) f JOIN node ON node.id = f.o",
                (kind.name, name),
            )


def count_all(database: sqlite3.Connection, kind: Kind) -> None:
    """Count the nodes of a kind: linear in them, some milliseconds for a million."""
    database.execute("DELETE FROM facet WHERE kind = ? AND name = ?", (kind.name, ALL))
    database.execute(f"INSERT INTO facet SELECT ?, ?, '', count(*), '' FROM {kind.name}", (kind.name, ALL))


def count_again(database: sqlite3.Connection, kind_name: str, name: str, values: Iterable[Any]) -> None:
    """Count some values of a facet. Costs a range of an index for each."""
    kind = KINDS[kind_name]
    wanted = [value for value in values if value is not None]
    if name in kind.relations:
        count = (
            f"SELECT count(*), (SELECT iri FROM node WHERE id = ?1) FROM {side(kind, name)} "
            f"WHERE o = ?1 AND ?1 IN (SELECT id FROM {kind.relations[name].target})"
        )
    else:
        many = kind.columns[name].many
        table, value = (side(kind, name), "value") if many else (kind.name, column(name))
        count = f"SELECT count(*), '' FROM {table} WHERE {value} = ?1"
    rows = []
    for value in wanted:
        n, sort = database.execute(count, (value,)).fetchone()
        if n:
            rows.append((kind_name, name, value, n, sort))
    database.executemany(
        "DELETE FROM facet WHERE kind = ? AND name = ? AND value = ?", [(kind_name, name, value) for value in wanted]
    )
    database.executemany("INSERT INTO facet VALUES (?, ?, ?, ?, ?)", rows)
