"""The filters that connections take; what they stand for is said in conditions.py.

The fields of one filter are joined by "and"; a list means "one of these". ``and``, ``or`` and ``not`` combine filters
of the same kind, and a filter on a relation ("speaker", "inClaim") is a filter of the kind that it leads to.
"""

from __future__ import annotations

from datetime import date

import strawberry

from api.graphql.scalars import (
    Act,
    Basis,
    Certainty,
    EventKind,
    EventStatus,
    Mode,
    Polarity,
    RelationKind,
    Resolution,
    SourceKind,
    Stance,
    Verdict,
)

CONTAINS = "Contains this; case is ignored."
SEARCH = "Has all these words, whole and in any order; case is ignored."


@strawberry.input(description="A span of days; both ends are included. What is imprecise matches when it overlaps.")
class DateFilter:
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    on: date | None = strawberry.field(default=None, description="Exactly this day, and no other.")


@strawberry.input(description="A number; both ends are included.")
class NumberFilter:
    min: float | None = None
    max: float | None = None


@strawberry.input(description="Sources that have all of these.")
class SourceFilter:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these IRIs.")
    name: str | None = strawberry.field(default=None, description=f"A name or spelling. {CONTAINS}")
    search: str | None = strawberry.field(default=None, description=f"Names and spellings. {SEARCH}")
    kind: list[SourceKind] | None = strawberry.field(default=None, description="One of these kinds.")
    unnamed: bool | None = strawberry.field(default=None, description="The text does not name it, or does.")
    articles: NumberFilter | None = strawberry.field(default=None, description="In how many articles it stands.")
    and_: list[SourceFilter] | None = strawberry.field(name="and", default=None)
    or_: list[SourceFilter] | None = strawberry.field(name="or", default=None)
    not_: SourceFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Statements that have all of these.")
class StatementFilter:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these IRIs.")
    speaker: SourceFilter | None = strawberry.field(default=None, description="Who said it: the last of the chain.")
    source: SourceFilter | None = strawberry.field(default=None, description="Any link of its chain.")
    root: SourceFilter | None = strawberry.field(default=None, description="The root of its chain.")
    outlet: SourceFilter | None = strawberry.field(default=None, description="Who published it.")
    addressee: SourceFilter | None = strawberry.field(default=None, description="Whom it was said to.")
    corroborated_by: SourceFilter | None = strawberry.field(
        default=None, description="Who bears it out, by its article's own word."
    )
    act: list[Act] | None = None
    mode: list[Mode] | None = None
    polarity: list[Polarity] | None = None
    certainty: list[Certainty] | None = None
    stance: list[Stance] | None = strawberry.field(default=None, description="Affirms or denies its claim.")
    second_hand: bool | None = strawberry.field(
        default=None, description="Somebody stands between the outlet and the root."
    )
    confidence: NumberFilter | None = strawberry.field(default=None, description="How sure the reader is, 0 to 1.")
    said_on: DateFilter | None = strawberry.field(default=None, description="When it was said, as far as stated.")
    published: DateFilter | None = strawberry.field(default=None, description="When its article was published.")
    text: str | None = strawberry.field(default=None, description=f"Its words. {CONTAINS}")
    search: str | None = strawberry.field(default=None, description=f"Its words. {SEARCH}")
    about: list[strawberry.ID] | None = strawberry.field(default=None, description="IRIs of events.")
    about_event: EventFilter | None = strawberry.field(default=None, description="An event that it speaks of.")
    claim: list[strawberry.ID] | None = strawberry.field(default=None, description="IRIs of claims.")
    in_claim: ClaimFilter | None = strawberry.field(default=None, description="The claim that it affirms or denies.")
    article: list[strawberry.ID] | None = strawberry.field(default=None, description="IRIs of articles or editions.")
    in_article: ArticleFilter | None = strawberry.field(default=None, description="The article that it stands in.")
    and_: list[StatementFilter] | None = strawberry.field(name="and", default=None)
    or_: list[StatementFilter] | None = strawberry.field(name="or", default=None)
    not_: StatementFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Events that have all of these.")
class EventFilter:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these IRIs.")
    kind: list[EventKind] | None = None
    status: list[EventStatus] | None = strawberry.field(default=None, description="Some article gives it this status.")
    date: DateFilter | None = None
    text: str | None = strawberry.field(default=None, description=f"Its label. {CONTAINS}")
    search: str | None = strawberry.field(default=None, description=f"Its label. {SEARCH}")
    articles: NumberFilter | None = strawberry.field(default=None, description="How many articles report it.")
    has_place: bool | None = strawberry.field(default=None, description="Some article says where.")
    participant: SourceFilter | None = strawberry.field(default=None, description="Who takes part.")
    statement: StatementFilter | None = strawberry.field(default=None, description="A statement about it.")
    and_: list[EventFilter] | None = strawberry.field(name="and", default=None)
    or_: list[EventFilter] | None = strawberry.field(name="or", default=None)
    not_: EventFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Articles that have all of these.")
class ArticleFilter:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these IRIs.")
    outlet: SourceFilter | None = None
    published: DateFilter | None = None
    language: list[str] | None = strawberry.field(default=None, description="One of these language codes.")
    text: str | None = strawberry.field(default=None, description=f"Title or text. {CONTAINS}")
    search: str | None = strawberry.field(default=None, description=f"Title or text. {SEARCH}")
    statement: StatementFilter | None = strawberry.field(default=None, description="A statement in it.")
    and_: list[ArticleFilter] | None = strawberry.field(name="and", default=None)
    or_: list[ArticleFilter] | None = strawberry.field(name="or", default=None)
    not_: ArticleFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Claims that have all of these.")
class ClaimFilter:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these IRIs.")
    min_outlets: int | None = strawberry.field(default=None, description="At least so many outlets affirm it.")
    max_named_roots: int | None = strawberry.field(default=None, description="At most so many named roots: 0 = none.")
    outlets: NumberFilter | None = strawberry.field(default=None, description="How many outlets affirm it.")
    roots: NumberFilter | None = strawberry.field(
        default=None, description="How many independent roots: at least min of the high count, at most max of the low."
    )
    denials: NumberFilter | None = strawberry.field(default=None, description="How many statements deny it.")
    denied: bool | None = strawberry.field(default=None, description="Somebody denies it, or nobody does.")
    text: str | None = strawberry.field(default=None, description=f"Label or a statement. {CONTAINS}")
    search: str | None = strawberry.field(default=None, description=f"Label or statements. {SEARCH}")
    outlet: SourceFilter | None = strawberry.field(default=None, description="An outlet that affirms it.")
    root: SourceFilter | None = strawberry.field(default=None, description="One of its roots.")
    statement: StatementFilter | None = strawberry.field(default=None, description="A statement of it or against it.")
    and_: list[ClaimFilter] | None = strawberry.field(name="and", default=None)
    or_: list[ClaimFilter] | None = strawberry.field(name="or", default=None)
    not_: ClaimFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Relations between statements that have all of these.")
class RelationFilter:
    relation: list[RelationKind] | None = None
    basis: list[Basis] | None = None
    declared: bool | None = strawberry.field(default=None, description="An article asserts it, or a rule found it.")
    same_speaker: bool | None = strawberry.field(default=None, description="One speaker said both.")
    confidence: NumberFilter | None = None
    by: SourceFilter | None = strawberry.field(default=None, description="A source that corroborates or contradicts.")
    from_: StatementFilter | None = strawberry.field(name="from", default=None)
    to: StatementFilter | None = None
    and_: list[RelationFilter] | None = strawberry.field(name="and", default=None)
    or_: list[RelationFilter] | None = strawberry.field(name="or", default=None)
    not_: RelationFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Times that have all of these.")
class TimeFilter:
    resolution: list[Resolution] | None = strawberry.field(default=None, description="How it was worked out.")
    date: DateFilter | None = None
    not_: TimeFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Machine links that have all of these.")
class IdentityLinkFilter:
    basis: list[Basis] | None = None
    confidence: NumberFilter | None = None
    decided: list[Verdict] | None = strawberry.field(default=None, description="A person confirmed or undid it.")
    to: SourceFilter | None = strawberry.field(default=None, description="The canonical source.")
    not_: IdentityLinkFilter | None = strawberry.field(name="not", default=None)


@strawberry.input(description="Decisions that have all of these.")
class DecisionFilter:
    verdict: list[Verdict] | None = None
