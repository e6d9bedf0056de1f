"""A row of the graph enters; the object that a GraphQL client sees leaves.

Each field reads one property under the name it has in the ontology; :mod:`api.graphql.fields` says how a field is
declared and what it walks along. The types speak of one another, so each module imports at its end those it mentions.
"""

from __future__ import annotations

from api.graphql.types.base import Connection, Node, PageInfo, Text, made

from api.graphql.types.texts import Span, TimeSpan  # isort: skip
from api.graphql.types.articles import Article, Change, Edition, ExtractionRun
from api.graphql.types.claims import Board, Claim, CountRange, SharedRoot
from api.graphql.types.events import Event, EventReport
from api.graphql.types.facets import FacetBucket
from api.graphql.types.links import Decision, IdentityLink
from api.graphql.types.nodes import as_node, node_of
from api.graphql.types.sources import Actor, Document, Outlet, Place, Source, UnnamedSource, a_source, as_source
from api.graphql.types.statements import AttributionStep, Statement, StatementRelation

__all__ = [
    "Actor",
    "Article",
    "AttributionStep",
    "Board",
    "Change",
    "Claim",
    "Connection",
    "CountRange",
    "Decision",
    "Document",
    "Edition",
    "Event",
    "EventReport",
    "ExtractionRun",
    "FacetBucket",
    "IdentityLink",
    "Node",
    "Outlet",
    "PageInfo",
    "Place",
    "SharedRoot",
    "Source",
    "Span",
    "Statement",
    "StatementRelation",
    "Text",
    "TimeSpan",
    "UnnamedSource",
    "a_source",
    "as_node",
    "as_source",
    "made",
    "node_of",
]

#: Types that are only reached through an interface.
REACHED = (
    Actor,
    Outlet,
    Document,
    UnnamedSource,
    Place,
    Span,
    TimeSpan,
    Edition,
    ExtractionRun,
    IdentityLink,
    Decision,
)
