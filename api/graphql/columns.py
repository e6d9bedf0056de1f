"""The values of one field for all rows of a level enter; what of JSON they become leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from enum import Enum
from typing import Any

from api.graphql.scalars import write_cursor

Column = list[Any]
#: Takes values and the run of the plan that they are of.
Complete = Callable[[Column, Any], Column]


class Leave(Exception):  # noqa: N818  it is no error: ordinary execution goes on
    """The plan can't answer this; ordinary execution can."""


def rows_maker(keys: Sequence[str]) -> Callable[[Sequence[Column]], Column]:
    """Return what makes columns objects with these keys: as Python source, which is three times as fast as dict(zip).

    The keys are names or aliases of a validated document: letters, digits and underscores, nothing else.
    """
    assert all(key.isidentifier() for key in keys)
    names = "".join(f"v{number}, " for number in range(len(keys)))
    pairs = ", ".join(f"{key!r}: v{number}" for number, key in enumerate(keys))
    if not keys:
        return lambda columns: []
    made: Callable[[Sequence[Column]], Column] = eval(f"lambda columns: [{{{pairs}}} for {names} in zip(*columns)]")
    return made


def not_null(complete: Complete) -> Complete:
    def check(values: Column, run: Any) -> Column:
        if None in values:
            raise Leave
        return complete(values, run)

    return check


def each(complete: Complete) -> Complete:
    def lists(values: Column, run: Any) -> Column:
        flat = iter(complete([item for value in values if value is not None for item in value], run))
        return [None if value is None else [next(flat) for _ in value] for value in values]

    return lists


def _as_they_are(values: Column, run: Any) -> Column:
    return values


def _enums(values: Column, run: Any) -> Column:
    return [value.name if isinstance(value, Enum) else value for value in values]


def _dates(values: Column, run: Any) -> Column:
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _cursors(values: Column, run: Any) -> Column:
    return [write_cursor(value) if value is not None else None for value in values]


_LEAVES: dict[str, Complete] = {
    "String": _as_they_are,
    "ID": _as_they_are,
    "Int": _as_they_are,
    "Float": _as_they_are,
    "Boolean": _as_they_are,
    "Date": _dates,
    "Cursor": _cursors,
}


def leaf(name: str) -> Complete:
    """Return what makes JSON of a scalar of this name, or of an enum."""
    return _LEAVES.get(name, _enums)
