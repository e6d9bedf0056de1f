"""What happened, was planned, alleged or denied."""

from __future__ import annotations

from datetime import date

import strawberry

from api.graphql.fields import field, text_of
from api.graphql.filters import StatementFilter
from api.graphql.listing import Listing
from api.graphql.loader import Row
from api.graphql.rows import date_of, earliest, enum_of, identities, identity, members
from api.graphql.scalars import Act, Answer, EventKind, EventStatus, StatementOrder
from api.graphql.types.base import Connection, Node, listed, made, one
from api.graphql.types.facets import EventFacets, counted
from api.graphql.types.texts import Span, TimeSpan, spans
from kg import query
from kg.store.index.definitions import STATEMENT

MEMBER = "^identifiedAs?"


@strawberry.type(description="Who takes part in an event, and how.")
class Participant:
    role: str | None
    actor: Source | None


@strawberry.type(description="An event as one edition reports it.")
class EventReport:
    row: strawberry.Private[Row]

    @field()
    def label(self) -> str | None:
        return self.row.text("label")

    @field()
    def status(self) -> EventStatus | None:
        return enum_of(EventStatus, self.row.concept("eventStatus"))

    @field()
    def kind(self) -> EventKind | None:
        return enum_of(EventKind, self.row.concept("eventKind"))

    @field(follows=["time"])
    def when(self) -> TimeSpan | None:
        return one(self.row.row("time"), TimeSpan)

    @field(follows=["place/identifiedAs?"])
    def place(self) -> Place | None:
        return one(identity(self.row.row("place")), Place)

    @field(follows=["trigger"])
    def trigger(self) -> Span | None:
        return one(self.row.row("trigger"), Span)

    @field(follows=["inEdition"])
    def edition(self) -> Edition | None:
        return one(self.row.row("inEdition"), Edition)

    @field(needs=["inEdition/editionOf"], follows=["inEdition/editionOf/publisher/identifiedAs?"])
    def outlet(self) -> Outlet | None:
        edition = self.row.row("inEdition")
        work = edition.row("editionOf") if edition else None
        return one(identity(work.row("publisher")) if work else None, Outlet)


@strawberry.type(description="What somebody said to a plan: proposed, accepted or refused it.")
class Proposal:
    answer: Answer
    act: Act | None
    place: str | None = strawberry.field(description="Where it was to be.")
    speaker: str | None
    outlet: str | None
    statement: Statement


@strawberry.type(
    description="What happened, was planned, alleged or denied. One node for all articles once they were linked."
)
class Event(Node):
    label: str | None = text_of("label")

    @field(needs=[MEMBER])
    def kind(self) -> EventKind | None:
        return enum_of(
            EventKind, next((c for row in members(self.row, own=True) if (c := row.concept("eventKind"))), None)
        )

    @field(needs=[MEMBER], description="How real the articles say it is; more than one when they differ.")
    def statuses(self) -> list[EventStatus]:
        found = {str(value) for row in members(self.row) for value in row.all("eventStatus")}
        return [status for value in sorted(found) if (status := enum_of(EventStatus, value)) is not None]

    @field(needs=[f"{MEMBER}/time"])
    def earliest(self) -> date | None:
        return date_of(self.row.text("earliest") or min((t for t in map(earliest, self.times()) if t), default=None))

    @field(needs=[f"{MEMBER}/time"])
    def latest(self) -> date | None:
        days = (time.text("latest") for time in self.times())
        return date_of(self.row.text("latest") or max((day for day in days if day), default=None))

    @field(follows=[f"{MEMBER}/time"], description="The times that the articles give.")
    def when(self) -> list[TimeSpan]:
        return [TimeSpan(row=row) for row in self.times()]

    @field(follows=[f"{MEMBER}/place/identifiedAs?"])
    def place(self) -> Place | None:
        places = (identity(row.row("place")) for row in members(self.row))
        return one(next((place for place in places if place), None), Place)

    @field(needs=[f"{MEMBER}/participation"], follows=[f"{MEMBER}/participation/participant/identifiedAs?"], cost=2)
    def participants(self) -> list[Participant]:
        found: dict[tuple[str | None, str], Participant] = {}
        for row in members(self.row):
            for part in sorted(row.rows("participation"), key=lambda part: part.number("position") or 0):
                who, role = identity(part.row("participant")), part.text("role")
                if who is not None:
                    found.setdefault((role, who.key), Participant(role=role, actor=as_source(who)))
        return list(found.values())

    @field(follows=[f"{MEMBER}/trigger"], description="The words that name it, one for each edition's own event.")
    def triggers(self) -> list[Span]:
        return spans(span for row in members(self.row) for span in row.rows("trigger"))

    @field(follows=[MEMBER], description="What each edition says of it.")
    def reports(self) -> list[EventReport]:
        return [EventReport(row=row) for row in members(self.row)]

    @field(
        needs=[f"{MEMBER}/inEdition/editionOf"],
        follows=[f"{MEMBER}/inEdition/editionOf/identifiedAs?"],
        description="The articles that report it.",
    )
    def articles(self) -> list[Article]:
        return [Article(row=row) for row in self.works()]

    @field(needs=[f"{MEMBER}/inEdition/editionOf/identifiedAs?"], description="How many articles report it.")
    def article_count(self) -> int:
        return len(self.works())

    @field(description="Who proposed, accepted or refused a place for it, while it has not happened.", cost=20)
    def proposals(self) -> list[Proposal]:
        loader = self.row.loader
        rows = loader.ask_of(("proposals",), self.row, lambda iris: query.prepare("proposals", event=iris), "event")
        found = loader.rows_of([row["statement"].value for row in rows])
        return [
            Proposal(
                answer=Answer(row["answer"].value),
                act=enum_of(Act, row["act"].value),
                place=row["place"].value,
                speaker=row["name"].value if "name" in row else None,
                outlet=row["outlet"].value if "outlet" in row else None,
                statement=Statement(row=statement),
            )
            for row, statement in zip(rows, found, strict=True)
            if statement is not None
        ]

    statements = listed(
        "StatementConnection", lambda: ABOUT, "The statements about it, newest first.", StatementFilter, StatementOrder
    )

    def times(self) -> list[Row]:
        found = {time.key: time for row in members(self.row) for time in row.rows("time")}
        return list(found.values())

    def works(self) -> list[Row]:
        editions = [edition for row in members(self.row) for edition in row.rows("inEdition")]
        return identities([work for edition in editions for work in edition.rows("editionOf")])


@strawberry.type(description="One page of events, in a stable order.")
class EventConnection(Connection[Event]):
    facets: EventFacets = counted(EventFacets)


# At the end, because the types speak of one another.
from api.graphql.types.articles import Article, Edition  # noqa: E402
from api.graphql.types.sources import Outlet, Place, Source, as_source  # noqa: E402
from api.graphql.types.statements import Statement, StatementConnection  # noqa: E402

ABOUT: Listing = Listing("statements-of-event", STATEMENT, made(Statement), StatementConnection, "event")
