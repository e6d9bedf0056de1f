"""The questions that a client may begin with enter the schema; its SDL leaves for the docs and for code generators."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import strawberry
from strawberry.extensions import DisableIntrospection, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from api.graphql import pages
from api.graphql.filters import (
    ArticleFilter,
    ClaimFilter,
    EventFilter,
    SourceFilter,
    StatementFilter,
    article_patterns,
    claim_patterns,
    event_patterns,
    iris,
    source_patterns,
    statement_patterns,
)
from api.graphql.loader import Loader, Row
from api.graphql.mutations import RECORDS, Mutation
from api.graphql.scalars import SCALARS
from api.graphql.subscriptions import ArticleImported, ClaimChanged, StatementAdded, Subscription
from api.graphql.types import (
    Actor,
    After,
    Article,
    AttributionStep,
    Claim,
    Connection,
    Document,
    Edition,
    Event,
    ExtractionRun,
    First,
    Node,
    Place,
    Source,
    Span,
    Statement,
    StatementRelation,
    TimeSpan,
    UnnamedSource,
    as_node,
    as_source,
    connect,
    made,
)

Info = strawberry.Info[Loader, None]
T = TypeVar("T")


@strawberry.type(description="Everything can be reached from here; every id is an IRI.")
class Query:
    @strawberry.field(description="The node of one IRI.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return _nodes(info.context, [id], "id")[0]

    @strawberry.field(description="The nodes of up to 100 IRIs, in the order of the ids; null where there is none.")
    def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        return _nodes(info.context, ids, "ids")

    @strawberry.field(description="Named persons, organisations, outlets, groups and states, the most quoted first.")
    def actors(
        self, info: Info, first: First = 20, after: After = None, filter: SourceFilter | None = None
    ) -> Connection[Actor]:
        return _page(info, pages.ACTORS, made(Actor), first, after, source_patterns(filter))

    @strawberry.field(description="All that statements are traced to, unnamed sources included, the most quoted first.")
    def sources(
        self, info: Info, first: First = 20, after: After = None, filter: SourceFilter | None = None
    ) -> Connection[Source]:
        return _page(info, pages.SOURCES, _as_source, first, after, source_patterns(filter))

    @strawberry.field(description="Who said what, newest first.")
    def statements(
        self, info: Info, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _page(info, pages.STATEMENTS, made(Statement), first, after, statement_patterns(filter))

    @strawberry.field(description="What happened, was planned, alleged or denied, newest first.")
    def events(
        self, info: Info, first: First = 20, after: After = None, filter: EventFilter | None = None
    ) -> Connection[Event]:
        return _page(info, pages.EVENTS, made(Event), first, after, event_patterns(filter))

    @strawberry.field(description="Articles, newest first.")
    def articles(
        self, info: Info, first: First = 20, after: After = None, filter: ArticleFilter | None = None
    ) -> Connection[Article]:
        return _page(info, pages.ARTICLES, made(Article), first, after, article_patterns(filter))

    @strawberry.field(description="What is claimed: those that most outlets carry first.")
    def claims(
        self, info: Info, first: First = 20, after: After = None, filter: ClaimFilter | None = None
    ) -> Connection[Claim]:
        return _page(info, pages.CLAIMS, made(Claim), first, after, claim_patterns(filter))


def _page(
    info: Info, listing: pages.Listing, wrap: Callable[[Row], T], first: int, after: Any, filters: str
) -> Connection[T]:
    return connect(info.context, listing, wrap, first=first, after=after, filters=filters)


def _as_source(row: Row) -> Source:
    # The page holds nothing but sources.
    return as_source(row) or Actor(row=row)


def _nodes(loader: Loader, ids: list[strawberry.ID], argument: str) -> list[Node | None]:
    found = [node.value for node in iris(ids, argument)]
    loader.expect(found)
    return [as_node(Row(iri, loader)) for iri in found]


@cache
def schema(*, introspection: bool = True) -> strawberry.Schema:
    """Return the schema; without introspection it neither shows itself nor suggests names."""
    extensions: list[Any] = [lambda: ParserCache(maxsize=200), lambda: ValidationCache(maxsize=200)]
    if not introspection:
        extensions.append(DisableIntrospection)
    return QuietSchema(
        Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            Actor,
            Article,
            AttributionStep,
            Claim,
            Document,
            Edition,
            Event,
            ExtractionRun,
            Place,
            Span,
            Statement,
            StatementRelation,
            TimeSpan,
            UnnamedSource,
            *RECORDS,
            ArticleImported,
            ClaimChanged,
            StatementAdded,
        ],
        extensions=extensions,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not introspection),
    )


class QuietSchema(strawberry.Schema):
    """A schema that leaves the logging of errors to :mod:`api.graphql.execution`, which masks them too."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        return None


def schema_sdl() -> str:
    """Return the schema in the GraphQL schema definition language."""
    return schema().as_str() + "\n"
