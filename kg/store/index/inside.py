"""An index whose nodes and ties are written enters; what its kinds say of them leaves, without asking the store.

The engine would say the same, but each of its terms would have to become text in Python.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson

from kg.store.index.definitions import Kind
from kg.store.index.joins import pairs
from kg.store.index.layout import side
from kg.store.index.rows import Graphs
from kg.store.index.values import lexical
from kg.vocab import NAMESPACE

_VALUE = re.compile(rf"\?node <{re.escape(NAMESPACE)}(\w+)> \?value \.")
#: Values of nodes, by their IRIs.
Values = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Inside:
    """What a database says already."""

    database: sqlite3.Connection

    @classmethod
    def of(cls, database: sqlite3.Connection, store: Graphs) -> Self | None:
        """Sort the ties by property; None when the unnamed graph, which is no part of them, says something."""
        asked, _ = store.query("ASK { ?s ?p ?o }", accept="application/sparql-results+json", trusted=True, union=False)
        if orjson.loads(asked)["boolean"]:
            return None
        database.execute("CREATE TEMP TABLE tie (p INTEGER, s INTEGER, o INTEGER, PRIMARY KEY (p, s, o)) WITHOUT ROWID")
        database.execute("INSERT INTO tie SELECT p, s, o FROM edge ORDER BY p, s, o")
        database.execute("CREATE TEMP TABLE spot (id INTEGER PRIMARY KEY, rank INTEGER)")
        return cls(database)

    def place(self, ranks: Mapping[int, int]) -> None:
        """Take the ranks of the nodes that :meth:`values` and :meth:`relate` speak of."""
        self.database.execute("DELETE FROM spot")
        self.database.executemany("INSERT INTO spot VALUES (?, ?)", sorted(ranks.items()))

    def values(self, kind: Kind) -> dict[str, Values]:
        """Return the values of those columns with one value, and texts, that are a property of the node itself."""
        single = {name: found for name, found in kind.columns.items() if not found.many and found.scheme != "flag"}
        patterns = {name: found.pattern for name, found in single.items()} | dict(kind.texts)
        names = {name: match[1] for name, pattern in patterns.items() if (match := _VALUE.fullmatch(pattern))}
        # A number among the values of a property that has ties could be a node's.
        tied = "SELECT name FROM property WHERE EXISTS (SELECT 1 FROM tie WHERE p = property.id)"
        for (tie,) in self.database.execute(tied):
            names = {name: of for name, of in names.items() if of != tie}
        found: dict[str, Values] = {name: {} for name in names}
        docs = "SELECT iri, doc FROM spot CROSS JOIN node ON node.id = spot.id WHERE doc IS NOT NULL"
        for iri, text in self.database.execute(docs) if names else ():
            doc = orjson.loads(text)
            for name, of in names.items():
                values = doc.get(of)
                if values is not None:
                    found[name][iri] = [lexical(value) for value in values]
        return found

    def relate(self, kind: Kind, name: str) -> bool:
        """Fill the table of a relation; returns False where its pattern looks at more than ties."""
        sql = pairs(kind.relations[name].pattern)
        if sql is None:
            return False
        self.database.execute(
            f"INSERT INTO {side(kind, name)} SELECT DISTINCT target, rank FROM ({sql[0]}) JOIN spot ON spot.id = node "
            "ORDER BY 1, 2",
            sql[1],
        )
        return True

    def close(self) -> None:
        self.database.execute("DROP TABLE tie")
        self.database.execute("DROP TABLE spot")
