"""Conditions on the nodes of a kind, as plain values: a filter becomes them, SQL or SPARQL is made from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

Scalar = str | int | float


@dataclass(frozen=True, slots=True)
class All:
    """Each of these holds; of none, always."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these holds; of none, never."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Ids:
    """The node is one of these IRIs."""

    iris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A column has one of these values."""

    column: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A number is at least ``low`` and at most ``high``."""

    column: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """A span of days overlaps [first, last], both included; an end that is not known is open. With ``exactly`` the
    span is these days and no others."""

    span: str
    first: date | None
    last: date | None
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """A text contains this; case is ignored."""

    text: str
    part: str


@dataclass(frozen=True, slots=True)
class Search:
    """The node's text has all these words, whole and in any order; case is ignored."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """The node is tied to a node of these IRIs (None: of any) that meets ``where``."""

    relation: str
    iris: tuple[str, ...] | None = None
    where: Condition | None = None


Condition = All | AnyOf | Not | Ids | OneOf | Range | Overlap | Contains | Search | Related
ALWAYS = All()


def words_of(text: str) -> tuple[str, ...]:
    """Cut a search into words: runs of letters and digits, as the index cuts texts."""
    cut = "".join(c if c.isalnum() else " " for c in text)
    return tuple(dict.fromkeys(cut.split()))


def size(condition: Condition) -> int:
    """Return how many conditions there are in a condition."""
    return sum(1 for _ in walk(condition))


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and all inside it."""
    yield condition
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case Related(where=inner) if inner is not None:
            yield from walk(inner)
