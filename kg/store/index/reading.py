"""An index file enters; pages with their whole nodes, counts, facets and texts leave, each by one read."""

from __future__ import annotations

import fcntl
import os
import queue
import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from kg.errors import StoreError
from kg.store.index.conditions import ALWAYS, All, Condition, Related, Search
from kg.store.index.definitions import Kind
from kg.store.index.layout import ALL, FORMAT, column, key, side, words
from kg.store.index.sql import Sql, match, where

#: Steps to follow from a node: (property, backwards) -> the steps that go on from there.
Tree = Mapping[tuple[str, bool], "Tree"]
NOTHING: Tree = {}
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class After:
    """The place that a page begins behind: the sort key and the IRI of the last node of the page before."""

    key: str | int | float
    iri: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list of nodes: of a kind, in an order, under a condition, and of each parent when there is a relation."""

    kind: Kind
    order: str
    condition: Condition = ALWAYS
    relation: str | None = None


#: What stands for a node inside one request: its number here; its IRI where SPARQL answers.
Key = Any


@dataclass(slots=True)
class Found:
    """What one read brought: places by parent, nodes with their properties, and nodes that point at a node."""

    places: dict[Key, list[tuple[Any, Any]]] = field(default_factory=dict)
    iris: dict[Key, str] = field(default_factory=dict)
    nodes: dict[Key, dict[str, list[Any]]] = field(default_factory=dict)
    back: dict[tuple[str, Key], list[Key]] = field(default_factory=dict)
    totals: dict[Key, int] = field(default_factory=dict)


class Index:
    """One index file. It never changes, so what was counted once is remembered. Safe for several threads."""

    def __init__(self, connect: Any, generation: str, *, held: int | None = None) -> None:
        if held is not None:
            # The descriptor whose lock keeps the writer from using the file again: for as long as this is in use.
            weakref.finalize(self, os.close, held)
        self._connect = connect
        self.generation = generation
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._remembered: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        with self.lease() as database:
            self._properties = dict(database.execute("SELECT name, id FROM property"))
            self._names = {number: name for name, number in self._properties.items()}

    @contextmanager
    def lease(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; its prepared statements stay warm for the next."""
        try:
            database = self._idle.get_nowait()
        except queue.Empty:
            database = self._connect()
        try:
            yield database
        except sqlite3.Error as error:
            raise StoreError(
                f"the index of generation {self.generation} can't be read: {error}; run `kg reindex`"
            ) from error
        finally:
            self._idle.put(database)

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    # --- lists

    def page(
        self,
        wanted: Wanted,
        *,
        first: int,
        after: After | None = None,
        parents: Sequence[int] = (),
        tree: Tree = NOTHING,
        count: bool = False,
    ) -> Found:
        """Return ``first`` + 1 places of each parent (of 0 when there is no relation) and the nodes that they lead to.

        One read. With ``count`` the totals as well.
        """
        sql = Sql()
        sources = [f"page (parent, place, id, k) AS MATERIALIZED ({self._page(wanted, first, after, parents, sql)})"]
        tail = ["SELECT 0, parent, id, k FROM page"]
        more_sources, more_tail = self._closure("page", tree)
        sources += more_sources
        tail += more_tail
        if count:
            tail.append(f"SELECT 3, parent, n, NULL FROM ({self._count(wanted, parents, sql)})")
        return _sort(self._run(sources, tail, sql), wanted)

    def count(self, wanted: Wanted, parents: Sequence[int] = ()) -> dict[int, int]:
        """Return how many nodes there are in all, by parent (of 0 when there is no relation)."""
        known = ("count", wanted) if wanted.relation is None else None
        if known is None or known not in self._remembered:
            sql = Sql()
            with self.lease() as database:
                found = dict(database.execute(self._count(wanted, parents, sql), sql.parameters).fetchall())
            if known is None:
                return found
            self._remember(known, found)
        return dict(self._remembered[known])

    def facet(self, wanted: Wanted, name: str, first: int, parents: Sequence[int] = ()) -> Found:
        """Return the ``first`` commonest values of a facet with their counts under the condition, by parent.

        One read. A facet that is a relation has ids for values, and their nodes come with them.
        """
        known = ("facet", wanted, name, first) if wanted.relation is None else None
        if known is not None and known in self._remembered:
            found: Found = self._remembered[known]
            return found
        sql = Sql()
        text = self._facet(wanted, name, first, parents, sql)
        if name in wanted.kind.relations:
            sources = [f"page (parent, id, k) AS MATERIALIZED ({text})"]
            more, tail = self._closure("page", NOTHING)
            found = self._run(sources + more, ["SELECT 0, parent, id, k FROM page", *tail], sql)
            iris = found.iris
            for places in found.places.values():
                places.sort(key=lambda place: (-place[1], iris[place[0]]))
                del places[first:]
        else:
            found = Found()
            with self.lease() as database:
                for parent, value, n in database.execute(text, sql.parameters):
                    found.places.setdefault(parent, []).append((value, n))
            for places in found.places.values():
                places.sort(key=lambda place: (-place[1], place[0]))
                del places[first:]
        if known is not None:
            self._remember(known, found)
        return found

    def _remember(self, known: tuple[Any, ...], value: Any) -> None:
        self._remembered[known] = value
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    # --- nodes

    def hydrate(self, ids: Sequence[int], tree: Tree = NOTHING) -> Found:
        """Return these nodes with all that the steps lead to. One read."""
        sql = Sql()
        sources = [f"page (id) AS MATERIALIZED (SELECT value FROM json_each({sql.mark(orjson.dumps(ids).decode())}))"]
        more, tail = self._closure("page", tree)
        return self._run(sources + more, tail, sql)

    def look_up(self, iris: Sequence[str], tree: Tree = NOTHING) -> Found:
        """Return the nodes of these IRIs, as :meth:`hydrate`."""
        sql = Sql()
        sources = [f"page (id) AS MATERIALIZED (SELECT id FROM node WHERE iri IN {sql.listed(tuple(iris))})"]
        more, tail = self._closure("page", tree)
        return self._run(sources + more, tail, sql)

    def texts(self, ids: Sequence[int]) -> dict[int, str]:
        with self.lease() as database:
            rows = database.execute(
                "SELECT id, text FROM edition_text WHERE id IN (SELECT value FROM json_each(?))",
                [orjson.dumps(ids).decode()],
            )
            return dict(rows.fetchall())

    # --- SQL

    def _page(self, wanted: Wanted, first: int, after: After | None, parents: Sequence[int], sql: Sql) -> str:
        kind = wanted.kind
        k = f"t.{key(wanted.order)}"
        if wanted.relation is not None:
            # The ranks of a relation stand in order, so the usual order needs no sorting.
            listed = f"json_each({sql.mark(orjson.dumps(parents).decode())})"
            inner = (
                f"SELECT t.rank FROM {side(kind, wanted.relation)} r CROSS JOIN {kind.name} t ON t.rank = r.rank "
                f"WHERE r.o = p.value AND {where(wanted.condition, kind, 't', sql)}{self._behind(wanted, after, sql)} "
                f"ORDER BY {'r.rank' if wanted.order == kind.usual else self._by(wanted)} LIMIT {sql.mark(first + 1)}"
            )
            return (
                f"SELECT p.value, t.rank, t.id, {k} FROM {listed} p CROSS JOIN {kind.name} t ON t.rank IN ({inner}) "
                f"ORDER BY p.key, {self._by(wanted)}"
            )
        condition, searched = wanted.condition, None
        if wanted.order == kind.usual:
            searched, condition = _search(condition)
        if searched is not None:
            # Hits come by their number, which is the rank: the first page of a common word reads twenty of them.
            name = words(kind)
            text = f"FROM {name} w CROSS JOIN {kind.name} t ON t.rank = w.rowid WHERE {name} MATCH {sql.mark(match(searched))} AND "  # noqa: E501
            order = "w.rowid"
        else:
            text, order = f"FROM {kind.name} t WHERE ", self._by(wanted)
        return (
            f"SELECT 0, t.rank, t.id, {k} {text}{where(condition, kind, 't', sql)}{self._behind(wanted, after, sql)} "
            f"ORDER BY {order} LIMIT {sql.mark(first + 1)}"
        )

    def _by(self, wanted: Wanted) -> str:
        if wanted.order == wanted.kind.usual:
            return "t.rank"
        way = " DESC" if wanted.kind.orders[wanted.order].descending else ""
        return f"t.{key(wanted.order)}{way}, t.iri"

    def _behind(self, wanted: Wanted, after: After | None, sql: Sql) -> str:
        if after is None:
            return ""
        kind, k = wanted.kind, key(wanted.order)
        sign = "<" if kind.orders[wanted.order].descending else ">"
        if wanted.order != kind.usual:
            return (
                f" AND (t.{k} {sign} {sql.mark(after.key)} "
                f"OR (t.{k} = {sql.mark(after.key)} AND t.iri > {sql.mark(after.iri)}))"
            )
        way = "DESC" if sign == "<" else "ASC"
        return (
            f" AND t.rank >= coalesce((SELECT a.rank FROM {kind.name} a WHERE a.{k} = {sql.mark(after.key)} "
            f"AND a.iri > {sql.mark(after.iri)} ORDER BY a.iri LIMIT 1), (SELECT a.rank FROM {kind.name} a "
            f"WHERE a.{k} {sign} {sql.mark(after.key)} ORDER BY a.{k} {way}, a.iri LIMIT 1), 9223372036854775807)"
        )

    def _count(self, wanted: Wanted, parents: Sequence[int], sql: Sql) -> str:
        kind = wanted.kind
        if wanted.relation is None:
            if wanted.condition == ALWAYS:
                kept = f"kind = {sql.mark(kind.name)} AND name = {sql.mark(ALL)}"
                return f"SELECT 0 AS parent, n FROM facet WHERE {kept}"
            if isinstance(wanted.condition, Search) and wanted.condition.words:
                name = words(kind)
                return f"SELECT 0 AS parent, count(*) AS n FROM {name} WHERE {name} MATCH {sql.mark(match(wanted.condition.words))}"  # noqa: E501
            return (
                f"SELECT 0 AS parent, count(*) AS n FROM {kind.name} t WHERE {where(wanted.condition, kind, 't', sql)}"
            )
        table = side(kind, wanted.relation)
        listed = f"json_each({sql.mark(orjson.dumps(parents).decode())})"
        if wanted.condition == ALWAYS:
            return (
                f"SELECT r.o AS parent, count(*) AS n FROM {listed} p CROSS JOIN {table} r ON r.o = p.value GROUP BY 1"
            )
        return (
            f"SELECT r.o AS parent, count(*) AS n FROM {listed} p CROSS JOIN {table} r ON r.o = p.value "
            f"CROSS JOIN {kind.name} t ON t.rank = r.rank WHERE {where(wanted.condition, kind, 't', sql)} GROUP BY 1"
        )

    def _facet(self, wanted: Wanted, name: str, first: int, parents: Sequence[int], sql: Sql) -> str:
        """Return SQL of (parent, value, n), at least the ``first`` of each parent."""
        kind = wanted.kind
        if wanted.condition == ALWAYS and wanted.relation is None:
            kept = f"kind = {sql.mark(kind.name)} AND name = {sql.mark(name)}"
            return f"SELECT 0, value, n FROM facet WHERE {kept} ORDER BY n DESC, sort, value LIMIT {sql.mark(first)}"
        is_relation = name in kind.relations
        single = not is_relation and not kind.columns[name].many
        start, parent = f"{kind.name} t", "0"
        if wanted.relation is not None:
            listed = f"json_each({sql.mark(orjson.dumps(parents).decode())})"
            start = (
                f"{listed} p CROSS JOIN {side(kind, wanted.relation)} r ON r.o = p.value "
                f"CROSS JOIN {kind.name} t ON t.rank = r.rank"
            )
            parent = "p.value"
        test = where(wanted.condition, kind, "t", sql)
        if single:
            value = f"t.{column(name)}"
            return (
                f"SELECT {parent}, {value}, count(*) AS n FROM {start} "
                f"WHERE {value} IS NOT NULL AND {test} GROUP BY 1, 2"
            )
        value = "s.o" if is_relation else "s.value"
        counted = (
            f"SELECT {parent} AS parent, {value} AS value, count(*) AS n "
            f"FROM {start} CROSS JOIN {side(kind, name)} s ON s.rank = t.rank WHERE {test} GROUP BY 1, 2"
        )
        if not is_relation:
            return counted
        # Whether a value is of the right kind is asked of each value, not of each row: rows are many, values few.
        target = kind.relations[name].target
        of_kind = f"SELECT f.parent, f.value, f.n FROM ({counted}) f CROSS JOIN {target} v ON v.id = f.value"
        if wanted.relation is not None:
            return of_kind
        return f"{of_kind} ORDER BY f.n DESC, v.iri LIMIT {sql.mark(first)}"

    def _closure(self, start: str, tree: Tree) -> tuple[list[str], list[str]]:
        """Return the tables of all steps, each made once from the one before, and what reads nodes and ties."""
        sources: list[str] = []
        tail: list[str] = []
        names = [start]

        def walk(at: str, steps: Tree) -> None:
            for (predicate, backwards), further in steps.items():
                number = self._properties.get(predicate)
                if number is None:
                    continue
                name = f"s{len(names)}"
                names.append(name)
                if backwards:
                    source = f"SELECT DISTINCT l.s FROM {at} f CROSS JOIN edge_back l ON l.o = f.id AND l.p = {number}"
                    tail.append(
                        f"SELECT 2, f.id, {number}, l.s FROM {at} f "
                        f"LEFT JOIN edge_back l ON l.o = f.id AND l.p = {number}"
                    )
                else:
                    source = f"SELECT DISTINCT l.o FROM {at} f CROSS JOIN edge l ON l.s = f.id AND l.p = {number}"
                sources.append(f"{name} (id) AS MATERIALIZED ({source})")
                walk(name, further)

        walk(start, tree)
        reach = " UNION ".join(f"SELECT id FROM {name}" for name in names)
        tail.insert(0, f"SELECT 1, n.id, n.iri, n.doc FROM ({reach}) r CROSS JOIN node n ON n.id = r.id")
        return sources, tail

    def _run(self, sources: list[str], tail: list[str], sql: Sql) -> Found:
        found = Found()
        places, iris, nodes, back = found.places, found.iris, found.nodes, found.back
        loads, names = orjson.loads, self._names
        with self.lease() as database:
            for what, a, b, c in database.execute(
                f"WITH {', '.join(sources)} {' UNION ALL '.join(tail)}", sql.parameters
            ):
                if what == 1:
                    iris[a] = b
                    nodes[a] = loads(c) if c is not None else {}
                elif what == 0:
                    places.setdefault(a, []).append((b, c))
                elif what == 2:
                    pointing = back.setdefault((names[b], a), [])
                    if c is not None and c not in pointing:
                        pointing.append(c)
                else:
                    found.totals[a] = b
        return found


def _sort(found: Found, wanted: Wanted) -> Found:
    """Sort places: SQL does not promise to hand on the order of what it joins."""
    descending = wanted.kind.orders[wanted.order].descending
    for places in found.places.values():
        places.sort(key=lambda place: found.iris[place[0]])
        places.sort(key=lambda place: place[1], reverse=descending)
    return found


def _search(condition: Condition) -> tuple[tuple[str, ...] | None, Condition]:
    """Take a search for words out of a condition that can't hold without it."""
    if isinstance(condition, Search) and condition.words:
        return condition.words, ALWAYS
    if isinstance(condition, All):
        for place, part in enumerate(condition.parts):
            if isinstance(part, Search) and part.words:
                return part.words, All(condition.parts[:place] + condition.parts[place + 1 :])
    return None, condition


def open_index(path: Path, generation: str) -> Index | None:
    """Open the index of a generation; None when there is none, when it is of another one or of another form."""
    if not path.exists():
        return None

    def connect() -> sqlite3.Connection:
        # The file never changes once it has its name: no locks are needed.
        database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        database.execute("PRAGMA mmap_size=1073741824")
        return database

    try:
        held = os.open(path, os.O_RDONLY)
    except OSError:  # it was taken over since
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with closing(connect()) as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
    except (OSError, sqlite3.Error):  # the writer makes another one of it; cut off or damaged: as if there were none
        meta = {}
    if meta.get("format") != str(FORMAT) or meta.get("generation") != generation:
        os.close(held)
        return None
    return Index(connect, generation, held=held)


def share(database: sqlite3.Connection, generation: str) -> Index:
    """Return an index over a database in memory."""
    return Index(lambda: database, generation)


__all__ = ["NOTHING", "After", "Found", "Index", "Related", "Tree", "Wanted", "open_index", "share"]
