"""A number of statements goes in; graphs as docs/model.md has them, with invented people and words, come out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from pyoxigraph import NamedNode, Quad, Triple

from kg.graph import BASE_IRI, ArticleGraph, literal
from kg.vocab import KG, RDF_TYPE, concept

EACH, OUTLETS, ACTORS, EVENTS = 10, 40, 2_000, 3_000
WORDS = [a + b for a in ("bri", "har", "fer", "ton", "mel", "sko", "var", "lin", "dor", "pel") for b in (
    "dge", "bour", "ry", "der", "ket", "pan", "mund", "sel", "tam", "vik", "gast", "lor")]  # fmt: skip
RARE = "quixotry"


def node(path: str) -> NamedNode:
    return NamedNode(BASE_IRI + path)


def article(number: int, seed: int = 1) -> tuple[ArticleGraph, set[Triple]]:
    """Return one edition more, with what the linking graph says of it."""
    rng, shared = random.Random(f"{seed}/{number}"), set[Triple]()
    graph = ArticleGraph.of(node(f"edition/{number}"), _edition(number, rng, _zipf(rng), shared))
    return graph, shared


def _zipf(rng: random.Random) -> Callable[[int], int]:
    return lambda most: min(most - 1, int(rng.paretovariate(0.7)) - 1)


def quads(statements: int, seed: int = 1) -> Iterator[Quad]:
    """Yield the quads of so many statements, ten to an edition; actors and words are drawn by Zipf's law."""
    rng = random.Random(seed)
    linking = node("graph/linking")
    shared: set[Triple] = set()
    drawn = _zipf(rng)
    for number in range(statements // EACH):
        yield from (
            Quad(t.subject, t.predicate, t.object, node(f"edition/{number}"))
            for t in _edition(number, rng, drawn, shared)
        )
        if len(shared) > 200_000:
            yield from (Quad(t.subject, t.predicate, t.object, linking) for t in shared)
            shared.clear()
    yield from (Quad(t.subject, t.predicate, t.object, linking) for t in shared)


def _typed(subject: NamedNode, *kinds: NamedNode) -> Iterator[Triple]:
    for kind in kinds:
        yield Triple(subject, RDF_TYPE, kind)


def _edition(number: int, rng: random.Random, drawn: Callable[[int], int], shared: set[Triple]) -> Iterator[Triple]:
    def own(name: str) -> NamedNode:
        return node(f"edition/{number}#{name}")

    edition, article, work = node(f"edition/{number}"), own("article"), node(f"article/{number}")
    outlet_number = number % OUTLETS
    outlet, outlet_local = node(f"actor/outlet-{outlet_number}"), own("outlet")
    day = (date(2020, 1, 1) + timedelta(days=rng.randrange(2_000))).isoformat()
    texts = [" ".join(WORDS[drawn(len(WORDS))] for _ in range(12)) for _ in range(EACH)]
    if number % 100 == 7:
        texts[0] += f" {RARE}"
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
    for index, words in enumerate(texts):
        statement, speaker, mention = own(f"s{index}"), own(f"a{index}"), own(f"char={start},{start + len(words)}")
        who = drawn(ACTORS)
        unnamed = rng.random() < 0.2
        yield from inside(mention, KG.Mention)
        for predicate, value in ((KG.start, start), (KG.end, start + len(words))):
            yield Triple(mention, predicate, literal(value))
        yield Triple(mention, KG.exact, literal(words))
        start += len(words) + 1
        yield from inside(speaker, KG.Person, KG.Actor, KG.Source)
        yield Triple(speaker, KG.name, literal("an official" if unnamed else f"Person {who}"))
        yield Triple(speaker, KG.unnamed, literal(unnamed))
        yield from inside(statement, KG.Statement)
        act = rng.choice(("state", "state", "state", "deny", "warn", "promise"))
        for predicate, object_ in (
            (KG.reportedIn, article),
            (KG.speaker, speaker),
            (KG.content, mention),
            (KG.contentText, literal(words)),
            (KG.mode, concept("mode", rng.choice(("direct", "indirect")))),
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
        shared.add(
            Triple(statement, KG.denies if act == "deny" else KG.expresses, node(f"claim/{number % 5_000}-{index}"))
        )
        if index % 3 == 0:
            local, which = own(f"event={index}"), drawn(EVENTS)
            event = node(f"event/{which}")
            yield from inside(local, KG.Event)
            yield Triple(local, KG.eventKind, concept("kind", "meeting"))
            yield Triple(local, KG.eventStatus, concept("status", "alleged"))
            yield Triple(local, KG.label, literal(f"Event {which}"))
            yield Triple(statement, KG.aboutEvent, local)
            shared.update(_typed(event, KG.Event))
            shared.add(Triple(event, KG.label, literal(f"Event {which}")))
            shared.add(Triple(local, KG.identifiedAs, event))
        claim = node(f"claim/{number % 5_000}-{index}")
        shared.update(_typed(claim, KG.Claim))
        shared.add(Triple(claim, KG.label, literal(f"Claim {number % 5_000}-{index}")))
        for predicate in (KG.outletCount, KG.statementCount, KG.rootCountLow, KG.rootCountHigh, KG.namedRootCount):
            shared.add(Triple(claim, predicate, literal(1)))
        shared.add(Triple(claim, KG.denialCount, literal(0)))
