"""A condition on the nodes of a kind enters; SQL over the index's tables and its parameters leave.

The text depends on the shape of a condition only, never on its values, so SQLite prepares it once. A condition is
written in one of two ways. As a *set* it is worked out once, from its smallest side, and each row is looked up in the
result. Asked of *each* row it costs nothing before the first row: right where few rows are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from kg.store.index.conditions import (
    All,
    AnyOf,
    Condition,
    Contains,
    Ids,
    Not,
    OneOf,
    Overlap,
    Range,
    Related,
    Search,
)
from kg.store.index.definitions import KINDS, LINK, RELATION, STATEMENT, Kind
from kg.store.index.layout import by_first, column, side, wide, words

#: Kinds whose nodes are tied to few others each: only there is a tie followed from each row. Of one event thousands of
#: statements may speak.
_TIED_TO_FEW = frozenset(kind.name for kind in (STATEMENT, RELATION, LINK))
_NARROWING = Ids | OneOf | Overlap | Related | Search


@dataclass(slots=True)
class Sql:
    """SQL in the making: numbered parameters, and an alias for each table."""

    parameters: list[Any] = field(default_factory=list)
    _aliases: int = 0

    def alias(self) -> str:
        self._aliases += 1
        return f"x{self._aliases}"

    def mark(self, value: Any) -> str:
        self.parameters.append(value)
        return f"?{len(self.parameters)}"

    def listed(self, values: tuple[Any, ...]) -> str:
        """Return what stands behind IN for these values."""
        return f"(SELECT value FROM json_each({self.mark(orjson.dumps(values).decode())}))"

    def numbers(self, values: Sequence[int]) -> str:
        """Return a table of these numbers: key, in their order, and value."""
        return f"json_each({self.mark(orjson.dumps(list(values)).decode())})"


def match(wanted: tuple[str, ...]) -> str:
    """Return the FTS5 expression that all of these words meet. The index holds texts in small letters."""
    return " AND ".join('"' + word.lower().replace('"', '""') + '"' for word in wanted)


def of_row(condition: Condition, kind: Kind) -> bool:
    """Tell whether a condition looks at columns of the row only, so that there is nothing to work out beforehand."""
    match condition:
        case All(parts) | AnyOf(parts):
            return all(of_row(part, kind) for part in parts)
        case Not(part):
            return of_row(part, kind)
        case OneOf(name):
            return not kind.columns[name].many
        case _:
            return isinstance(condition, Ids | Range)


def where(condition: Condition, kind: Kind, table: str, sql: Sql, *, each: bool = False) -> str:
    """Return a boolean expression on the row of ``table``, an alias of the kind's table."""
    # A sign before a column keeps SQLite from leaving the order for that column's index.
    walk = "+" if each else ""
    match condition:
        case All(parts):
            # A part of a text is looked for in all texts, or only in those that the others leave.
            narrowed = any(isinstance(part, _NARROWING) for part in parts)
            tests = [
                where(part, kind, table, sql, each=each or (narrowed and isinstance(part, Contains))) for part in parts
            ]
            return f"({' AND '.join(tests)})" if parts else "1"
        case AnyOf(parts):
            tests = [where(part, kind, table, sql, each=each) for part in parts]
            return f"({' OR '.join(tests)})" if parts else "0"
        case Not(part):
            # A comparison with nothing is neither true nor false; what is not true is false here, as in SPARQL.
            return f"(NOT coalesce({where(part, kind, table, sql, each=each)}, 0))"
        case Ids(iris):
            return f"{table}.id IN {nodes(iris, sql)}"
        case OneOf(name, values):
            plain = tuple(int(value) if isinstance(value, bool) else value for value in values)
            if not kind.columns[name].many:
                return f"{walk}{table}.{column(name)} IN {sql.listed(plain)}"
            return _tied(kind, name, table, sql.alias(), f"{{x}}.value IN {sql.listed(plain)}", each)
        case Range(name, low, high):
            bounds = [
                f"{walk}{table}.{column(name)} {sign} {sql.mark(bound)}"
                for sign, bound in ((">=", low), ("<=", high))
                if bound is not None
            ]
            return f"({' AND '.join([f'{table}.{column(name)} IS NOT NULL', *bounds])})"
        case Overlap():
            return _overlap(condition, kind, table, sql, each)
        case Contains(name, part):
            return _tied(kind, name, table, sql.alias(), f"instr({{x}}.folded, {sql.mark(part.lower())})", each)
        case Search(wanted):
            if not wanted:
                return "0"
            name = words(kind)
            found = f"FROM {name} WHERE {name} MATCH {sql.mark(match(wanted))}"
            if each:
                return f"EXISTS (SELECT 1 {found} AND rowid = {table}.rank)"
            return f"{table}.rank IN (SELECT rowid {found})"
        case Related():
            return _related(condition, kind, table, sql, each and kind.name in _TIED_TO_FEW)


def _tied(kind: Kind, name: str, table: str, x: str, test: str, each: bool) -> str:
    """Return that a row of a side table, {x} in the test, belongs to the row."""
    test = test.replace("{x}", x)
    if each:
        return f"EXISTS (SELECT 1 FROM {side(kind, name)} {x} WHERE {x}.rank = {table}.rank AND {test})"
    return f"{table}.rank IN (SELECT {x}.rank FROM {side(kind, name)} {x} WHERE {test})"


def _related(condition: Related, kind: Kind, table: str, sql: Sql, each: bool) -> str:
    """Return that a relation ties the row to what is wanted."""
    x, tests = sql.alias(), []
    if condition.iris is not None:
        tests.append(f"{{x}}.o IN {nodes(condition.iris, sql)}")
    if condition.where is not None:
        target, y = KINDS[kind.relations[condition.relation].target], sql.alias()
        inner = where(condition.where, target, y, sql, each=each)
        if each:
            tests.append(f"EXISTS (SELECT 1 FROM {target.name} {y} WHERE {y}.id = {{x}}.o AND {inner})")
        else:
            tests.append(f"{{x}}.o IN (SELECT {y}.id FROM {target.name} {y} WHERE {inner})")
    return _tied(kind, condition.relation, table, x, " AND ".join(tests) or "1", each)


def _overlap(wanted: Overlap, kind: Kind, table: str, sql: Sql, each: bool) -> str:
    """Return that a span of the row overlaps the days that are wanted.

    As a set it is ranges of two indices: of the spans that begin inside or nowhere, and, among those that are longer
    than a day or open, of those that begin before and reach in.
    """
    x = sql.alias()
    low = sql.mark(str(wanted.first)) if wanted.first is not None else None
    high = sql.mark(str(wanted.last)) if wanted.last is not None else None
    if wanted.exactly:
        return _tied(kind, wanted.span, table, x, f"{{x}}.first = {low} AND {{x}}.last = {high}", each)
    reaches = f"({x}.last IS NULL OR {x}.last >= {low})" if low else "1"
    begins = f"({x}.first IS NULL OR {x}.first <= {high})" if high else "1"
    if each:
        return _tied(kind, wanted.span, table, x, f"{begins} AND {reaches}", each)
    name, first, last = side(kind, wanted.span), by_first(kind, wanted.span), wide(kind, wanted.span)
    inside = " AND ".join([f"{x}.first >= {low}"] * bool(low) + [f"{x}.first <= {high}"] * bool(high)) or "1"
    ranges = [f"{first} WHERE {inside} AND {reaches}", f"{first} WHERE {x}.first IS NULL AND {reaches}"]
    if low:
        before = f"{last} WHERE {x}.last IS NOT {x}.first AND {x}.first < {low} AND {begins}"
        ranges += [f"{before} AND {x}.last >= {low}", f"{before} AND {x}.last IS NULL"]
    found = " UNION ALL ".join(f"SELECT {x}.rank FROM {name} {x} INDEXED BY {one}" for one in ranges)
    return f"{table}.rank IN ({found})"


def nodes(iris: tuple[str, ...], sql: Sql) -> str:
    return f"(SELECT node.id FROM node WHERE node.iri IN {sql.listed(iris)})"
