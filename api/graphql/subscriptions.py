"""What a client wants to hear of enters the schema; an event, and what it is about, leaves.

A subscription is executed once to be opened: its resolver says what to listen for. Then it is executed anew for each
event, with that event as its root (:mod:`api.graphql.deliver`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from api.graphql.conditions import condition, iris
from api.graphql.filters import StatementFilter
from api.graphql.loader import Loader, Row
from api.graphql.rows import identity
from api.graphql.scalars import bad_input
from api.graphql.types import Article, Claim, Edition, Statement
from kg.store.base import Store
from kg.store.index.conditions import ALWAYS, Condition
from kg.store.outbox import Kind

Info = strawberry.Info[Loader, None]
_PLACE = re.compile(r"(\d{1,18})(?:\.(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a subscription listens for: events of one kind behind ``seq``, and behind ``index`` of the event ``seq``.

    ``statements``: not the edition but each of its new statements that meets the ``condition`` is told.
    """

    kind: Kind
    seq: int
    index: int = 0
    iri: str | None = None
    statements: bool = False
    condition: Condition = ALWAYS


@dataclass(slots=True)
class Stage:
    """The root of a subscription: it is opened, or it is at an event."""

    opening: Opening | None = None
    event: Any = None

    def at(self, info: Info, kind: Kind, since: str | None, **more: Any) -> Any:
        """Return the event that the stream is at; while it is being opened, note what it listens for."""
        if self.event is not None:
            return self.event
        seq, index = _place(info.context.store, since)
        self.opening = Opening(kind, seq, index, **more)
        raise GraphQLError("The subscription is open")


def _place(store: Store, since: str | None) -> tuple[int, int]:
    newest = store.journal.outbox.visible(store.version())
    if since is None:
        return newest, 0
    match = _PLACE.fullmatch(since)
    if match is None:
        raise bad_input('since is the id of the last event that you got, or "0" for all from the beginning', "since")
    seq, index = int(match[1]), int(match[2] or 0)
    if seq > newest:
        raise bad_input(
            f'since is {since}, and this store has come to {newest}: it was made anew; begin with "0"', "since"
        )
    return seq, index


@strawberry.enum(description="What happened to it.")
class GraphChange(Enum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@strawberry.interface(description="Something that happened to the graph.")
class GraphEvent:
    id: strawberry.ID = strawberry.field(description="Its place in the order; as `since` it goes on behind it.")
    at: datetime = strawberry.field(description="When it was committed.")


@strawberry.type(description="An edition was imported, or read again.")
class ArticleImported(GraphEvent):
    change: GraphChange
    row: strawberry.Private[Row]

    @strawberry.field(description="None when it has been taken out since.")
    def edition(self) -> Edition | None:
        return Edition(row=self.row) if bool(self.row.all("a")) else None

    @strawberry.field
    def article(self) -> Article | None:
        found = identity(self.row.row("editionOf"))
        return Article(row=found) if found is not None else None


@strawberry.type(description="A statement was read that its edition did not have before.")
class StatementAdded(GraphEvent):
    row: strawberry.Private[Row]

    @strawberry.field
    def statement(self) -> Statement:
        return Statement(row=self.row)


@strawberry.type(description="A claim came, went, or got other statements, outlets or roots.")
class ClaimChanged(GraphEvent):
    change: GraphChange
    row: strawberry.Private[Row]

    @strawberry.field(description="None when it is gone.")
    def claim(self) -> Claim | None:
        return Claim(row=self.row) if bool(self.row.all("a")) else None


Since = Annotated[
    strawberry.ID | None,
    strawberry.argument(description='The id of the last event that you got; "0" for all; none for new ones only.'),
]


@strawberry.type(
    description="News, over WebSocket (graphql-transport-ws) at /graphql or as a stream at /graphql/stream."
)
class Subscription:
    @strawberry.field(description="Each edition that is imported or read again.")
    def article_imported(self, info: Info, since: Since = None) -> ArticleImported:
        return _stage(self).at(info, "edition", since)  # type: ignore[no-any-return]

    @strawberry.field(description="Each new statement that fits the filter, in the order of import.")
    def statement_added(self, info: Info, filter: StatementFilter | None = None, since: Since = None) -> StatementAdded:
        return _stage(self).at(  # type: ignore[no-any-return]
            info, "edition", since, statements=True, condition=condition(filter)
        )

    @strawberry.field(description="Each change of one claim: its statements, outlets, roots and counts.")
    def claim_changed(self, info: Info, id: strawberry.ID, since: Since = None) -> ClaimChanged:
        return _stage(self).at(info, "claim", since, iri=iris([id], "id")[0])  # type: ignore[no-any-return]


def _stage(root: object) -> Stage:
    if not isinstance(root, Stage):
        raise GraphQLError("A subscription is a stream: open a WebSocket at /graphql, or ask /graphql/stream")
    return root
