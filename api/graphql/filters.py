"""A filter of a connection enters; SPARQL patterns that narrow ``?node`` leave.

Unlike the questions in ``kg/queries`` these are put together from what the client asks, so they can't stand in files.
Every term of a client goes through pyoxigraph's own writer; nothing is pasted in by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import strawberry
from pyoxigraph import NamedNode

from api.graphql.scalars import (
    Act,
    Certainty,
    EventKind,
    EventStatus,
    Mode,
    Polarity,
    SourceKind,
    Stance,
    bad_input,
)
from kg.graph import literal
from kg.vocab import KG, NAMESPACE, concept

MOST_IDS = 100
LONGEST_TEXT = 200


@strawberry.input(description="A span of days; both ends are included. What is imprecise matches when it overlaps.")
class DateFilter:
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None


@strawberry.input(description="Sources that have all of these.")
class SourceFilter:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these IRIs.")
    name: str | None = strawberry.field(default=None, description="A name or spelling contains this; case is ignored.")
    kind: list[SourceKind] | None = strawberry.field(default=None, description="One of these kinds.")
    unnamed: bool | None = strawberry.field(default=None, description="The text does not name it, or does.")


@strawberry.input(description="Statements that have all of these.")
class StatementFilter:
    speaker: SourceFilter | None = strawberry.field(default=None, description="Who said it: the last of the chain.")
    source: SourceFilter | None = strawberry.field(default=None, description="Any link of its chain.")
    root: SourceFilter | None = strawberry.field(default=None, description="The root of its chain.")
    outlet: SourceFilter | None = strawberry.field(default=None, description="Who published it.")
    addressee: SourceFilter | None = strawberry.field(default=None, description="Whom it was said to.")
    act: list[Act] | None = None
    mode: list[Mode] | None = None
    polarity: list[Polarity] | None = None
    certainty: list[Certainty] | None = None
    stance: list[Stance] | None = strawberry.field(default=None, description="Affirms or denies its claim.")
    said_on: DateFilter | None = strawberry.field(default=None, description="When it was said, as far as stated.")
    published: DateFilter | None = strawberry.field(default=None, description="When its article was published.")
    text: str | None = strawberry.field(default=None, description="Its words contain this; case is ignored.")
    about: list[strawberry.ID] | None = strawberry.field(default=None, description="IRIs of events.")
    claim: list[strawberry.ID] | None = strawberry.field(default=None, description="IRIs of claims.")
    article: list[strawberry.ID] | None = strawberry.field(default=None, description="IRIs of articles or editions.")


@strawberry.input(description="Events that have all of these.")
class EventFilter:
    kind: list[EventKind] | None = None
    status: list[EventStatus] | None = strawberry.field(default=None, description="Some article gives it this status.")
    date: DateFilter | None = None
    text: str | None = strawberry.field(default=None, description="Its label contains this; case is ignored.")


@strawberry.input(description="Articles that have all of these.")
class ArticleFilter:
    outlet: SourceFilter | None = None
    published: DateFilter | None = None
    text: str | None = strawberry.field(default=None, description="Title or text contains this; case is ignored.")


@strawberry.input(description="Claims that have all of these.")
class ClaimFilter:
    min_outlets: int | None = strawberry.field(default=None, description="At least so many outlets affirm it.")
    max_named_roots: int | None = strawberry.field(default=None, description="At most so many named roots: 0 = none.")
    denied: bool | None = strawberry.field(default=None, description="Somebody denies it, or nobody does.")
    text: str | None = strawberry.field(
        default=None, description="Label or a statement contains this; case is ignored."
    )


@dataclass(slots=True)
class Patterns:
    """Patterns in the making; each variable gets a number of its own."""

    subject: str = "?node"
    lines: list[str] = field(default_factory=list)
    _number: int = 0

    def variable(self) -> str:
        self._number += 1
        return f"?v{self._number}"

    def add(self, pattern: str) -> None:
        self.lines.append(pattern)

    def text(self) -> str:
        return "\n".join(self.lines)

    def one_of(self, variable: str, terms: Iterable[NamedNode]) -> None:
        self.add(f"VALUES {variable} {{ {' '.join(map(str, terms))} }}")

    def concepts(self, predicate: NamedNode, scheme: str, chosen: Sequence[Any] | None) -> None:
        if chosen is not None:
            variable = self.variable()
            self.one_of(variable, [concept(scheme, value.value) for value in chosen])
            self.add(f"{self.subject} {predicate} {variable} .")

    def contains(self, variable: str, wanted: str, argument: str) -> None:
        if len(wanted) > LONGEST_TEXT:
            raise bad_input(f"At most {LONGEST_TEXT} characters can be searched for", argument)
        self.add(f"FILTER(CONTAINS(LCASE(STR({variable})), LCASE({literal(wanted)})))")

    def source(self, path: str, wanted: SourceFilter | None, argument: str) -> None:
        """Narrow the source that a path leads to: an edition's own node, or the one that it was identified as."""
        if wanted is None:
            return
        source = self.variable()
        if wanted.ids is not None:
            self.one_of(source, iris(wanted.ids, f"{argument}.ids"))
        self.add(f"{self.subject} {path}/{KG.identifiedAs}? {source} .")
        source_conditions(self, source, wanted, argument)

    def overlap(self, path: str, wanted: DateFilter | None) -> None:
        if wanted is None or (wanted.from_ is None and wanted.to is None):
            return
        time, first, last = self.variable(), self.variable(), self.variable()
        self.add(f"{self.subject} {path} {time} .")
        self.add(f"OPTIONAL {{ {time} {KG.earliest} {first} }} OPTIONAL {{ {time} {KG.latest} {last} }}")
        if wanted.to is not None:
            self.add(f"FILTER(COALESCE({first}, {last}) <= {literal(wanted.to)})")
        if wanted.from_ is not None:
            self.add(f"FILTER(COALESCE({last}, {first}) >= {literal(wanted.from_)})")


def iris(ids: Sequence[str], argument: str) -> list[NamedNode]:
    """Return ids as nodes; GraphQLError when one is no IRI or there are too many."""
    if len(ids) > MOST_IDS:
        raise bad_input(f"At most {MOST_IDS} ids can be asked for at once", argument)
    found = []
    for text in ids:
        try:
            found.append(NamedNode(text))
        except ValueError:
            raise bad_input(f"An id is the IRI of a node; {text[:200]!r} is none", argument) from None
    return found


def source_conditions(patterns: Patterns, source: str, wanted: SourceFilter, argument: str) -> None:
    """Narrow a source by name, kind and whether it is named."""
    if wanted.name is not None:
        name = patterns.variable()
        patterns.add(f"{source} {KG.name}|{KG.altLabel} {name} .")
        patterns.contains(name, wanted.name, f"{argument}.name")
    if wanted.kind is not None:
        kind = patterns.variable()
        patterns.one_of(kind, [NamedNode(NAMESPACE + value.value) for value in wanted.kind])
        patterns.add(f"{source} a {kind} .")
    if wanted.unnamed is not None:
        negation = "" if wanted.unnamed else "NOT "
        patterns.add(f"FILTER({negation}EXISTS {{ {source} {KG.unnamed} true }})")


def statement_patterns(wanted: StatementFilter | None) -> str:
    patterns = Patterns()
    if wanted is None:
        return ""
    patterns.source(f"({KG.saidBy}|{KG.speaker})", wanted.speaker, "filter.speaker")
    patterns.source(f"{KG.hasStep}/{KG.stepSource}", wanted.source, "filter.source")
    patterns.source(str(KG.rootSource), wanted.root, "filter.root")
    patterns.source(f"{KG.reportedIn}/{KG.publisher}", wanted.outlet, "filter.outlet")
    patterns.source(f"({KG.saidTo}|{KG.addressee})", wanted.addressee, "filter.addressee")
    patterns.concepts(KG.speechAct, "act", wanted.act)
    patterns.concepts(KG.mode, "mode", wanted.mode)
    patterns.concepts(KG.polarity, "polarity", wanted.polarity)
    patterns.concepts(KG.certainty, "certainty", wanted.certainty)
    if wanted.stance is not None:
        paths = {Stance.AFFIRMS: KG.expresses, Stance.DENIES: KG.denies}
        chosen = "|".join(str(paths[stance]) for stance in wanted.stance)
        patterns.add(f"FILTER EXISTS {{ ?node {chosen} ?claim }}" if chosen else "FILTER(false)")
    patterns.overlap(str(KG.saidOn), wanted.said_on)
    patterns.overlap(f"{KG.reportedIn}/{KG.published}", wanted.published)
    if wanted.text is not None:
        words = patterns.variable()
        patterns.add(f"?node {KG.contentText} {words} .")
        patterns.contains(words, wanted.text, "filter.text")
    for ids, path, name in (
        (wanted.about, f"{KG.aboutEvent}/{KG.identifiedAs}?", "about"),
        (wanted.claim, f"({KG.expresses}|{KG.denies})", "claim"),
        (wanted.article, f"({KG.inEdition}|{KG.reportedIn}|({KG.reportedIn}/{KG.identifiedAs}))", "article"),
    ):
        if ids is not None:
            target = patterns.variable()
            patterns.one_of(target, iris(ids, f"filter.{name}"))
            patterns.add(f"?node {path} {target} .")
    return patterns.text()


def source_patterns(wanted: SourceFilter | None) -> str:
    patterns = Patterns()
    if wanted is None:
        return ""
    if wanted.ids is not None:
        patterns.one_of("?node", iris(wanted.ids, "filter.ids"))
    source_conditions(patterns, "?node", wanted, "filter")
    return patterns.text()


def event_patterns(wanted: EventFilter | None) -> str:
    """Narrow events by their members, the editions' own nodes (``?member``)."""
    patterns = Patterns("?member")
    if wanted is None:
        return ""
    patterns.concepts(KG.eventKind, "kind", wanted.kind)
    patterns.concepts(KG.eventStatus, "status", wanted.status)
    patterns.overlap(str(KG.time), wanted.date)
    if wanted.text is not None:
        words = patterns.variable()
        patterns.add(f"?member {KG.label} {words} .")
        patterns.contains(words, wanted.text, "filter.text")
    return patterns.text()


def article_patterns(wanted: ArticleFilter | None) -> str:
    """Narrow articles by their members, the editions' own nodes (``?member``, ``?edition``)."""
    patterns = Patterns("?member")
    if wanted is None:
        return ""
    patterns.source(str(KG.publisher), wanted.outlet, "filter.outlet")
    patterns.overlap(str(KG.published), wanted.published)
    if wanted.text is not None:
        words = patterns.variable()
        patterns.add(f"{{ ?member {KG.title} {words} }} UNION {{ ?edition {KG.text} {words} }}")
        patterns.contains(words, wanted.text, "filter.text")
    return patterns.text()


def claim_patterns(wanted: ClaimFilter | None) -> str:
    patterns = Patterns()
    if wanted is None:
        return ""
    for bound, predicate, sign in (
        (wanted.min_outlets, KG.outletCount, ">="),
        (wanted.max_named_roots, KG.namedRootCount, "<="),
    ):
        if bound is not None:
            count = patterns.variable()
            patterns.add(f"?node {predicate} {count} . FILTER({count} {sign} {literal(bound)})")
    if wanted.denied is not None:
        negation = "" if wanted.denied else "NOT "
        patterns.add(f"FILTER({negation}EXISTS {{ ?denial {KG.denies} ?node }})")
    if wanted.text is not None:
        words = patterns.variable()
        said = f"?said {KG.expresses}|{KG.denies} ?node . ?said {KG.contentText} {words}"
        patterns.add(f"{{ ?node {KG.label} {words} }} UNION {{ {said} }}")
        patterns.contains(words, wanted.text, "filter.text")
    return patterns.text()
