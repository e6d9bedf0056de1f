"""A condition on the nodes of a kind enters; SQL over the index's tables and its parameters leave.

The text depends on the shape of a condition only, never on its values, so SQLite prepares it once.
"""

from __future__ import annotations

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
from kg.store.index.definitions import KINDS, Kind
from kg.store.index.layout import column, side, words


@dataclass(slots=True)
class Sql:
    """SQL in the making: parameters in the order of their marks; each table gets an alias of its own."""

    parameters: list[Any] = field(default_factory=list)
    _aliases: int = 0

    def alias(self) -> str:
        self._aliases += 1
        return f"x{self._aliases}"

    def mark(self, value: Any) -> str:
        self.parameters.append(value)
        return "?"

    def listed(self, values: tuple[Any, ...]) -> str:
        """Return what stands behind IN for these values."""
        return f"(SELECT value FROM json_each({self.mark(orjson.dumps(values).decode())}))"


def match(wanted: tuple[str, ...]) -> str:
    """Return the FTS5 expression that all of these words meet. The index holds texts in small letters."""
    return " AND ".join('"' + word.lower().replace('"', '""') + '"' for word in wanted)


def where(condition: Condition, kind: Kind, table: str, sql: Sql) -> str:
    """Return a boolean expression on the row of ``table``, an alias of the kind's table."""
    match condition:
        case All(parts):
            return f"({' AND '.join(where(part, kind, table, sql) for part in parts)})" if parts else "1"
        case AnyOf(parts):
            return f"({' OR '.join(where(part, kind, table, sql) for part in parts)})" if parts else "0"
        case Not(part):
            # A comparison with nothing is neither true nor false; what is not true is false here, as in SPARQL.
            return f"(NOT coalesce({where(part, kind, table, sql)}, 0))"
        case Ids(iris):
            return f"{table}.id IN {nodes(iris, sql)}"
        case OneOf(name, values):
            plain = tuple(int(value) if isinstance(value, bool) else value for value in values)
            if not kind.columns[name].many:
                return f"{table}.{column(name)} IN {sql.listed(plain)}"
            x = sql.alias()
            return (
                f"{table}.rank IN (SELECT {x}.rank FROM {side(kind, name)} {x} WHERE {x}.value IN {sql.listed(plain)})"
            )
        case Range(name, low, high):
            bounds = [
                f"{table}.{column(name)} {sign} {sql.mark(bound)}"
                for sign, bound in ((">=", low), ("<=", high))
                if bound is not None
            ]
            return f"({' AND '.join([f'{table}.{column(name)} IS NOT NULL', *bounds])})"
        case Overlap(name, first, last, exactly):
            x = sql.alias()
            tests = []
            if exactly:
                tests += [f"{x}.first = {sql.mark(str(first))}", f"{x}.last = {sql.mark(str(last))}"]
            else:
                if last is not None:
                    tests.append(f"({x}.first IS NULL OR {x}.first <= {sql.mark(str(last))})")
                if first is not None:
                    tests.append(f"({x}.last IS NULL OR {x}.last >= {sql.mark(str(first))})")
            tests.insert(0, f"{x}.rank = {table}.rank")
            return f"EXISTS (SELECT 1 FROM {side(kind, name)} {x} WHERE {' AND '.join(tests)})"
        case Contains(name, part):
            x = sql.alias()
            return (
                f"EXISTS (SELECT 1 FROM {side(kind, name)} {x} WHERE {x}.rank = {table}.rank "
                f"AND instr({x}.folded, {sql.mark(part.lower())}))"
            )
        case Search(wanted):
            if not wanted:
                return "0"
            name = words(kind)
            return f"{table}.rank IN (SELECT rowid FROM {name} WHERE {name} MATCH {sql.mark(match(wanted))})"
        case Related():
            x = sql.alias()
            return f"{table}.rank IN (SELECT {x}.rank FROM {related(condition, kind, x, sql)})"


def related(condition: Related, kind: Kind, x: str, sql: Sql) -> str:
    """Return FROM and WHERE of the ranks that a relation ties to what is wanted."""
    tests = []
    if condition.iris is not None:
        tests.append(f"{x}.o IN {nodes(condition.iris, sql)}")
    if condition.where is not None:
        target, y = KINDS[kind.relations[condition.relation].target], sql.alias()
        inner = where(condition.where, target, y, sql)
        tests.append(f"{x}.o IN (SELECT {y}.id FROM {target.name} {y} WHERE {inner})")
    return f"{side(kind, condition.relation)} {x}" + (f" WHERE {' AND '.join(tests)}" if tests else "")


def nodes(iris: tuple[str, ...], sql: Sql) -> str:
    return f"(SELECT node.id FROM node WHERE node.iri IN {sql.listed(iris)})"
