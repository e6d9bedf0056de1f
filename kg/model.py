"""The values that the stages hand to one another: a Span, an Article, a Reading and what a Reading holds.

Everything here is frozen and free of input and output. Offsets are Unicode code points into ``Article.text``,
half-open ``[start, end)``, as in the Web Annotation TextPositionSelector
(https://www.w3.org/TR/annotation-model/#text-position-selector). Unknown is ``None``, never guessed.
The JSON form of a Reading is made in :mod:`kg.record`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SourceKind = Literal["person", "organization", "outlet", "group", "place", "document", "channel"]
MentionKind = Literal["name", "nominal", "pronoun"]
RoleStatus = Literal["current", "former", "evaluative"]
ZoneKind = Literal["title", "byline", "dateline", "caption", "promotion", "biography", "boilerplate"]
Mode = Literal["direct", "indirect", "mixed"]
Act = Literal[
    "state", "report", "allege", "deny", "admit", "agree", "refuse", "threaten", "warn", "urge", "ask",
    "offer", "promise", "suggest", "believe", "doubt", "predict", "confirm", "criticize",
]  # fmt: skip
Polarity = Literal["positive", "negative"]
Certainty = Literal["certain", "probable", "possible", "underspecified"]
Modality = Literal["asserted", "conditional", "obligation", "permission", "intention", "question"]
TimexType = Literal["DATE", "TIME", "DURATION", "SET"]
Resolution = Literal["explicit", "relative", "anaphoric", "event-anchored", "metadata", "inferred", "unresolved"]
EventStatus = Literal["actual", "reported", "alleged", "planned", "denied", "hypothetical"]
Origin = Literal["option", "metadata", "json-ld", "meta-tag", "markup", "domain", "url", "text", "inferred"]
# How an outlet is known from outside the text; only then it is a part of the edition's name (see kg.graph.edition_iri).
OUTSIDE: tuple[Origin, ...] = ("option", "metadata", "json-ld", "meta-tag", "markup", "domain", "url")
RelationKind = Literal["corroborates", "contradicts", "unverified"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of ``Article.text``: code points, half-open, never empty in a finished Reading."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters of this span."""
        return text[self.start : self.end]

    def __len__(self) -> int:
        return self.end - self.start

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


def covering(spans: Iterable[Span]) -> Span:
    """Return the smallest span that holds them all; ValueError when there are none."""
    spans = list(spans)
    return Span(min(span.start for span in spans), max(span.end for span in spans))


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who published an article, and how that is known."""

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published (EDTF, https://www.loc.gov/standards/datetime/), and how that is known."""

    edtf: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Article:
    """One exact text with what is known about it; ``iri`` names the edition (see :func:`kg.graph.edition_iri`).

    ``excerpt`` is true of a text that its file gives as a part of the article: a feed's summary, a page's preview.
    """

    iri: str
    text: str
    sha256: str
    title: str | None = None
    title_span: Span | None = None
    outlet: Outlet | None = None
    authors: tuple[str, ...] = ()
    published: Published | None = None
    language: str | None = None
    origin: str | None = None
    url: str | None = None
    title_origin: Origin | None = None
    authors_origin: Origin | None = None
    language_origin: Origin | None = None
    excerpt: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of text that is not the running story. Zones never overlap."""

    span: Span
    kind: ZoneKind


@dataclass(frozen=True, slots=True)
class Role:
    """An office or a label given to a source: "former Defense Minister", "dictator" (evaluative)."""

    label: str
    status: RoleStatus
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the text where a source or an event is named. One span has one kind in one Reading."""

    span: Span
    kind: MentionKind


@dataclass(frozen=True, slots=True)
class Source:
    """Anything a statement is traced to, as one edition knows it.

    ``unnamed`` is true of "a senior official", "two people familiar with the matter"; ``number`` is how many they
    are when the text says so. ``name`` of an unnamed source is its description as written.
    """

    key: str
    kind: SourceKind
    name: str | None
    unnamed: bool = False
    number: int | None = None
    roles: tuple[Role, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain of attribution: who passed it on, how, and where the text says so."""

    source: str
    act: str
    certainty: Certainty = "certain"
    evidence: Span | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A time that something is tied to; ``span`` is the expression in the text, if there is one."""

    edtf: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One reported utterance or belief, as one edition reports it.

    ``chain`` runs from the publisher (position 0) to the root (last); ``speaker`` is the last link's source, or
    ``None`` when nobody is named or described. ``content`` and ``quoted`` are in text order.
    """

    key: str
    speaker: str | None
    content: tuple[Span, ...]
    chain: tuple[Link, ...]
    mode: Mode
    act: Act
    polarity: Polarity = "positive"
    certainty: Certainty = "certain"
    modality: Modality | None = None
    speaker_span: Span | None = None
    addressee: str | None = None
    quoted: tuple[Span, ...] = ()
    cue: Span | None = None
    said_on: When | None = None
    embedded_in: str | None = None
    about: tuple[str, ...] = ()
    confidence: float = 0.5
    rule: str = ""


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time expression with TIMEX3 value (ISO-TimeML) and EDTF; ``anchor`` is the EDTF date it was counted from."""

    span: Span
    value: str
    edtf: str | None
    type: TimexType
    resolution: Resolution = "explicit"
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """A source in an event: agent, patient, …"""

    role: str
    source: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, was planned, alleged or denied. ``where`` is the key of a source of kind place."""

    key: str
    kind: str
    label: str
    status: EventStatus
    trigger: Span
    when: When | None = None
    where: str | None = None
    participants: tuple[Participant, ...] = ()
    mentions: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """What the article itself says of a statement: corroborated or contradicted by sources, or unverified."""

    key: str
    relation: RelationKind
    target: str
    by: tuple[str, ...] = ()
    certainty: Certainty = "certain"
    evidence: Span | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Which reader made a Reading, with which model."""

    reader: str
    version: str
    model: str | None = None
    model_version: str | None = None
    model_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a step could not do with one stretch of text; the rest of the article was read."""

    span: Span | None
    step: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a reader found in one article. Lists are in the natural order of their keys (s2 before s10)."""

    article: Article
    zones: tuple[Zone, ...] = ()
    sources: tuple[Source, ...] = ()
    statements: tuple[Statement, ...] = ()
    times: tuple[TimeExpression, ...] = ()
    events: tuple[Event, ...] = ()
    relations: tuple[Relation, ...] = ()
    run: Run = Run("unknown", "0")
    problems: tuple[Problem, ...] = ()
