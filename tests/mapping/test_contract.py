"""What stands in an edition's graph, as docs/model.md says it, seen on the hand-written Reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode, Triple
from sample_readings import TEXT, at, by_hand

from kg.graph import ArticleGraph, edition_iri, literal
from kg.mapping import to_graph
from kg.mapping.sources import CLASSES
from kg.model import Outlet, Reading, Source, Span
from kg.vocab import KG, RDF_TYPE, concept

EDITION = edition_iri(by_hand().article.sha256, "The Lantern")


@pytest.fixture(scope="module")
def graph() -> ArticleGraph:
    return to_graph(by_hand())


def node(fragment: str) -> NamedNode:
    return NamedNode(f"{EDITION}#{fragment}")


def char(words: str, *, nth: int = 1) -> NamedNode:
    return node("char=" + comma(at(words, nth=nth)))


def comma(*spans: Span) -> str:
    return ";".join(f"{span.start},{span.end}" for span in spans)


def said(graph: ArticleGraph, subject: NamedNode, predicate: NamedNode) -> set[object]:
    return {triple.object for triple in graph.triples if (triple.subject, triple.predicate) == (subject, predicate)}


SPLIT = node(f"statement={comma(at('said'), at('The ferry 🛥 is held,'), at('until the crew is paid.'))}")
TOLD = node(f"statement={comma(at('told'), at('two sailors were arrested on Sunday night'))}")
DENIED = node(f"statement={comma(at('denied'), at('the arrests'))}")
UNSAID = node(f"statement=-;{comma(at('the report'))}")
BRANDT = node(f"source={comma(at('Ilse Brandt'))}")
OFFICIAL = node(f"source={comma(at('A senior official'))}")
LANTERN = node(f"source={comma(at('The Lantern'))}")
POST = node(f"source={comma(at('Harbour Post'))}")
BAY = node(f"source={comma(at('Alda Bay'))}")
ARREST = node(f"event={comma(at('arrested'))}")


def test_the_graph_is_named_by_the_edition(graph: ArticleGraph) -> None:
    assert graph.name == NamedNode(EDITION)
    assert said(graph, graph.name, RDF_TYPE) == {KG.Edition}
    assert said(graph, graph.name, KG.text) == {literal(TEXT)}
    assert said(graph, graph.name, KG.editionOf) == {node("article")}
    assert said(graph, graph.name, KG.problem) == {node("problem=0"), node("problem=1")}


def test_the_article_names_its_publisher_title_author_and_date(graph: ArticleGraph) -> None:
    article = node("article")
    assert said(graph, article, KG.publisher) == {LANTERN}
    assert said(graph, article, KG.titleSpan) == {char("Ferry held at Alda Bay")}
    assert said(graph, article, KG.outletName) == {literal("The Lantern")}
    assert said(graph, article, KG.outletOrigin) == {concept("origin", "option")}
    assert said(graph, article, KG.author) == {node("author=0")}
    assert said(graph, node("author=0"), KG.name) == {literal("Ana Reyes")}
    assert said(graph, article, KG.published) == {node("published")}
    assert said(graph, node("published"), KG.earliest) == {literal(date(2031, 3, 4))}
    assert said(graph, node("published"), KG.resolution) == {concept("resolution", "metadata")}


def test_a_mention_counts_code_points(graph: ArticleGraph) -> None:
    mention = char("The ferry 🛥 is held,")
    (start,), (end,) = said(graph, mention, KG.start), said(graph, mention, KG.end)
    assert isinstance(start, Literal)
    assert isinstance(end, Literal)
    assert int(end.value) - int(start.value) == 20
    assert said(graph, mention, KG.exact) == {literal("The ferry 🛥 is held,")}


def test_a_zone_is_a_mention_with_a_zone(graph: ArticleGraph) -> None:
    assert said(graph, char("By Ana Reyes"), KG.zone) == {concept("zone", "byline")}
    assert said(graph, char("Alda Bay"), KG.zone) == set()


def test_a_source_is_of_its_class_and_of_all_above(graph: ArticleGraph) -> None:
    assert said(graph, BRANDT, RDF_TYPE) == {KG.Person, KG.Actor, KG.Source}
    assert said(graph, POST, RDF_TYPE) == {KG.NewsOutlet, KG.Organization, KG.Actor, KG.Source}


def test_a_place_where_something_happens_does_not_act(graph: ArticleGraph) -> None:
    assert said(graph, BAY, RDF_TYPE) == {KG.Place, KG.Source}


def test_a_place_that_is_spoken_to_acts() -> None:
    reading = by_hand()
    asked = replace(reading.statements[0], addressee="a1")
    graph = to_graph(replace(reading, statements=(asked, *reading.statements[1:])))
    assert said(graph, BAY, RDF_TYPE) == {KG.Place, KG.Source, KG.GeopoliticalEntity, KG.Actor}


def test_a_source_has_its_name_and_the_other_words_for_it(graph: ArticleGraph) -> None:
    assert said(graph, BRANDT, KG.name) == {literal("Ilse Brandt")}
    assert said(graph, BRANDT, KG.altLabel) == {literal("Brandt")}
    assert said(graph, char("Brandt", nth=2), KG.denotes) == {BRANDT}


def test_an_unnamed_source_is_a_node_of_its_place_in_the_text(graph: ArticleGraph) -> None:
    assert said(graph, OFFICIAL, KG.unnamed) == {literal(True)}
    assert said(graph, OFFICIAL, KG.altLabel) == set(), "a description is no other name"


def test_a_role_is_a_tenure(graph: ArticleGraph) -> None:
    first = NamedNode(f"{BRANDT.value};role=0")
    assert said(graph, BRANDT, KG.tenure) == {first, NamedNode(f"{BRANDT.value};role=1")}
    assert said(graph, first, KG.roleLabel) == {literal("Mayor")}
    assert said(graph, first, KG.evidence) == {char("Mayor")}


def test_a_split_quotation_is_one_statement_with_its_words_in_order(graph: ArticleGraph) -> None:
    assert said(graph, SPLIT, RDF_TYPE) == {KG.Statement, KG.DirectQuotation}
    assert said(graph, SPLIT, KG.contentText) == {literal("The ferry 🛥 is held, … until the crew is paid.")}
    assert said(graph, SPLIT, KG.speaker) == {BRANDT}
    assert said(graph, SPLIT, KG.speakerMention) == {char("Mayor Ilse Brandt")}
    assert said(graph, SPLIT, KG.confidence) == {literal(0.95)}


def test_a_chain_runs_from_the_publisher_to_the_root(graph: ArticleGraph) -> None:
    steps = [NamedNode(f"{TOLD.value};step={position}") for position in range(3)]
    assert said(graph, TOLD, KG.hasStep) == set(steps)
    assert [said(graph, step, KG.stepSource) for step in steps] == [{LANTERN}, {POST}, {OFFICIAL}]
    assert [said(graph, step, KG.position) for step in steps] == [{literal(0)}, {literal(1)}, {literal(2)}]
    assert said(graph, steps[1], KG.stepCertainty) == {concept("certainty", "probable")}
    assert said(graph, TOLD, KG.rootSource) == {OFFICIAL}


def test_without_a_speaker_the_last_known_link_is_the_root(graph: ArticleGraph) -> None:
    assert said(graph, UNSAID, KG.speaker) == set()
    assert said(graph, UNSAID, KG.rootSource) == {LANTERN}


def test_a_date_in_the_text_is_shared_by_what_happened_then(graph: ArticleGraph) -> None:
    monday = node(f"time={comma(at('on Monday'))}")
    assert said(graph, SPLIT, KG.saidOn) == {monday}
    assert said(graph, monday, KG.anchor) == {literal("2031-03-04")}
    assert said(graph, monday, KG.latest) == {literal(date(2031, 3, 3))}
    assert said(graph, ARREST, KG.time) == {node(f"time={comma(at('Sunday night'))}")}


def test_a_date_without_words_is_inferred(graph: ArticleGraph) -> None:
    own = NamedNode(f"{DENIED.value};said-on")
    assert said(graph, DENIED, KG.saidOn) == {own}
    assert said(graph, own, KG.resolution) == {concept("resolution", "inferred")}
    assert said(graph, own, KG.timexType) == set()


def test_a_date_that_differs_from_its_expression_has_its_own_node() -> None:
    reading = by_hand()
    event = reading.events[0]
    assert event.when is not None
    graph = to_graph(replace(reading, events=(replace(event, when=replace(event.when, edtf="2031-03-02/2031-03-03")),)))
    own = NamedNode(f"{ARREST.value};when")
    assert said(graph, ARREST, KG.time) == {own}
    assert said(graph, own, KG.resolution) == {concept("resolution", "relative")}
    assert said(graph, own, KG.evidence) == {char("Sunday night")}
    assert said(graph, own, KG.latest) == {literal(date(2031, 3, 3))}


def test_an_event_has_its_place_and_its_parts(graph: ArticleGraph) -> None:
    part = NamedNode(f"{ARREST.value};participant=0")
    assert said(graph, ARREST, KG.place) == {BAY}
    assert said(graph, ARREST, KG.participation) == {part}
    assert said(graph, part, KG.role) == {literal("patient")}
    assert said(graph, char("arrests"), KG.denotes) == {ARREST}
    assert said(graph, TOLD, KG.aboutEvent) == {ARREST}


def test_a_relation_is_asserted_by_the_publisher(graph: ArticleGraph) -> None:
    relation = node("relation=r1")
    assert said(graph, relation, KG.to) == {TOLD}
    assert said(graph, relation, KG.assertedBy) == {LANTERN}
    assert said(graph, relation, KG.bySource) == {node(f"source={comma(at('Two dockers'))}")}
    assert said(graph, relation, KG.basis) == {concept("basis", "declared")}


def test_two_sources_at_one_place_are_two_nodes() -> None:
    reading = by_hand()
    twin = replace(reading.sources[3], key="a12")
    graph = to_graph(replace(reading, sources=(*reading.sources, twin)))
    first = node(f"source={comma(at('Two dockers'))}")
    second = NamedNode(f"{first.value};2")
    assert said(graph, first, KG.recordKey) == {literal("a10")}
    assert said(graph, second, KG.recordKey) == {literal("a12")}
    assert said(graph, char("Two dockers"), KG.denotes) == {first, second}


def test_a_source_without_a_mention_is_named_by_its_key() -> None:
    reading = by_hand()
    graph = to_graph(replace(reading, sources=(*reading.sources, Source("x 1,2;3", "person", "Eve"))))
    assert said(graph, node("source=x%201%2C2%3B3"), KG.name) == {literal("Eve")}


def test_an_article_without_statements_still_names_its_publisher() -> None:
    reading = replace(by_hand(), statements=(), relations=())
    assert said(to_graph(reading), node("article"), KG.publisher) == {LANTERN}


def test_an_outlet_of_the_story_is_not_taken_for_the_publisher() -> None:
    reading = by_hand()
    article = replace(reading.article, outlet=Outlet("Alda Gazette", "option"))
    silent = Reading(article, sources=reading.sources)
    assert said(to_graph(silent), node("article"), KG.publisher) == set()


def test_the_classes_are_closed_under_the_ontology() -> None:
    def above(kind: NamedNode, parents: dict[str, set[str]]) -> Iterator[str]:
        for parent in parents.get(kind.value, ()):
            yield parent
            yield from above(NamedNode(parent), parents)

    parents = ontology_parents()
    # a place is a source because the record names it as one, not because every place of the ontology is
    parents[KG.Place.value] = {KG.Source.value}
    for kind, (own, *others) in CLASSES.items():
        assert {other.value for other in others} == set(above(own, parents)), kind


def ontology_parents() -> dict[str, set[str]]:
    from pyoxigraph import RdfFormat, parse

    from kg.resources import folder

    source = folder("ontology") / "kg.ttl"
    if not source.is_file():
        pytest.skip("ontology/kg.ttl is not written yet")
    below = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
    parents: dict[str, set[str]] = {}
    for quad in parse(source.read_bytes(), format=RdfFormat.TURTLE):
        if quad.predicate == below and isinstance(quad.object, NamedNode) and "on-the-record" in quad.object.value:
            assert isinstance(quad.subject, NamedNode)
            parents.setdefault(quad.subject.value, set()).add(quad.object.value)
    return parents


def test_no_triple_of_the_graph_is_said_twice(graph: ArticleGraph) -> None:
    assert len(set(graph.lines())) == len(graph)
    assert all(isinstance(triple, Triple) for triple in graph.triples)
