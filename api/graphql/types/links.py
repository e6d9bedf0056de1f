"""What the linker held for the same, and what people decided about it."""

from __future__ import annotations

import strawberry

from api.graphql.fields import concept_of, decimal_of, field, text_of
from api.graphql.loader import Row
from api.graphql.scalars import Basis, Verdict
from api.graphql.types.base import Node


@strawberry.type(description="A person's decision about a link that a machine made. Linking obeys it.")
class Decision(Node):
    @field(name="from", follows=["from"])
    def from_(self) -> Node | None:
        return _node(self.row.row("from"))

    @field(follows=["to"])
    def to(self) -> Node | None:
        return _node(self.row.row("to"))

    verdict: Verdict | None = concept_of(Verdict, "verdict")
    decided_by: str | None = text_of("decidedBy")
    decided_on: str | None = text_of("decidedOn", description="ISO 8601, in UTC.")
    reason: str | None = text_of("reason")


@strawberry.type(description="The linker holds an edition's own node and a canonical one for the same.")
class IdentityLink(Node):
    @field(name="from", follows=["from"], description="The edition's own node.")
    def from_(self) -> Node | None:
        return _node(self.row.row("from"))

    @field(follows=["to"], description="The canonical node.")
    def to(self) -> Node | None:
        return _node(self.row.row("to"))

    basis: Basis | None = concept_of(Basis, "basis")
    confidence: float | None = decimal_of("confidence")

    @field(follows=["assertedBy"], description="The run of the linker.")
    def asserted_by(self) -> Node | None:
        return _node(self.row.row("assertedBy"))

    @field(needs=["from/^from"], follows=["from/^from"], description="What people decided about it, the latest first.")
    def decisions(self) -> list[Decision]:
        start, end = self.row.row("from"), self.row.row("to")
        if start is None or end is None:
            return []
        found = [row for row in start.pointing("from") if row.is_a("Decision") and row.row("to") == end]
        return [Decision(row=row) for row in sorted(found, key=lambda row: row.text("decidedOn") or "", reverse=True)]


def _node(row: Row | None) -> Node | None:
    return as_node(row) if row is not None else None


# At the end, because the types speak of one another.
from api.graphql.types.nodes import as_node  # noqa: E402
