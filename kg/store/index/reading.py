"""An index file enters; pages with their whole nodes, counts, facets and texts leave, each by one read."""

from __future__ import annotations

import fcntl
import os
import queue
import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from kg.errors import StoreError
from kg.store.index.closure import NOTHING, Tree, follow
from kg.store.index.layout import FORMAT
from kg.store.index.lists import BACK, FACET, NODE, PLACE, TOTAL, Parts, parts
from kg.store.index.sql import Sql
from kg.store.index.wanted import After, Cut, Facet, Found, Wanted
from kg.store.index.watch import UNWATCHED, DeadlineError, Watch, rows_of

REMEMBERED = 512


class Index:
    """One index file. It never changes, so what was counted once is remembered. Safe for several threads."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection] | None,
        generation: str,
        *,
        held: int | None = None,
        idle: Iterable[sqlite3.Connection] = (),
    ) -> None:
        """``connect`` makes one more connection; without it readers wait for one that is ``idle``."""
        if held is not None:
            # The descriptor whose lock keeps the writer from using the file again: for as long as this is in use.
            weakref.finalize(self, os.close, held)
        self._connect = connect
        self.generation = generation
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        for database in idle:
            self._idle.put(database)
        self._remembered: OrderedDict[tuple[Any, ...], Found] = OrderedDict()
        with self.lease() as database:
            self._properties = dict(database.execute("SELECT name, id FROM property"))
            self._names = {number: name for name, number in self._properties.items()}

    @contextmanager
    def lease(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; its prepared statements stay warm for the next."""
        try:
            database = self._idle.get(block=self._connect is None)
        except queue.Empty:
            assert self._connect is not None
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
        facets: tuple[Facet, ...] = (),
        watch: Watch = UNWATCHED,
    ) -> Found:
        """Return ``first`` + 1 places of each parent (of 0 when there is no relation) and the nodes that they lead to.

        One read. With ``count`` the totals as well, and the commonest values of ``facets``.
        """
        return self.read("page", wanted, Cut(first, after, count, facets), parents, tree, watch)

    def count(self, wanted: Wanted, parents: Sequence[int] = (), *, watch: Watch = UNWATCHED) -> dict[int, int]:
        """Return how many nodes there are in all, by parent (of 0 when there is no relation)."""
        return self.read("count", wanted, Cut(count=True), parents, NOTHING, watch).totals

    def facet(
        self, wanted: Wanted, name: str, first: int, parents: Sequence[int] = (), *, watch: Watch = UNWATCHED
    ) -> Found:
        """Return the ``first`` commonest values of a facet with their counts under the condition, by parent.

        A facet that is a relation has ids for values, and their nodes come with them.
        """
        return self.read("facet", wanted, Cut(facets=((name, first),)), parents, NOTHING, watch)

    def read(self, what: str, wanted: Wanted, cut: Cut, parents: Sequence[int], tree: Tree, watch: Watch) -> Found:
        """Return what is asked of a list. One read, which leaves out what was counted before."""
        known = Found() if wanted.relation is not None else self._recall(wanted, cut)
        cut = replace(
            cut,
            count=cut.count and not known.totals,
            facets=tuple(facet for facet in cut.facets if facet not in known.facets),
        )
        if cut.first is None and not cut.count and not cut.facets:
            return known
        sql = Sql()
        made = parts(wanted, cut, parents, sql)
        starts = [("page", tree)] if cut.first is not None else []
        nodes = [f"f{number}" for number, (name, _) in enumerate(cut.facets) if name in wanted.kind.relations]
        follow(made, starts + [(name, NOTHING) for name in nodes], self._properties)
        found = self._run(what, made, sql, watch, cut.facets)
        for places in found.places.values():
            # SQL does not promise to hand on the order of what it joins.
            places.sort(key=lambda place: found.iris[place[0]])
            places.sort(key=lambda place: place[1], reverse=wanted.descending)
        for (name, first), counted in found.facets.items():
            for values in counted.values():
                by_iri = name in wanted.kind.relations
                values.sort(key=lambda value: (-value[1], found.iris[value[0]] if by_iri else value[0]))
                del values[first:]
        if wanted.relation is None:
            self._remember(wanted, cut, found)
        found.iris.update(known.iris)
        found.nodes.update(known.nodes)
        found.totals.update(known.totals)
        found.facets.update(known.facets)
        return found

    def _recall(self, wanted: Wanted, cut: Cut) -> Found:
        """Return what is asked for and was counted before."""
        known = Found()
        asked: list[Facet | None] = [None] if cut.count else []
        for what in [*asked, *cut.facets]:
            one = self._remembered.get((wanted.kind, wanted.condition, what))
            if one is not None:
                known.totals.update(one.totals)
                known.facets.update(one.facets)
                known.iris.update(one.iris)
                known.nodes.update(one.nodes)
        return known

    def _remember(self, wanted: Wanted, cut: Cut, found: Found) -> None:
        if cut.count:
            self._remembered[wanted.kind, wanted.condition, None] = Found(totals=dict(found.totals))
        for facet in cut.facets:
            counted = found.facets.setdefault(facet, {})
            keys = [key for values in counted.values() for key, _ in values if key in found.nodes]
            self._remembered[wanted.kind, wanted.condition, facet] = Found(
                facets={facet: counted},
                iris={key: found.iris[key] for key in keys},
                nodes={key: found.nodes[key] for key in keys},
            )
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    # --- nodes

    def hydrate(self, ids: Sequence[int], tree: Tree = NOTHING, *, watch: Watch = UNWATCHED) -> Found:
        """Return these nodes with all that the steps lead to. One read."""
        sql = Sql()
        return self._nodes("nodes", f"SELECT value FROM {sql.numbers(ids)}", tree, sql, watch)

    def look_up(self, iris: Sequence[str], tree: Tree = NOTHING, *, watch: Watch = UNWATCHED) -> Found:
        """Return the nodes of these IRIs, as :meth:`hydrate`."""
        sql = Sql()
        chosen = f"SELECT id FROM node WHERE iri IN {sql.listed(tuple(iris))}"
        return self._nodes("look up", chosen, tree, sql, watch)

    def texts(self, ids: Sequence[int], *, watch: Watch = UNWATCHED) -> dict[int, str]:
        sql = Sql()
        query = f"SELECT id, text FROM edition_text WHERE id IN (SELECT value FROM {sql.numbers(ids)})"
        with self.lease() as database:
            return dict(rows_of(database, "texts", query, sql.parameters, watch))

    def _nodes(self, what: str, chosen: str, tree: Tree, sql: Sql, watch: Watch) -> Found:
        made = Parts([f"chosen (id) AS MATERIALIZED ({chosen})"], [])
        follow(made, [("chosen", tree)], self._properties)
        return self._run(what, made, sql, watch)

    def _run(self, what: str, made: Parts, sql: Sql, watch: Watch, facets: tuple[Facet, ...] = ()) -> Found:
        text = f"WITH {', '.join(made.sources)} {' UNION ALL '.join(made.tail)}" if made.sources else made.tail[0]
        with self.lease() as database:
            rows = rows_of(database, what, text, sql.parameters, watch)
        found = Found()
        places, iris, nodes, back = found.places, found.iris, found.nodes, found.back
        loads, names = orjson.loads, self._names
        for tells, a, b, c in rows:
            if tells == NODE:
                iris[a] = b
                nodes[a] = loads(c) if c is not None else {}
            elif tells == PLACE:
                places.setdefault(a, []).append((b, c))
            elif tells == BACK:
                pointing = back.setdefault((names[b], a), [])
                if c is not None and c not in pointing:
                    pointing.append(c)
            elif tells == TOTAL:
                found.totals[a] = b
            else:
                found.facets.setdefault(facets[tells - FACET], {}).setdefault(a, []).append((b, c))
        return found


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
    """Return an index over a database in memory; its readers take turns."""
    # Building sets MEMORY, with which SQLite groups the rows of a facet five times as slowly (3.40).
    database.execute("PRAGMA temp_store=DEFAULT")
    return Index(None, generation, idle=[database])


__all__ = [
    "NOTHING",
    "After",
    "Cut",
    "DeadlineError",
    "Facet",
    "Found",
    "Index",
    "Tree",
    "Wanted",
    "Watch",
    "open_index",
    "share",
]
