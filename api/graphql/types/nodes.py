"""A row enters; the object of the type that its classes name leaves."""

from __future__ import annotations

from api.graphql.loader import Loader, Row
from api.graphql.types.base import Node


def as_node(row: Row) -> Node | None:
    """Return any node as its type says; None when the store has none of this IRI, or one that GraphQL does not show."""
    kinds = row.all("a")
    for kind, made in KINDS:
        if kind in kinds:
            return made(row=row)
    if "Place" in kinds and "Actor" not in kinds:
        return Place(row=row)
    return as_source(row)


def node_of(loader: Loader, iri: str) -> Node | None:
    """Return the node of an IRI; None when there is none. For results of writes and events."""
    [row] = loader.rows_of([iri])
    return as_node(row) if row is not None else None


# At the end, because the types speak of one another.
from api.graphql.types.articles import Article, Edition, ExtractionRun  # noqa: E402
from api.graphql.types.claims import Claim  # noqa: E402
from api.graphql.types.events import Event  # noqa: E402
from api.graphql.types.links import Decision, IdentityLink  # noqa: E402
from api.graphql.types.sources import Place, as_source  # noqa: E402
from api.graphql.types.statements import AttributionStep, Statement, StatementRelation  # noqa: E402
from api.graphql.types.texts import Span, TimeSpan  # noqa: E402

KINDS: tuple[tuple[str, type[Node]], ...] = (
    ("Statement", Statement),
    ("Claim", Claim),
    ("Event", Event),
    ("Article", Article),
    ("Edition", Edition),
    ("Mention", Span),
    ("AttributionStep", AttributionStep),
    ("StatementRelation", StatementRelation),
    ("TimeSpan", TimeSpan),
    ("ExtractionRun", ExtractionRun),
    ("IdentityLink", IdentityLink),
    ("Decision", Decision),
)
