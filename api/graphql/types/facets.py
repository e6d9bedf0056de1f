"""Values of a connection's nodes, counted under the same filter."""

from __future__ import annotations

from typing import Annotated, Any, cast

import strawberry

from api.graphql.fields import Marks
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

    def buckets(self, name: str, first: int, kind: Any) -> list[FacetBucket]:
        """Return the buckets of a facet: of an enum, of true and false (``bool``), else of nodes or plain values."""
        if not 1 <= first <= LARGEST:
            raise bad_input(f"first is {first}; a facet has 1 to {LARGEST} values", "first")
        on = self.on
        found = facet_of(on.loader, on.asked, on.parent, name, first)
        if name in on.asked.listing.kind.relations:
            return [_of_node(Row(key, on.loader), count) for key, count in found]
        if kind is None:
            return [FacetBucket(value=str(value), label=str(value), count=n, node=None) for value, n in found]
        if kind is bool:
            return [
                FacetBucket(value="true" if value else "false", label=None, count=n, node=None) for value, n in found
            ]
        names = {member.value: member.name for member in kind}
        return [
            FacetBucket(value=names[value], label=str(value), count=n, node=None)
            for value, n in found
            if value in names
        ]


def _of_node(row: Row, count: int) -> FacetBucket:
    from api.graphql.types.nodes import as_node  # it needs all types, and those of connections need facets

    label = row.text("name", "label", "title")
    return FacetBucket(value=row.iri, label=label, count=count, node=as_node(row))


def facet(name: str, kind: Any = None) -> Any:
    """Return a field: the counts of a column or relation (kg/store/index/definitions.py)."""

    def resolver(self: Any, first: FirstBuckets = 10) -> list[FacetBucket]:
        return cast("list[FacetBucket]", self.buckets(name, first, kind))

    del resolver.__annotations__["self"]
    resolver.__marks__ = Marks(facet=name, cost=2)  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolver)


@strawberry.type(description="What the statements have in common.")
class StatementFacets(Facets):
    act: list[FacetBucket] = facet("act", Act)
    mode: list[FacetBucket] = facet("mode", Mode)
    polarity: list[FacetBucket] = facet("polarity", Polarity)
    certainty: list[FacetBucket] = facet("certainty", Certainty)
    stance: list[FacetBucket] = facet("stance", Stance)
    speaker: list[FacetBucket] = facet("speaker")
    root: list[FacetBucket] = facet("root")
    outlet: list[FacetBucket] = facet("outlet")
    event: list[FacetBucket] = facet("event")
    claim: list[FacetBucket] = facet("claim")


@strawberry.type(description="What the sources have in common. A source of a special kind is of the wider one too.")
class SourceFacets(Facets):
    kind: list[FacetBucket] = facet("class", SourceKind)
    unnamed: list[FacetBucket] = facet("unnamed", bool)


@strawberry.type(description="What the events have in common.")
class EventFacets(Facets):
    kind: list[FacetBucket] = facet("kind", EventKind)
    status: list[FacetBucket] = facet("status", EventStatus)


@strawberry.type(description="What the articles have in common.")
class ArticleFacets(Facets):
    outlet: list[FacetBucket] = facet("outlet")
    language: list[FacetBucket] = facet("language")


@strawberry.type(description="What the claims have in common.")
class ClaimFacets(Facets):
    outlet: list[FacetBucket] = facet("outlet")
    denied: list[FacetBucket] = facet("denied", bool)


@strawberry.type(description="What the relations have in common.")
class RelationFacets(Facets):
    relation: list[FacetBucket] = facet("relation", RelationKind)
    basis: list[FacetBucket] = facet("basis", Basis)


COUNTED = "The commonest values, counted under the same filter."
