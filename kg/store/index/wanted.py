"""What is asked of an index, and what it answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kg.store.index.conditions import ALWAYS, Condition
from kg.store.index.definitions import Kind

Facet = tuple[str, int]
"""The name of a facet, and how many values of it are wanted."""


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

    @property
    def usual(self) -> bool:
        return self.order == self.kind.usual

    @property
    def descending(self) -> bool:
        return self.kind.orders[self.order].descending


@dataclass(frozen=True, slots=True)
class Cut:
    """What is asked of a list: ``first`` places (None: no page) behind a place, the total, and facets."""

    first: int | None = None
    after: After | None = None
    count: bool = False
    facets: tuple[Facet, ...] = ()


#: What stands for a node inside one request: its number here; its IRI where SPARQL answers.
Key = Any


@dataclass(slots=True)
class Found:
    """What one read brought: places by parent, nodes with their properties, nodes that point at a node, and counts."""

    places: dict[Key, list[tuple[Any, Any]]] = field(default_factory=dict)
    iris: dict[Key, str] = field(default_factory=dict)
    nodes: dict[Key, dict[str, list[Any]]] = field(default_factory=dict)
    back: dict[tuple[str, Key], list[Key]] = field(default_factory=dict)
    totals: dict[Key, int] = field(default_factory=dict)
    #: The commonest values of a facet with their counts, by parent.
    facets: dict[Facet, dict[Key, list[tuple[Any, int]]]] = field(default_factory=dict)
