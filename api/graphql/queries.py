"""The questions that a client may begin with."""

from __future__ import annotations

import strawberry

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
    iris,
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
from api.graphql.types.base import After, First, connect, listing_field
from api.graphql.types.claims import ClaimConnection
from api.graphql.types.events import EventConnection
from api.graphql.types.sources import ActorConnection, SourceConnection
from api.graphql.types.statements import RelationConnection, StatementConnection
from kg.store.index.definitions import ACTOR, ARTICLE, CLAIM, DECISION, EVENT, LINK, RELATION, SOURCE, STATEMENT, TIME

Info = strawberry.Info[Loader, None]

ACTORS = Listing("actors", ACTOR, a_source)
SOURCES = Listing("sources", SOURCE, a_source)
STATEMENTS = Listing("statements", STATEMENT, made(Statement))
EVENTS = Listing("events", EVENT, made(Event))
ARTICLES = Listing("articles", ARTICLE, made(Article))
CLAIMS = Listing("claims", CLAIM, made(Claim))
RELATIONS = Listing("relations", RELATION, made(StatementRelation))
TIMES = Listing("times", TIME, made(TimeSpan))
LINKS = Listing("identity-links", LINK, made(IdentityLink))
DECISIONS = Listing("decisions", DECISION, made(Decision))


@strawberry.type(description="Everything can be reached from here; every id is an IRI.")
class Query:
    @field(description="The node of one IRI.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return _nodes(info.context, [id], "id")[0]

    @field(description="The nodes of up to 100 IRIs, in the order of the ids; null where there is none.")
    def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        return _nodes(info.context, ids, "ids")

    @listing_field(lambda: ACTORS, "Named persons, organisations, outlets, groups and states, the most quoted first.")
    def actors(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: SourceFilter | None = None,
        order_by: SourceOrder | None = None,
    ) -> ActorConnection:
        return connect(ActorConnection, ACTORS, info.context, first, after, filter, order_by)

    @listing_field(
        lambda: SOURCES, "All that statements are traced to, unnamed sources included, the most quoted first."
    )
    def sources(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: SourceFilter | None = None,
        order_by: SourceOrder | None = None,
    ) -> SourceConnection:
        return connect(SourceConnection, SOURCES, info.context, first, after, filter, order_by)

    @listing_field(lambda: STATEMENTS, "Who said what, newest first.")
    def statements(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: StatementFilter | None = None,
        order_by: StatementOrder | None = None,
    ) -> StatementConnection:
        return connect(StatementConnection, STATEMENTS, info.context, first, after, filter, order_by)

    @listing_field(lambda: EVENTS, "What happened, was planned, alleged or denied, newest first.")
    def events(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: EventFilter | None = None,
        order_by: EventOrder | None = None,
    ) -> EventConnection:
        return connect(EventConnection, EVENTS, info.context, first, after, filter, order_by)

    @listing_field(lambda: ARTICLES, "Articles, newest first.")
    def articles(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: ArticleFilter | None = None,
        order_by: ArticleOrder | None = None,
    ) -> ArticleConnection:
        return connect(ArticleConnection, ARTICLES, info.context, first, after, filter, order_by)

    @listing_field(lambda: CLAIMS, "What is claimed: those that most outlets carry first.")
    def claims(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: ClaimFilter | None = None,
        order_by: ClaimOrder | None = None,
    ) -> ClaimConnection:
        return connect(ClaimConnection, CLAIMS, info.context, first, after, filter, order_by)

    @listing_field(lambda: RELATIONS, "How statements stand to one another, the surest first.")
    def relations(
        self, info: Info, first: First = 20, after: After = None, filter: RelationFilter | None = None
    ) -> RelationConnection:
        return connect(RelationConnection, RELATIONS, info.context, first, after, filter, None)

    @listing_field(lambda: TIMES, "The times that were read, earliest first.")
    def times(
        self, info: Info, first: First = 20, after: After = None, filter: TimeFilter | None = None
    ) -> Connection[TimeSpan]:
        return connect(Connection[TimeSpan], TIMES, info.context, first, after, filter, None)

    @listing_field(lambda: LINKS, "What the linker held for the same, the least sure first.")
    def identity_links(
        self, info: Info, first: First = 20, after: After = None, filter: IdentityLinkFilter | None = None
    ) -> Connection[IdentityLink]:
        return connect(Connection[IdentityLink], LINKS, info.context, first, after, filter, None)

    @listing_field(lambda: DECISIONS, "What people decided about the machine's links, newest first.")
    def decisions(
        self, info: Info, first: First = 20, after: After = None, filter: DecisionFilter | None = None
    ) -> Connection[Decision]:
        return connect(Connection[Decision], DECISIONS, info.context, first, after, filter, None)


def _nodes(loader: Loader, ids: list[strawberry.ID], argument: str) -> list[Node | None]:
    rows = loader.rows_of(iris(ids, argument))
    return [as_node(row) if row is not None else None for row in rows]
