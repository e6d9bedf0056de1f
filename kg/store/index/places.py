"""Nodes of a kind with their sort keys enter; ranks between those of the nodes that stand there already leave.

Ranks grow in the usual order and leave room: a node that comes takes the middle of the gap that it falls into. Where
there is no room left the nodes around it move apart, twice as many each time that this is not enough.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kg.store.index.definitions import Kind
from kg.store.index.layout import key

#: Between the ranks of neighbours in an index that was just built.
GAP = 1 << 16
#: The first rank: there is room for as many gaps before it, and every rank has as many bytes.
FIRST = 1 << 40
#: Nodes that move first when there is no room.
WINDOW = 64


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a node stands."""

    rank: int
    key: Any
    iri: str


def settle(
    database: sqlite3.Connection, kind: Kind, new: Sequence[tuple[Any, str]], kept: Sequence[Spot]
) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Return the ranks of nodes that came, given as (key, IRI) in the usual order, and of nodes that have to move for
    them; and those that moved, with the ranks that they had.

    ``kept`` are nodes, in order, whose rows are not in the table for now and whose ranks are theirs all the same.
    """
    found: dict[str, int] = {}
    moved: list[tuple[str, int]] = []
    table = _Table(database, kind, list(kept))
    at = 0
    while at < len(new):
        before, behind = table.around(new[at])
        end = at + 1
        # Those that fall into the same gap share it.
        while end < len(new) and (behind is None or table.precedes(new[end], behind)):
            end += 1
        run = new[at:end]
        low = before.rank if before else None
        high = behind.rank if behind else None
        if low is not None and high is not None and high - low <= len(run):
            low, high, run = _widen(table, before, behind, list(run), moved)
        found.update(_spread(run, low, high))
        at = end
        # What moved stands in the way of the next ones as it stands now.
        table.put(Spot(found[iri], k, iri) for k, iri in run)
    return found, moved


def _spread(run: Sequence[tuple[Any, str]], low: int | None, high: int | None) -> dict[str, int]:
    if low is None and high is None:
        low = FIRST - GAP
    if low is None:
        assert high is not None
        low = high - GAP * (len(run) + 1)
    if high is None:
        high = low + GAP * (len(run) + 1)
    step = (high - low) // (len(run) + 1)
    return {iri: low + step * (place + 1) for place, (_, iri) in enumerate(run)}


def _widen(
    table: _Table, before: Spot | None, behind: Spot | None, run: list[tuple[Any, str]], moved: list[tuple[str, int]]
) -> tuple[int | None, int | None, list[tuple[Any, str]]]:
    """Take neighbours into a run until there is room for all; returns its new borders and the run."""
    size = WINDOW
    while True:
        left = table.neighbours(before, size, backwards=True) if before else []
        right = table.neighbours(behind, size, backwards=False) if behind else []
        low = left[0].rank if len(left) > size else None
        high = right[-1].rank if len(right) > size else None
        inner = [*(left[1:] if low is not None else left), *(right[:-1] if high is not None else right)]
        if low is None or high is None or (high - low) // (len(inner) + len(run) + 1) >= 256:
            whole = sorted(inner, key=lambda spot: spot.rank)
            first = [(spot.key, spot.iri) for spot in whole if before is not None and spot.rank <= before.rank]
            last = [(spot.key, spot.iri) for spot in whole if before is None or spot.rank > before.rank]
            moved += [(spot.iri, spot.rank) for spot in whole]
            table.drop(whole)
            return low, high, [*first, *run, *last]
        size *= 2


class _Table:
    """The nodes of a kind that stand there: rows of its table, and spots that are kept apart."""

    def __init__(self, database: sqlite3.Connection, kind: Kind, apart: list[Spot]) -> None:
        self._database = database
        self._kind = kind
        self._apart = apart
        self._gone: set[str] = set()
        self._descending = kind.orders[kind.usual].descending

    def precedes(self, one: tuple[Any, str], other: Spot) -> bool:
        if one[0] == other.key:
            return one[1] < other.iri
        return bool(one[0] > other.key) if self._descending else bool(one[0] < other.key)

    def put(self, spots: Iterable[Spot]) -> None:
        self._apart = sorted([*self._apart, *spots], key=lambda spot: spot.rank)

    def drop(self, spots: Sequence[Spot]) -> None:
        names = {spot.iri for spot in spots}
        self._gone |= names
        self._apart = [spot for spot in self._apart if spot.iri not in names]

    def around(self, one: tuple[Any, str]) -> tuple[Spot | None, Spot | None]:
        """Return the neighbours of a place."""
        k, name = key(self._kind.usual), self._kind.name
        sign, way = ("<", "DESC") if self._descending else (">", "ASC")
        behind = self._first(
            (f"SELECT rank, {k}, iri FROM {name} WHERE {k} = ? AND iri > ? ORDER BY iri", list(one)),
            (f"SELECT rank, {k}, iri FROM {name} WHERE {k} {sign} ? ORDER BY {k} {way}, iri", [one[0]]),
        )
        sign, way = (">", "ASC") if self._descending else ("<", "DESC")
        before = self._first(
            (f"SELECT rank, {k}, iri FROM {name} WHERE {k} = ? AND iri < ? ORDER BY iri DESC", list(one)),
            (f"SELECT rank, {k}, iri FROM {name} WHERE {k} {sign} ? ORDER BY {k} {way}, iri DESC", [one[0]]),
        )
        for spot in self._apart:
            if self.precedes(one, spot):
                if behind is None or spot.rank < behind.rank:
                    behind = spot
            elif before is None or spot.rank > before.rank:
                before = spot
        return before, behind

    def neighbours(self, start: Spot, size: int, *, backwards: bool) -> list[Spot]:
        """Return up to ``size`` + 1 spots from one on, in the order of their ranks."""
        sign, way = ("<=", "DESC") if backwards else (">=", "ASC")
        rows = self._database.execute(
            f"SELECT rank, {key(self._kind.usual)}, iri FROM {self._kind.name} WHERE rank {sign} ? "
            f"ORDER BY rank {way} LIMIT ?",
            [start.rank, size + 1 + len(self._gone)],
        )
        spots = [spot for row in rows if (spot := Spot(*row)).iri not in self._gone]
        ranks = [spot.rank for spot in self._apart]
        at = bisect_left(ranks, start.rank + backwards)
        spots += self._apart[max(0, at - size - 1) : at] if backwards else self._apart[at : at + size + 1]
        spots.sort(key=lambda spot: spot.rank)
        return spots[-size - 1 :] if backwards else spots[: size + 1]

    def _first(self, *queries: tuple[str, list[Any]]) -> Spot | None:
        for text, parameters in queries:
            for row in self._database.execute(text, parameters):
                if row[2] not in self._gone:
                    return Spot(*row)
        return None
