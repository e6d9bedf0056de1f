"""Statements, their chains, and how they stand to one another."""

from __future__ import annotations

import strawberry

from api.graphql.fields import concept_of, decimal_of, field, integer_of, text_of
from api.graphql.loader import Row
from api.graphql.rows import identities, identity
from api.graphql.scalars import (
    Act,
    Basis,
    Certainty,
    Modality,
    Mode,
    Polarity,
    RelationKind,
    Stance,
    StepAct,
)
from api.graphql.types.base import Connection, Node, Text, one
from api.graphql.types.facets import RelationFacets, StatementFacets, counted
from api.graphql.types.texts import Span, TimeSpan, spans


@strawberry.type(description="One link of a chain of attribution.")
class AttributionStep(Node):
    position: int = integer_of("position", default=0, description="0 is the publisher, the highest number the root.")

    @field(follows=["stepSource/identifiedAs?"])
    def source(self) -> Source | None:
        return as_source(identity(self.row.row("stepSource")))

    @field(needs=["stepSource"], description="The source as its article names or describes it.")
    def described_as(self) -> str | None:
        local = self.row.row("stepSource")
        return local.text("name") if local else None

    act: StepAct | None = concept_of(StepAct, "stepAct")
    certainty: Certainty | None = concept_of(
        Certainty, "stepCertainty", description="How sure the text is that this link passed it on."
    )

    @field(follows=["evidence"], description="Where the text says so.")
    def evidence(self) -> Span | None:
        return one(self.row.row("evidence"), Span)


@strawberry.type(
    description="How two statements stand to each other, or what an article says of one, and who holds it."
)
class StatementRelation(Node):
    relation: RelationKind | None = concept_of(RelationKind, "relation")

    @field(name="from", follows=["from"], description="None where an article itself speaks of the statement.")
    def from_(self) -> Statement | None:
        return one(self.row.row("from"), Statement)

    @field(follows=["to"])
    def to(self) -> Statement | None:
        return one(self.row.row("to"), Statement)

    basis: Basis | None = concept_of(Basis, "basis")

    @field(description="An article asserts it; else a rule of the linker does.")
    def declared(self) -> bool:
        return self.row.concept("basis") == "declared"

    @field(follows=["bySource/identifiedAs?"], description="Who corroborates or contradicts, by an article's own word.")
    def by(self) -> list[Source]:
        return sources(self.row.rows("bySource"))

    @field(
        follows=["assertedBy/identifiedAs?"],
        description="Who holds it: the outlet whose article says so, or the run of the linker.",
    )
    def asserted_by(self) -> Node | None:
        row = identity(self.row.row("assertedBy"))
        return as_node(row) if row is not None else None

    certainty: Certainty | None = concept_of(Certainty, "certainty")
    confidence: float | None = decimal_of("confidence")

    @field(follows=["evidence"], description="Where the article says so.")
    def evidence(self) -> Span | None:
        return one(self.row.row("evidence"), Span)


@strawberry.type(description="One reported utterance or belief, as one edition reports it.")
class Statement(Node):
    text: str = text_of(
        "contentText", default="", description="Its words; stretches that stand apart are joined by “ … ”."
    )

    @field(needs=["inEdition"], description="Its words with the language of its edition.")
    def wording(self) -> Text:
        edition = self.row.row("inEdition")
        return Text(value=self.row.text("contentText") or "", language=edition.text("language") if edition else None)

    @field(follows=["content"], description="Its words in the edition, in text order.")
    def content(self) -> list[Span]:
        return spans(self.row.some("content"))

    @field(follows=["quoted"], description="Those inside quotation marks, in text order.")
    def quoted(self) -> list[Span]:
        return spans(self.row.some("quoted"))

    @field(follows=["cue"], description="The words that hand it to its speaker: “said”, “according to”.")
    def cue(self) -> Span | None:
        return one(self.row.row("cue"), Span)

    @field(
        follows=["saidBy", "speaker/identifiedAs?"],
        description="Who said it: one node for all articles, when it is named.",
    )
    def speaker(self) -> Source | None:
        return speaker_of(self.row)

    @field(follows=["speakerMention"], description="The speaker as written at the cue, pronouns too.")
    def speaker_span(self) -> Span | None:
        return one(self.row.row("speakerMention"), Span)

    @field(follows=["saidTo", "addressee/identifiedAs?"])
    def addressee(self) -> Source | None:
        return as_source(self.row.row("saidTo") or identity(self.row.row("addressee")))

    @field(follows=["hasStep"], description="From the publisher (first) to the root (last).")
    def chain(self) -> list[AttributionStep]:
        steps = sorted(self.row.some("hasStep"), key=_position)
        return [AttributionStep(row=step) for step in steps]

    @field(follows=["rootSource/identifiedAs?"])
    def root_source(self) -> Source | None:
        return as_source(identity(self.row.row("rootSource")))

    act: Act | None = concept_of(Act, "speechAct")
    mode: Mode | None = concept_of(Mode, "mode")
    polarity: Polarity | None = concept_of(Polarity, "polarity")
    certainty: Certainty | None = concept_of(Certainty, "certainty")
    modality: Modality | None = concept_of(Modality, "modality")

    @field(follows=["saidOn"])
    def said_on(self) -> TimeSpan | None:
        return one(self.row.row("saidOn"), TimeSpan)

    @field(follows=["aboutEvent/identifiedAs?"], description="The events that it speaks of.")
    def about(self) -> list[Event]:
        return [Event(row=row) for row in identities(self.row.rows("aboutEvent"))]

    @field(follows=["expresses", "denies"], description="What it says, together with other statements.")
    def claim(self) -> Claim | None:
        return one(self.row.row("expresses", "denies"), Claim)

    @field(description="Whether it affirms its claim or denies it; none before the articles were linked.")
    def stance(self) -> Stance | None:
        if self.row.all("expresses"):
            return Stance.AFFIRMS
        return Stance.DENIES if self.row.all("denies") else None

    @field(follows=["embeddedIn"], description="The statement that it stands inside of.")
    def embedded_in(self) -> Statement | None:
        return one(self.row.row("embeddedIn"), Statement)

    @field(
        follows=["^from", "^to"],
        description="Statements that corroborate, contradict or repeat it, and what articles say of it.",
    )
    def relations(self) -> list[StatementRelation]:
        rows = self.row.pointing("from") + self.row.pointing("to")
        found = {row.iri: row for row in rows if row.is_a("StatementRelation")}
        return [StatementRelation(row=found[iri]) for iri in sorted(found)]

    confidence: float | None = decimal_of("confidence", description="Between 0 and 1: how sure the reader is.")
    rule: str | None = text_of("rule", description="The rule of the reader that found it.")

    @field(follows=["inEdition"])
    def edition(self) -> Edition | None:
        return one(self.row.row("inEdition"), Edition)

    @field(follows=["reportedIn/identifiedAs?"])
    def article(self) -> Article | None:
        return one(identity(self.row.row("reportedIn")), Article)

    @field(follows=["publishedBy", "reportedIn/publisher/identifiedAs?"], description="Who published it.")
    def outlet(self) -> Outlet | None:
        return outlet_of(self.row)


def speaker_of(row: Row) -> Source | None:
    return as_source(row.row("saidBy") or identity(row.row("speaker")))


def outlet_of(row: Row) -> Outlet | None:
    published = row.row("publishedBy")
    if published is None:
        own = row.row("reportedIn")
        published = identity(own.row("publisher")) if own else None
    return one(published, Outlet)


def _position(row: Row) -> int:
    return row.number("position") or 0


@strawberry.type(description="One page of statements, in a stable order.")
class StatementConnection(Connection[Statement]):
    facets: StatementFacets = counted(StatementFacets)


@strawberry.type(description="One page of relations, in a stable order.")
class RelationConnection(Connection[StatementRelation]):
    facets: RelationFacets = counted(RelationFacets)


# At the end, because the types speak of one another.
from api.graphql.types.articles import Article, Edition  # noqa: E402
from api.graphql.types.claims import Claim  # noqa: E402
from api.graphql.types.events import Event  # noqa: E402
from api.graphql.types.nodes import as_node  # noqa: E402
from api.graphql.types.sources import Outlet, Source, as_source, sources  # noqa: E402
