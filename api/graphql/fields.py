"""How a field is declared: what it reads of its node, and along which properties it goes on.

The compiler reads these marks to fetch ahead; a resolver that has none is still answered rightly. A way is written as
the properties' names joined by "/"; "^" goes backwards, "?" behind a name means that the step may be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import strawberry

from api.graphql.loader import as_text
from api.graphql.rows import date_of, enum_of

Steps = dict[tuple[str, bool], Any]


@dataclass(frozen=True, slots=True)
class Step:
    predicate: str
    backwards: bool
    optional: bool


Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What the compiler knows of a field: ``plain`` reads one property of the node (its second function
    as JSON, for a field that may be null); ``follows`` lead to the nodes that
    the field's own selection is about, ``needs`` to what its resolver reads on the way; ``listing`` makes it a
    connection, ``facet`` the counts of a column or relation; ``ahead`` reads for many nodes at once, with the steps to
    go on from there; ``cost`` weighs it."""

    plain: tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None] | None = None
    follows: tuple[Way, ...] = ()
    needs: tuple[Way, ...] = ()
    listing: Any = None
    facet: str | None = None
    ahead: Callable[[Any, Any, Any], None] | None = None
    cost: int = 1


NO_MARKS = Marks()


def marks_of(resolver: Any) -> Marks:
    found = getattr(resolver, "__marks__", NO_MARKS)
    assert isinstance(found, Marks)
    return found


def way(text: str) -> Way:
    """Read a way: "speaker/identifiedAs?", "^identifiedAs?/publisher"."""
    steps = []
    for part in text.split("/"):
        name = part.strip("^?")
        steps.append(Step(name, part.startswith("^"), part.endswith("?")))
    return tuple(steps)


def attach(tree: Steps, steps: Way, further: Mapping[tuple[str, bool], Any]) -> None:
    """Add a way to a tree of steps, and at its end what goes on from there."""
    if not steps:
        merge(tree, further)
        return
    first, *rest = steps
    attach(tree.setdefault((first.predicate, first.backwards), {}), tuple(rest), further)
    if first.optional:
        attach(tree, tuple(rest), further)


def merge(tree: Steps, other: Mapping[tuple[str, bool], Any]) -> None:
    for step, further in other.items():
        merge(tree.setdefault(step, {}), further)


def field(
    *,
    follows: Iterable[str] = (),
    needs: Iterable[str] = (),
    description: str | None = None,
    name: str | None = None,
    cost: int = 1,
    ahead: Callable[[Any, Any, Any], None] | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """Make a method a field."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        marks = Marks(follows=tuple(map(way, follows)), needs=tuple(map(way, needs)), ahead=ahead, cost=cost)
        resolver.__marks__ = marks  # type: ignore[attr-defined]
        return strawberry.field(resolver, description=description, name=name)

    return decorate


def _plain(
    predicate: str,
    read: Callable[[Any], Any],
    description: str | None,
    name: str | None,
    written: Callable[[Any], Any] | None = None,
) -> Any:
    def resolver(self: Any) -> Any:
        found = self.row.all(predicate)
        return read(found[0] if found else None)

    del resolver.__annotations__["self"], resolver.__annotations__["return"]
    resolver.__marks__ = Marks(plain=(predicate, read, written))  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolver, description=description, name=name)


def text_of(
    predicate: str, *, default: str | None = None, description: str | None = None, name: str | None = None
) -> Any:
    """Return a field that is the text of a property."""
    return _plain(
        predicate,
        lambda value: value if type(value) is str else default if value is None else as_text(value),
        description,
        name,
    )


def integer_of(predicate: str, *, default: int | None = None, description: str | None = None) -> Any:
    return _plain(predicate, lambda value: value if type(value) is int else default, description, None)


def decimal_of(predicate: str, *, description: str | None = None) -> Any:
    return _plain(predicate, lambda value: float(value) if isinstance(value, int | float) else None, description, None)


def flag_of(predicate: str, *, description: str | None = None) -> Any:
    return _plain(predicate, lambda value: value is True, description, None)


def day_of(predicate: str, *, description: str | None = None) -> Any:
    def read(value: Any) -> date | None:
        return date_of(value) if type(value) is str else None

    def written(value: Any) -> str | None:
        return found.isoformat() if (found := read(value)) is not None else None

    return _plain(predicate, read, description, None, written)


def concept_of(kind: Any, predicate: str, *, description: str | None = None) -> Any:
    """Return a field that is a concept, as a member of an enum."""
    known: dict[Any, Enum | None] = {}

    def read(value: Any) -> Any:
        if value not in known:
            known[value] = enum_of(kind, as_text(value))
        return known[value]

    names = {member.value: member.name for member in kind}
    return _plain(predicate, read, description, None, lambda value: names.get(as_text(value)))
