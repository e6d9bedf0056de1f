"""The values of a kind's nodes enter; its tables are filled: all at once, or some rows taken out and put in again."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from kg.store.index.definitions import KINDS, Kind
from kg.store.index.docs import Numbers
from kg.store.index.layout import column, key, side, words
from kg.store.index.places import FIRST, GAP, Spot, settle
from kg.store.index.rows import Asked, ranked
from kg.store.index.values import Reference

Touched = dict[tuple[str, str], set[Any]]


class Rows:
    """Writes the rows of kinds. ``touched`` gathers the values whose counts may have changed, by kind and facet."""

    def __init__(self, database: sqlite3.Connection, asked: Asked, numbers: Numbers) -> None:
        self._database = database
        self._asked = asked
        self._numbers = numbers
        self.touched: Touched = defaultdict(set)

    def all(self, kind: Kind) -> None:
        """Fill the tables of a kind."""
        keys = self._asked.keys(kind)
        usual = keys[kind.usual]
        order = ranked(usual, usual, descending=kind.orders[kind.usual].descending)
        self._insert(kind, keys, {iri: FIRST + place * GAP for place, iri in enumerate(order)}, None)

    def some(self, kind: Kind, candidates: Iterable[str]) -> int:
        """Write the rows of some nodes anew, of those that came and those that are gone too; returns how many."""
        iris = sorted(candidates)
        if not iris:
            return 0
        database = self._database
        numbers = self._numbers.learn(iris)
        listed = orjson.dumps(list(numbers.values())).decode()
        old: dict[str, tuple[int, Any]] = {
            iri: (rank, k)
            for iri, rank, k in database.execute(
                f"SELECT iri, rank, {key(kind.usual)} FROM {kind.name} WHERE id IN (SELECT value FROM json_each(?))",
                [listed],
            )
        }
        keys = self._asked.keys(kind, iris)
        now = keys[kind.usual]
        self._take_out(kind, [rank for rank, _ in old.values()])
        stays = {iri: old[iri][0] for iri, value in now.items() if iri in old and old[iri][1] == value}
        # Nobody else may take the place of a node that stays where it was.
        descending = kind.orders[kind.usual].descending
        new = [(now[iri], iri) for iri in ranked(now, now, descending=descending) if iri not in stays]
        kept = sorted((Spot(rank, now[iri], iri) for iri, rank in stays.items()), key=lambda spot: spot.rank)
        ranks, moved = settle(database, kind, new, kept)
        if moved:
            # No room between two ranks: the rows around move apart, and are written anew as well.
            self._take_out(kind, [rank for _, rank in moved])
            more = self._asked.keys(kind, [iri for iri, _ in moved])
            for name, of in more.items():
                keys[name].update(of)
        self._insert(kind, keys, {**stays, **ranks}, sorted(keys[kind.usual]))
        return len(old.keys() | now.keys())

    def _take_out(self, kind: Kind, ranks: Sequence[int]) -> None:
        """Delete the rows of ranks, and note which counts that touches."""
        database = self._database
        listed = [orjson.dumps(list(ranks)).decode()]
        chosen = "(SELECT value FROM json_each(?))"
        for name, found in kind.columns.items():
            table = side(kind, name) if found.many else kind.name
            if found.facet:
                value = "value" if found.many else column(name)
                self.touched[kind.name, name].update(
                    v
                    for (v,) in database.execute(f"SELECT DISTINCT {value} FROM {table} WHERE rank IN {chosen}", listed)
                )
            if found.many:
                database.execute(
                    f"DELETE FROM {table} WHERE (value, rank) IN "
                    f"(SELECT value, rank FROM {table} WHERE rank IN {chosen})",
                    listed,
                )
        for name, relation in kind.relations.items():
            table = side(kind, name)
            if relation.facet:
                self.touched[kind.name, name].update(
                    o for (o,) in database.execute(f"SELECT DISTINCT o FROM {table} WHERE rank IN {chosen}", listed)
                )
            database.execute(
                f"DELETE FROM {table} WHERE (o, rank) IN (SELECT o, rank FROM {table} WHERE rank IN {chosen})", listed
            )
        if kind.searched is not None:
            database.executemany(
                f"INSERT INTO {words(kind)} ({words(kind)}, rowid, text) VALUES ('delete', ?, ?)",
                self._words(kind, listed),
            )
        for name in (*kind.spans, *kind.texts):
            database.execute(f"DELETE FROM {side(kind, name)} WHERE rank IN {chosen}", listed)
        for (node,) in database.execute(f"SELECT id FROM {kind.name} WHERE rank IN {chosen}", listed).fetchall():
            self._member(kind, node)
        database.execute(f"DELETE FROM {kind.name} WHERE rank IN {chosen}", listed)

    def _words(self, kind: Kind, listed: list[str]) -> list[tuple[int, str]]:
        """Return the text that the words of each rank were taken from: to take them out it has to be told again."""
        table = side(kind, _searched(kind))
        gathered: dict[int, list[str]] = defaultdict(list)
        for rank, text in self._database.execute(
            f"SELECT rank, folded FROM {table} WHERE rank IN (SELECT value FROM json_each(?))", listed
        ):
            gathered[rank].append(text)
        return [(rank, "\n".join(sorted(texts))) for rank, texts in gathered.items()]

    def _member(self, kind: Kind, node: int) -> None:
        """Note that a node comes or goes: counts of relations look at the nodes of their kind only."""
        for facet in _counting(kind.name):
            self.touched[facet].add(node)

    def _insert(
        self, kind: Kind, keys: Mapping[str, Mapping[str, Any]], ranks: Mapping[str, int], nodes: Sequence[str] | None
    ) -> None:
        """Write the rows of these ranks; ``nodes`` are those to ask for, None: all."""
        asked, database, number = self._asked, self._database, self._numbers.of
        single = {name: asked.single(found, nodes) for name, found in kind.columns.items() if not found.many}
        missing = {name: 0 if kind.columns[name].scheme == "flag" else None for name in single}
        if nodes is not None:
            self._numbers.learn(ranks)
            for iri in ranks:
                self._member(kind, number(iri))
            for name, values in single.items():
                if kind.columns[name].facet:
                    self.touched[kind.name, name].update(values.get(iri, missing[name]) for iri in ranks)
        width = 3 + len(kind.orders) + len(single)
        # A node without a key in one order (a statement without a position) is in that order's list last or first.
        database.executemany(
            f"INSERT INTO {kind.name} (rank, id, iri, "
            f"{', '.join([*map(key, kind.orders), *map(column, single)])}) VALUES ({', '.join('?' * width)})",
            [
                (
                    rank,
                    number(iri),
                    iri,
                    *(found.get(iri, 0 if kind.orders[name].numeric else "") for name, found in keys.items()),
                    *(found.get(iri, missing[name]) for name, found in single.items()),
                )
                for iri, rank in ranks.items()
            ],
        )
        for name, column_ in kind.columns.items():
            if column_.many:
                self._side(kind, name, ((v, ranks.get(n)) for n, v in asked.values(column_.pattern, nodes)), nodes)
        for name, relation in kind.relations.items():
            pairs = [(t, ranks[n]) for n, t in asked.targets(relation.pattern, nodes) if n in ranks]
            if nodes is not None:
                self._numbers.learn({target for target, _ in pairs})
            self._side(kind, name, ((number(t), rank) for t, rank in pairs), nodes)
        for name, pattern in kind.spans.items():
            database.executemany(
                f"INSERT INTO {side(kind, name)} VALUES (?, ?, ?)",
                [(ranks[n], first, last) for n, first, last in asked.spans(pattern, nodes) if n in ranks],
            )
        self._texts(kind, ranks, nodes)

    def _whole(self, editions: set[str]) -> dict[str, str]:
        """Return the texts of editions."""
        found = {}
        numbers = self._numbers.learn(editions)
        for edition, number in numbers.items():
            row = self._database.execute("SELECT text FROM edition_text WHERE id = ?", [number]).fetchone()
            if row is not None:
                found[edition] = row[0]
        return found

    def _side(self, kind: Kind, name: str, rows: Iterable[tuple[Any, int | None]], nodes: Sequence[str] | None) -> None:
        # In the order of the key: a table that is filled out of order is read and written again and again.
        kept = sorted(row for row in rows if row[1] is not None)
        if nodes is not None and (kind.columns.get(name) or kind.relations[name]).facet:
            self.touched[kind.name, name].update(value for value, _ in kept)
        self._database.executemany(f"INSERT OR IGNORE INTO {side(kind, name)} VALUES (?, ?)", kept)

    def _texts(self, kind: Kind, ranks: Mapping[str, int], nodes: Sequence[str] | None) -> None:
        for name, pattern in kind.texts.items():
            gathered: dict[int, list[str]] = defaultdict(list)
            asked = [(node, text) for node, text in self._asked.texts(pattern, nodes) if node in ranks]
            whole = self._whole({text for _, text in asked if type(text) is Reference})
            for node, text in asked:
                told_by = whole.get(text) if type(text) is Reference else text
                if told_by is not None:
                    gathered[ranks[node]].append(told_by.lower())
            # Each text once, however many said it: nobody asks how often.
            told = {rank: sorted(set(gathered[rank])) for rank in sorted(gathered)}
            self._database.executemany(
                f"INSERT INTO {side(kind, name)} VALUES (?, ?)",
                [(rank, t) for rank, texts in told.items() for t in texts],
            )
            if kind.searched is not None and name == _searched(kind):
                self._database.executemany(
                    f"INSERT INTO {words(kind)} (rowid, text) VALUES (?, ?)",
                    [(rank, "\n".join(texts)) for rank, texts in told.items()],
                )


@cache
def _counting(target: str) -> tuple[tuple[str, str], ...]:
    """Return the facets that count nodes of a kind."""
    return tuple(
        (kind.name, name)
        for kind in KINDS.values()
        for name, relation in kind.relations.items()
        if relation.facet and relation.target == target
    )


def _searched(kind: Kind) -> str:
    """Return the name of the text whose words a search looks through."""
    return next(name for name, pattern in kind.texts.items() if pattern == kind.searched)
