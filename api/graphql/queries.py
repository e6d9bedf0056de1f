"""The questions that a client may begin with."""

from __future__ import annotations

import strawberry

from api.graphql.conditions import iris
from api.graphql.fields import field
from api.graphql.filters import (
    ArticleFilter,
    ClaimFilter,
    DecisionFilter,
    EventFilter,
    IdentityLinkFilter,
    RelationFilter,
    SourceFilter,
    StatementFilter,
    TimeFilter,
)
from api.graphql.listing import Listing
from api.graphql.loader import Loader
from api.graphql.scalars import ArticleOrder, ClaimOrder, EventOrder, SourceOrder, StatementOrder
from api.graphql.types import (
    Article,
    Claim,
    Connection,
    Decision,
    Event,
    IdentityLink,
    Node,
    Statement,
    StatementRelation,
    TimeSpan,
    a_source,
    as_node,
    made,
)
from api.graphql.types.articles import ArticleConnection
from api.graphql.types.base import listed
from api.graphql.types.claims import ClaimConnection
from api.graphql.types.events import EventConnection
from api.graphql.types.sources import ActorConnection, SourceConnection
from api.graphql.types.statements import RelationConnection, StatementConnection
from kg.store.index.definitions import ACTOR, ARTICLE, CLAIM, DECISION, EVENT, LINK, RELATION, SOURCE, STATEMENT, TIME

Info = strawberry.Info[Loader, None]

ACTORS = Listing("actors", ACTOR, a_source, ActorConnection)
SOURCES = Listing("sources", SOURCE, a_source, SourceConnection)
STATEMENTS = Listing("statements", STATEMENT, made(Statement), StatementConnection)
EVENTS = Listing("events", EVENT, made(Event), EventConnection)
ARTICLES = Listing("articles", ARTICLE, made(Article), ArticleConnection)
CLAIMS = Listing("claims", CLAIM, made(Claim), ClaimConnection)
RELATIONS = Listing("relations", RELATION, made(StatementRelation), RelationConnection)
TIMES = Listing("times", TIME, made(TimeSpan), Connection[TimeSpan])
LINKS = Listing("identity-links", LINK, made(IdentityLink), Connection[IdentityLink])
DECISIONS = Listing("decisions", DECISION, made(Decision), Connection[Decision])


@strawberry.type(description="Everything can be reached from here; every id is an IRI.")
class Query:
    @field(description="The node of one IRI.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return _nodes(info.context, [id], "id")[0]

    @field(description="The nodes of up to 100 IRIs, in the order of the ids; null where there is none.")
    def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        return _nodes(info.context, ids, "ids")

    actors = listed(
        "ActorConnection",
        lambda: ACTORS,
        "Named persons, organisations, outlets, groups and states, the most quoted first.",
        SourceFilter,
        SourceOrder,
    )
    sources = listed(
        "SourceConnection",
        lambda: SOURCES,
        "All that statements are traced to, unnamed sources included, the most quoted first.",
        SourceFilter,
        SourceOrder,
    )
    statements = listed(
        "StatementConnection", lambda: STATEMENTS, "Who said what, newest first.", StatementFilter, StatementOrder
    )
    events = listed(
        "EventConnection",
        lambda: EVENTS,
        "What happened, was planned, alleged or denied, newest first.",
        EventFilter,
        EventOrder,
    )
    articles = listed("ArticleConnection", lambda: ARTICLES, "Articles, newest first.", ArticleFilter, ArticleOrder)
    claims = listed(
        "ClaimConnection",
        lambda: CLAIMS,
        "What is claimed: those that most outlets carry first.",
        ClaimFilter,
        ClaimOrder,
    )
    relations = listed(
        "RelationConnection",
        lambda: RELATIONS,
        "How statements stand to one another, the surest first.",
        RelationFilter,
    )
    times = listed("Connection[TimeSpan]", lambda: TIMES, "The times that were read, earliest first.", TimeFilter)
    identity_links = listed(
        "Connection[IdentityLink]",
        lambda: LINKS,
        "What the linker held for the same, the least sure first.",
        IdentityLinkFilter,
    )
    decisions = listed(
        "Connection[Decision]",
        lambda: DECISIONS,
        "What people decided about the machine's links, newest first.",
        DecisionFilter,
    )


def _nodes(loader: Loader, ids: list[strawberry.ID], argument: str) -> list[Node | None]:
    rows = loader.rows_of(iris(ids, argument))
    return [as_node(row) if row is not None else None for row in rows]
