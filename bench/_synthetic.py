"""A number of statements goes in; graphs as docs/model.md has them, with invented people and words, come out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pyoxigraph import NamedNode, Quad, Triple

from kg.graph import BASE_IRI, ArticleGraph, literal
from kg.vocab import KG, RDF_TYPE, concept

EACH, OUTLETS, ACTORS, EVENTS = 10, 40, 2_000, 3_000
WORDS = [a + b for a in ("bri", "har", "fer", "ton", "mel", "sko", "var", "lin", "dor", "pel") for b in (
    "dge", "bour", "ry", "der", "ket", "pan", "mund", "sel", "tam", "vik", "gast", "lor")]  # fmt: skip
RARE = "quixotry"


@dataclass(frozen=True, slots=True)
class Said:
    """What was drawn of one statement; ``event`` is None where it speaks of none."""

    words: str
    who: int
    unnamed: bool
    act: str
    mode: str
    event: int | None


@dataclass(frozen=True, slots=True)
class Edition:
    number: int
    day: str
    said: tuple[Said, ...]

    def claim(self, index: int) -> str:
        return f"claim/{self.number % 5_000}-{index}"

    @property
    def outlet(self) -> int:
        return self.number % OUTLETS


def editions(statements: int, seed: int = 1) -> Iterator[Edition]:
    """Draw so many statements, ten to an edition; actors and words by Zipf's law."""
    rng = random.Random(seed)
    for number in range(statements // EACH):
        yield _draw(number, rng)


def _draw(number: int, rng: random.Random) -> Edition:
    def drawn(most: int) -> int:
        return min(most - 1, int(rng.paretovariate(0.7)) - 1)

    day = (date(2020, 1, 1) + timedelta(days=rng.randrange(2_000))).isoformat()
    texts = [" ".join(WORDS[drawn(len(WORDS))] for _ in range(12)) for _ in range(EACH)]
    if number % 100 == 7:
        texts[0] += f" {RARE}"
    said = []
    for index, words in enumerate(texts):
        who, unnamed = drawn(ACTORS), rng.random() < 0.2
        act = rng.choice(("state", "state", "state", "deny", "warn", "promise"))
        mode = rng.choice(("direct", "indirect"))
        said.append(Said(words, who, unnamed, act, mode, drawn(EVENTS) if index % 3 == 0 else None))
    return Edition(number, day, tuple(said))


def article(number: int, seed: int = 1) -> tuple[ArticleGraph, set[Triple]]:
    """Return one edition more, with what the linking graph says of it."""
    shared: set[Triple] = set()
    edition = _draw(number, random.Random(f"{seed}/{number}"))
    return ArticleGraph.of(node(f"edition/{number}"), _edition(edition, shared)), shared


def node(path: str) -> NamedNode:
    return NamedNode(BASE_IRI + path)


def quads(statements: int, seed: int = 1) -> Iterator[Quad]:
    """Yield the quads of so many statements, ten to an edition; actors and words are drawn by Zipf's law."""
    linking = node("graph/linking")
    shared: set[Triple] = set()

    for edition in editions(statements, seed):
        yield from (
            Quad(t.subject, t.predicate, t.object, node(f"edition/{edition.number}")) for t in _edition(edition, shared)
        )
        if len(shared) > 200_000:
            yield from (Quad(t.subject, t.predicate, t.object, linking) for t in shared)
            shared.clear()
    yield from (Quad(t.subject, t.predicate, t.object, linking) for t in shared)


def _typed(subject: NamedNode, *kinds: NamedNode) -> Iterator[Triple]:
    for kind in kinds:
        yield Triple(subject, RDF_TYPE, kind)


def _edition(drawn: Edition, shared: set[Triple]) -> Iterator[Triple]:
    number, day, texts = drawn.number, drawn.day, [one.words for one in drawn.said]

    def own(name: str) -> NamedNode:
        return node(f"edition/{number}#{name}")

    edition, article, work = node(f"edition/{number}"), own("article"), node(f"article/{number}")
    outlet_number = drawn.outlet
    outlet, outlet_local = node(f"actor/outlet-{outlet_number}"), own("outlet")
    text = "\n".join(texts)

    def inside(subject: NamedNode, *kinds: NamedNode) -> Iterator[Triple]:
        yield from _typed(subject, *kinds)
        yield Triple(subject, KG.inEdition, edition)

    yield from _typed(edition, KG.Edition)
    yield Triple(edition, KG.text, literal(text))
    yield Triple(edition, KG.sha256, literal(f"{number:064x}"))
    yield Triple(edition, KG.language, literal("en"))
    yield Triple(edition, KG.editionOf, article)
    yield from inside(article, KG.Article)
    for predicate, value in (
        (KG.title, literal(texts[0][:40])),
        (KG.publisher, outlet_local),
        (KG.published, own("published")),
    ):
        yield Triple(article, predicate, value)
    yield from inside(own("published"), KG.TimeSpan)
    yield Triple(own("published"), KG.edtf, literal(day))
    for predicate in (KG.earliest, KG.latest):
        yield Triple(own("published"), predicate, literal(date.fromisoformat(day)))
    yield Triple(own("published"), KG.resolution, concept("resolution", "metadata"))
    yield from inside(outlet_local, KG.NewsOutlet, KG.Organization, KG.Actor, KG.Source)
    yield Triple(outlet_local, KG.name, literal(f"Outlet {outlet_number}"))
    yield Triple(outlet_local, KG.unnamed, literal(False))
    shared.update(_typed(outlet, KG.NewsOutlet, KG.Organization, KG.Actor, KG.Source))
    shared.add(Triple(outlet, KG.name, literal(f"Outlet {outlet_number}")))
    shared.add(Triple(outlet_local, KG.identifiedAs, outlet))
    shared.update(_typed(work, KG.Article))
    shared.add(Triple(work, KG.title, literal(texts[0][:40])))
    shared.add(Triple(article, KG.identifiedAs, work))
    start = 0
    for index, one in enumerate(drawn.said):
        words, who, unnamed, act = one.words, one.who, one.unnamed, one.act
        statement, speaker, mention = own(f"s{index}"), own(f"a{index}"), own(f"char={start},{start + len(words)}")
        yield from inside(mention, KG.Mention)
        for predicate, value in ((KG.start, start), (KG.end, start + len(words))):
            yield Triple(mention, predicate, literal(value))
        yield Triple(mention, KG.exact, literal(words))
        start += len(words) + 1
        yield from inside(speaker, KG.Person, KG.Actor, KG.Source)
        yield Triple(speaker, KG.name, literal("an official" if unnamed else f"Person {who}"))
        yield Triple(speaker, KG.unnamed, literal(unnamed))
        yield from inside(statement, KG.Statement)
        for predicate, object_ in (
            (KG.reportedIn, article),
            (KG.speaker, speaker),
            (KG.content, mention),
            (KG.contentText, literal(words)),
            (KG.mode, concept("mode", one.mode)),
            (KG.speechAct, concept("act", act)),
            (KG.polarity, concept("polarity", "negative" if act == "deny" else "positive")),
            (KG.certainty, concept("certainty", "certain")),
            (KG.rootSource, speaker),
            (KG.confidence, literal(0.9)),
            (KG.rule, literal("clausal-complement")),
            (KG.hasStep, own(f"s{index};step=0")),
            (KG.hasStep, own(f"s{index};step=1")),
        ):
            yield Triple(statement, predicate, object_)
        for position, (source, step_act) in enumerate(((outlet_local, "publishes"), (speaker, "say"))):
            step = own(f"s{index};step={position}")
            yield from inside(step, KG.AttributionStep)
            yield Triple(step, KG.position, literal(position))
            yield Triple(step, KG.stepSource, source)
            yield Triple(step, KG.stepAct, concept("step", step_act))
            yield Triple(step, KG.stepCertainty, concept("certainty", "certain"))
        said_by = speaker
        if not unnamed:
            said_by = node(f"actor/{who}")
            shared.update(_typed(said_by, KG.Person, KG.Actor, KG.Source))
            shared.add(Triple(said_by, KG.name, literal(f"Person {who}")))
            shared.add(Triple(speaker, KG.identifiedAs, said_by))
        shared.add(Triple(statement, KG.saidBy, said_by))
        shared.add(Triple(statement, KG.publishedBy, outlet))
        shared.add(Triple(statement, KG.denies if act == "deny" else KG.expresses, node(drawn.claim(index))))
        if one.event is not None:
            local, which = own(f"event={index}"), one.event
            event = node(f"event/{which}")
            yield from inside(local, KG.Event)
            yield Triple(local, KG.eventKind, concept("kind", "meeting"))
            yield Triple(local, KG.eventStatus, concept("status", "alleged"))
            yield Triple(local, KG.label, literal(f"Event {which}"))
            yield Triple(statement, KG.aboutEvent, local)
            shared.update(_typed(event, KG.Event))
            shared.add(Triple(event, KG.label, literal(f"Event {which}")))
            shared.add(Triple(local, KG.identifiedAs, event))
        claim = node(drawn.claim(index))
        shared.update(_typed(claim, KG.Claim))
        shared.add(Triple(claim, KG.label, literal(f"Claim {number % 5_000}-{index}")))
        for predicate in (KG.outletCount, KG.statementCount, KG.rootCountLow, KG.rootCountHigh, KG.namedRootCount):
            shared.add(Triple(claim, predicate, literal(1)))
        shared.add(Triple(claim, KG.denialCount, literal(0)))
