"""Values of a connection's nodes, counted under the same filter."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from api.graphql.fields import field
from api.graphql.listing import facet_of
from api.graphql.loader import Row
from api.graphql.scalars import (
    LARGEST,
    Act,
    Basis,
    Certainty,
    EventKind,
    EventStatus,
    Mode,
    Polarity,
    RelationKind,
    SourceKind,
    Stance,
    bad_input,
)
from api.graphql.types.base import Connection, Node

FirstBuckets = Annotated[int, strawberry.argument(description=f"How many values, 1 to {LARGEST}; the commonest first.")]


@strawberry.type(description="A value and how many nodes of the connection have it.")
class FacetBucket:
    value: str = strawberry.field(description="What a filter takes: a name of the enum, a text, or an IRI.")
    label: str | None
    count: int
    node: Node | None = strawberry.field(description="The node, when the value is one.")


@strawberry.type
class Facets:
    on: strawberry.Private[Connection[Any]]

    def buckets(self, name: str, first: int, kind: Any = None) -> list[FacetBucket]:
        """Return the buckets of a facet: of an enum when there is one, else of nodes or plain values."""
        if not 1 <= first <= LARGEST:
            raise bad_input(f"first is {first}; a facet has 1 to {LARGEST} values", "first")
        on = self.on
        found = facet_of(on.loader, on.asked, on.parent, name, first)
        if name in on.asked.listing.kind.relations:
            return [_of_node(Row(key, on.loader), count) for key, count in found]
        if kind is None:
            return [FacetBucket(value=str(value), label=str(value), count=n, node=None) for value, n in found]
        names = {member.value: member.name for member in kind}
        return [
            FacetBucket(value=names[value], label=str(value), count=n, node=None)
            for value, n in found
            if value in names
        ]

    def flags(self, name: str, first: int) -> list[FacetBucket]:
        return [
            FacetBucket(value="true" if bucket.value == "1" else "false", label=None, count=bucket.count, node=None)
            for bucket in self.buckets(name, first)
        ]


def _of_node(row: Row, count: int) -> FacetBucket:
    from api.graphql.types.nodes import as_node  # it needs all types, and those of connections need facets

    label = row.text("name", "label", "title")
    return FacetBucket(value=row.iri, label=label, count=count, node=as_node(row))


@strawberry.type(description="What the statements have in common.")
class StatementFacets(Facets):
    @field(cost=2)
    def act(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("act", first, Act)

    @field(cost=2)
    def mode(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("mode", first, Mode)

    @field(cost=2)
    def polarity(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("polarity", first, Polarity)

    @field(cost=2)
    def certainty(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("certainty", first, Certainty)

    @field(cost=2)
    def stance(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("stance", first, Stance)

    @field(cost=2)
    def speaker(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("speaker", first)

    @field(cost=2)
    def root(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("root", first)

    @field(cost=2)
    def outlet(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("outlet", first)

    @field(cost=2)
    def event(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("event", first)

    @field(cost=2)
    def claim(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("claim", first)


@strawberry.type(description="What the sources have in common. A source of a special kind is of the wider one too.")
class SourceFacets(Facets):
    @field(cost=2)
    def kind(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("class", first, SourceKind)

    @field(cost=2)
    def unnamed(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.flags("unnamed", first)


@strawberry.type(description="What the events have in common.")
class EventFacets(Facets):
    @field(cost=2)
    def kind(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("kind", first, EventKind)

    @field(cost=2)
    def status(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("status", first, EventStatus)


@strawberry.type(description="What the articles have in common.")
class ArticleFacets(Facets):
    @field(cost=2)
    def outlet(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("outlet", first)

    @field(cost=2)
    def language(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("language", first)


@strawberry.type(description="What the claims have in common.")
class ClaimFacets(Facets):
    @field(cost=2)
    def outlet(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("outlet", first)

    @field(cost=2)
    def denied(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.flags("denied", first)


@strawberry.type(description="What the relations have in common.")
class RelationFacets(Facets):
    @field(cost=2)
    def relation(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("relation", first, RelationKind)

    @field(cost=2)
    def basis(self, first: FirstBuckets = 10) -> list[FacetBucket]:
        return self.buckets("basis", first, Basis)


COUNTED = "The commonest values, counted under the same filter."
