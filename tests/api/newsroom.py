"""A small newsroom to ask: three outlets, one of which repeats another, a denial, and one article full of traps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from pyoxigraph import NamedNode, Triple
from sample_readings import at, by_hand

from api.graphql.execution import GraphQLRequest, execute
from api.limits import Limits
from kg.graph import BASE_IRI, ArticleGraph, edition_iri, literal
from kg.mapping import to_graph
from kg.model import (
    Article,
    Event,
    Link,
    Mention,
    Outlet,
    Published,
    Reading,
    Role,
    Run,
    Source,
    Span,
    Statement,
    When,
    Zone,
)
from kg.store import Store, open_store
from kg.vocab import KG, RDF_TYPE, concept

#: Sends a GraphQL document with its variables and returns the data.
Ask = Callable[..., Any]

DAILY = """Bridge sold before the vote
A senior official told the Daily that the bridge was sold before the vote.
Minister Rosa Keel denied it: “The bridge was not sold,” she said.
"""
EVENING = """Bridge was sold, Daily reports
The bridge was sold before the vote, a senior official told the Daily.
"""
#: Every string of this article is one that a page must not run, follow or mis-measure.
HOSTILE = """<script>alert('title')</script>
🛥🛥 “<img src=x onerror=alert(1)> is cheap,” said </mark><b>Bob</b>.
"""
HOSTILE_URL = "javascript:alert(document.domain)"


def article(text: str, outlet: str, day: str, *, title: str, url: str | None = None) -> Article:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Article(
        iri=edition_iri(sha256, outlet),
        text=text,
        sha256=sha256,
        title=title,
        title_span=Span(0, len(title)),
        outlet=Outlet(outlet, "option"),
        published=Published(day, "metadata"),
        language="en",
        url=url,
    )


def daily() -> Reading:
    """An unnamed official told the Daily; the minister denies it."""
    sold = at("the bridge was sold before the vote", text=DAILY)
    return Reading(
        article=article(DAILY, "Daily", "2031-05-01", title="Bridge sold before the vote"),
        zones=(Zone(Span(0, 27), "title"),),
        sources=(
            Source("a1", "person", "a senior official", True, mentions=(_mention("A senior official", DAILY),)),
            Source(
                "a2",
                "person",
                "Rosa Keel",
                roles=(Role("Minister", "current", at("Minister", text=DAILY)),),
                mentions=(Mention(at("Rosa Keel", text=DAILY), "name"),),
            ),
            Source("o1", "outlet", "Daily", mentions=(Mention(at("Daily", text=DAILY), "name"),)),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a1",
                content=(sold,),
                chain=(Link("o1", "publishes"), Link("a1", "tell", evidence=at("told", text=DAILY))),
                mode="indirect",
                act="state",
                speaker_span=at("A senior official", text=DAILY),
                cue=at("told", text=DAILY),
                about=("e1",),
                confidence=0.9,
                rule="clausal-complement",
            ),
            Statement(
                key="s2",
                speaker="a2",
                content=(at("The bridge was not sold,", text=DAILY),),
                quoted=(at("The bridge was not sold,", text=DAILY),),
                chain=(Link("o1", "publishes"), Link("a2", "say", evidence=at("said", text=DAILY))),
                mode="direct",
                act="deny",
                polarity="negative",
                speaker_span=at("she", text=DAILY),
                cue=at("said", text=DAILY),
                said_on=When("2031-05-01"),
                about=("e1",),
                confidence=0.9,
                rule="quotation",
            ),
        ),
        events=(
            Event("e1", "business", "the bridge was sold", "alleged", at("sold", nth=2, text=DAILY), When("2031-04")),
        ),
        run=Run("by-hand", "1"),
    )


def evening() -> Reading:
    """The Evening repeats what the Daily's official told the Daily."""
    return Reading(
        article=article(EVENING, "Evening", "2031-05-02", title="Bridge was sold, Daily reports"),
        zones=(Zone(Span(0, 30), "title"),),
        sources=(
            Source("a1", "person", "a senior official", True, mentions=(_mention("a senior official", EVENING),)),
            Source("o1", "outlet", "Evening"),
            Source("o2", "outlet", "Daily", mentions=(Mention(at("Daily", nth=2, text=EVENING), "name"),)),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a1",
                content=(at("The bridge was sold before the vote", text=EVENING),),
                chain=(
                    Link("o1", "publishes"),
                    Link("o2", "report", evidence=at("Daily", nth=2, text=EVENING)),
                    Link("a1", "tell", evidence=at("told", text=EVENING)),
                ),
                mode="indirect",
                act="state",
                cue=at("told", text=EVENING),
                confidence=0.8,
                rule="clausal-complement",
            ),
        ),
        run=Run("by-hand", "1"),
    )


def hostile() -> Reading:
    """Mark-up in the title, the text and a name; an address that would run a script; characters of two UTF-16 units."""
    bob = "</mark><b>Bob</b>"
    words = at("<img src=x onerror=alert(1)> is cheap,", text=HOSTILE)
    return Reading(
        article=article(HOSTILE, "<i>Rag</i>", "2031-05-03", title="<script>alert('title')</script>", url=HOSTILE_URL),
        sources=(
            Source("a1", "person", bob, mentions=(Mention(at(bob, text=HOSTILE), "name"),)),
            Source("o1", "outlet", "<i>Rag</i>"),
        ),
        statements=(
            Statement(
                key="s1",
                speaker="a1",
                content=(words,),
                quoted=(words,),
                chain=(Link("o1", "publishes"), Link("a1", "say", evidence=at("said", text=HOSTILE))),
                mode="direct",
                act="state",
                speaker_span=at(bob, text=HOSTILE),
                cue=at("said", text=HOSTILE),
                confidence=0.7,
                rule="quotation",
            ),
        ),
        run=Run("by-hand", "1"),
    )


def readings() -> list[Reading]:
    return [by_hand(), daily(), evening(), hostile()]


def newsroom() -> Store:
    """Return a store in memory that holds them all, and what linking says of them, as docs/model.md has it."""
    store = open_store("memory:")
    graphs = [to_graph(reading) for reading in readings()]
    store.put([*graphs, ArticleGraph.of(NamedNode(f"{BASE_IRI}graph/linking"), linked(graphs))])
    return store


def canonical(path: str) -> NamedNode:
    return NamedNode(BASE_IRI + path)


def local(graph: ArticleGraph, key: str) -> NamedNode:
    """Return an edition's node by its key in the record."""
    found = [t.subject for t in graph.triples if t.predicate == KG.recordKey and t.object == literal(key)]
    assert len(found) == 1
    assert isinstance(found[0], NamedNode)
    return found[0]


#: (reading, key) -> canonical node, its class and name. Unnamed sources have none.
IDENTITIES = {
    (0, "a2"): ("actor/ilse-brandt", KG.Person, "Ilse Brandt"),
    (0, "o1"): ("actor/lantern", KG.NewsOutlet, "The Lantern"),
    (0, "o2"): ("actor/harbour-post", KG.NewsOutlet, "Harbour Post"),
    (1, "a2"): ("actor/rosa-keel", KG.Person, "Rosa Keel"),
    (1, "o1"): ("actor/daily", KG.NewsOutlet, "Daily"),
    (2, "o1"): ("actor/evening", KG.NewsOutlet, "Evening"),
    (2, "o2"): ("actor/daily", KG.NewsOutlet, "Daily"),
    (3, "a1"): ("actor/bob", KG.Person, "</mark><b>Bob</b>"),
    (3, "o1"): ("actor/rag", KG.NewsOutlet, "<i>Rag</i>"),
}
#: claim -> its label, who affirms and denies it, (outlets, roots at least, at most, named roots) and the roots
CLAIMS = {
    "claim/sold": (
        "the bridge was sold",
        [(1, "s1"), (2, "s1")],
        [(1, "s2")],
        (2, 1, 1, 0),
        [(1, "a1")],
    ),
    "claim/ferry": ("The ferry is held", [(0, "s1")], [], (1, 1, 1, 1), ["actor/ilse-brandt"]),
    "claim/arrests": ("two sailors were arrested", [(0, "s2")], [(0, "s10")], (1, 1, 1, 0), [(0, "a3")]),
    "claim/report": ("the report", [(0, "s11")], [], (1, 1, 1, 1), ["actor/lantern"]),
    "claim/cheap": ("<img src=x onerror=alert(1)>", [(3, "s1")], [], (1, 1, 1, 1), ["actor/bob"]),
}
SPEAKERS = {
    (0, "s1"): "actor/ilse-brandt",
    (0, "s2"): (0, "a3"),
    (0, "s10"): "actor/ilse-brandt",
    (1, "s1"): (1, "a1"),
    (1, "s2"): "actor/rosa-keel",
    (2, "s1"): (2, "a1"),
    (3, "s1"): "actor/bob",
}
OUTLETS = ("actor/lantern", "actor/daily", "actor/evening", "actor/rag")


def linked(graphs: list[ArticleGraph]) -> Iterator[Triple]:
    def node(name: str | tuple[int, str]) -> NamedNode:
        return canonical(name) if isinstance(name, str) else local(graphs[name[0]], name[1])

    for key, (path, kind, name) in IDENTITIES.items():
        yield Triple(node(key), KG.identifiedAs, canonical(path))
        for superclass in (kind, KG.Actor, KG.Source, *([KG.Organization] if kind == KG.NewsOutlet else [])):
            yield Triple(canonical(path), RDF_TYPE, superclass)
        yield Triple(canonical(path), KG.name, literal(name))
    yield Triple(canonical("actor/ilse-brandt"), KG.altLabel, literal("Mayor Brandt"))
    for number, graph in enumerate(graphs):
        work = canonical(f"article/{number}")
        yield Triple(NamedNode(graph.name.value + "#article"), KG.identifiedAs, work)
        yield Triple(work, RDF_TYPE, KG.Article)
    yield Triple(node((1, "e1")), KG.identifiedAs, canonical("event/sale"))
    yield Triple(canonical("event/sale"), RDF_TYPE, KG.Event)
    yield Triple(canonical("event/sale"), KG.label, literal("the sale of the bridge"))
    for key, who in SPEAKERS.items():
        yield Triple(node(key), KG.saidBy, node(who))
    for path, (label, affirming, denying, figures, roots) in CLAIMS.items():
        claim = canonical(path)
        yield Triple(claim, RDF_TYPE, KG.Claim)
        yield Triple(claim, KG.label, literal(label))
        counts = (KG.outletCount, KG.rootCountLow, KG.rootCountHigh, KG.namedRootCount)
        for predicate, count in zip(counts, figures, strict=True):
            yield Triple(claim, predicate, literal(count))
        yield Triple(claim, KG.statementCount, literal(len(affirming)))
        yield Triple(claim, KG.denialCount, literal(len(denying)))
        for root in roots:
            yield Triple(claim, KG.hasRoot, node(root))
        for key in affirming:
            yield Triple(node(key), KG.expresses, claim)
            yield Triple(claim, KG.carriedBy, canonical(OUTLETS[key[0]]))
        for key in denying:
            yield Triple(node(key), KG.denies, claim)
        for key in affirming + denying:
            yield Triple(node(key), KG.publishedBy, canonical(OUTLETS[key[0]]))
    relation = canonical("relation/1")
    yield Triple(relation, RDF_TYPE, KG.StatementRelation)
    yield Triple(relation, KG.from_, node((1, "s2")))
    yield Triple(relation, KG.to, node((1, "s1")))
    yield Triple(relation, KG.relation, concept("relation", "contradicts"))
    yield Triple(relation, KG.basis, concept("basis", "opposite-polarity"))
    yield Triple(relation, KG.confidence, literal(0.8))


def _mention(words: str, text: str) -> Mention:
    return Mention(at(words, text=text), "nominal")


def four_ways(store: Store, query: str, variables: dict[str, Any]) -> list[bytes]:
    """Return the answers to a document by a plan and ordinarily, from the index and by SPARQL."""
    request = GraphQLRequest(query, variables)
    return [
        execute(store, request, Limits(), True, compiled=compiled, use_index=indexed).body
        for compiled in (True, False)
        for indexed in (True, False)
    ]
