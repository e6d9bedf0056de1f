"""The gate: what passes, what is refused, and in which words. The shapes one by one are in tests/shapes."""

from __future__ import annotations

import logging
import pickle
import socket
from dataclasses import replace
from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode, Triple
from sample_readings import at, by_hand

from kg import gate
from kg.gate import Report, Violation, check
from kg.graph import ArticleGraph, literal
from kg.mapping import to_graph
from kg.model import Reading
from kg.vocab import KG, RDF_TYPE, concept

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture
def reading() -> Reading:
    return by_hand()


@pytest.fixture
def graph(reading: Reading) -> ArticleGraph:
    return to_graph(reading)


def swapped(graph: ArticleGraph, predicate: NamedNode, value: Literal | NamedNode | None, *, of: str) -> ArticleGraph:
    """Give one node another value of a property; None takes the value away."""
    node = NamedNode(f"{graph.name.value}#{of}")
    kept = {one for one in graph.triples if (one.subject, one.predicate) != (node, predicate)}
    assert len(kept) < len(graph), f"{of} has no {predicate}"
    return ArticleGraph.of(graph.name, kept | ({Triple(node, predicate, value)} if value else set()))


def shapes(report: Report, severity: str = "violation") -> set[str]:
    return {one.shape.value.partition("#")[2] for one in report.violations if one.severity == severity}


def span_name(words: str) -> str:
    span = at(words)
    return f"char={span.start},{span.end}"


def test_what_the_mapping_writes_passes(graph: ArticleGraph) -> None:
    report = check(graph)
    assert report.conforms, report.describe("ferry.txt")


def test_a_refusal_names_shape_focus_node_value_and_the_shapes_own_words(graph: ArticleGraph) -> None:
    wrong = swapped(graph, KG.exact, literal("Mayoress"), of=span_name("Mayor"))
    report = check(wrong)
    assert report.violations == (
        Violation(
            focus_node=NamedNode(f"{graph.name.value}#{span_name('Mayor')}"),
            shape=NamedNode("https://w3id.org/on-the-record/ns#MentionShape-words"),
            path=KG.exact,
            value=literal("Mayoress"),
            message="kg:exact is what stands in the text at the mention's offsets (Unicode code points); "
            "here other words stand there.",
            severity="violation",
        ),
        *check(graph).violations,
    )
    assert report.describe("ferry.txt") == (
        "ferry.txt refused: kg:exact is what stands in the text at the mention's offsets (Unicode code points); "
        "here other words stand there.\n"
        f'  focus node <…#{span_name("Mayor")}>   shape kg:MentionShape-words   value "Mayoress"'
    )


def test_a_refusal_without_a_name_opens_with_the_shapes_words(graph: ArticleGraph) -> None:
    report = check(swapped(graph, KG.reader, None, of="run"))
    assert report.describe() == (
        'A run names its reader: one kg:reader such as "rules-en".\n'
        "  focus node <…#run>   shape kg:ExtractionRunShape-reader   value none"
    )


def test_a_missing_value_is_told_as_none(graph: ArticleGraph) -> None:
    report = check(swapped(graph, KG.reader, None, of="run"))
    assert "focus node <…#run>   shape kg:ExtractionRunShape-reader   value none" in report.describe("ferry.txt")


def test_a_concept_is_told_under_its_prefix(graph: ArticleGraph) -> None:
    report = check(swapped(graph, KG.outletOrigin, concept("act", "deny"), of="article"))
    assert "shape kg:ArticleShape-outletOrigin   value kgs:act-deny" in report.describe("ferry.txt")


def test_a_long_refusal_is_cut_and_says_so(graph: ArticleGraph) -> None:
    bare = ArticleGraph.of(graph.name, {one for one in graph.triples if one.predicate != KG.inEdition})
    told = check(bare).describe("ferry.txt", limit=3).splitlines()
    assert len(told) == 3 * 2 + 1
    assert told[-1].startswith("ferry.txt: ")
    assert told[-1].endswith(" more of this kind")


def test_a_warning_lets_the_graph_pass_and_is_kept(reading: Reading) -> None:
    report = check(to_graph(replace(reading, article=replace(reading.article, published=None))))
    assert report.conforms
    assert "ArticleShape-undated" in shapes(report, "warning")
    assert report.describe("ferry.txt").startswith("ferry.txt warning: This article has no date")


def test_the_warnings_of_a_refused_graph_do_not_hide_the_reason(reading: Reading) -> None:
    undated = to_graph(replace(reading, article=replace(reading.article, published=None)))
    report = check(swapped(undated, KG.reader, None, of="run"))
    assert not report.conforms
    assert "warning" not in report.describe("ferry.txt")


def test_a_report_without_a_word_says_nothing() -> None:
    assert Report.of([]).conforms
    assert Report.of([]).describe("ferry.txt") == ""


def test_offsets_count_code_points_and_not_utf_16_units(reading: Reading, graph: ArticleGraph) -> None:
    """The text has a ship 🛥 in its third line: one code point, two units of JavaScript."""
    mention = span_name("Mayor Ilse Brandt")
    span = at("Mayor Ilse Brandt")
    assert reading.article.text.index("🛥") < span.start
    shifted = swapped(graph, KG.start, literal(span.start + 1), of=mention)
    shifted = swapped(shifted, KG.end, literal(span.end + 1), of=mention)
    assert shapes(check(shifted)) == {"MentionShape-words"}


def test_a_span_that_runs_out_of_the_text_is_refused(reading: Reading, graph: ArticleGraph) -> None:
    longer = swapped(graph, KG.end, literal(len(reading.article.text) + 1), of=span_name("Mayor"))
    assert shapes(check(longer)) == {"MentionShape-span"}


@pytest.mark.parametrize("written", ["01x", "1_9", " 19", "١٩", "", "9" * 5000])
def test_an_offset_that_is_no_number_is_refused_and_stops_nothing(graph: ArticleGraph, written: str) -> None:
    wrong = Literal(written, datatype=NamedNode(f"{XSD}integer"))
    assert not check(swapped(graph, KG.end, wrong, of=span_name("Mayor"))).conforms


def test_a_text_that_was_changed_after_it_was_hashed_is_refused(reading: Reading, graph: ArticleGraph) -> None:
    others = {one for one in graph.triples if one.predicate != KG.text}
    text = literal(reading.article.text.replace("The Lantern could", "The Lantern can"))
    changed = ArticleGraph.of(graph.name, others | {Triple(graph.name, KG.text, text)})
    assert "EditionShape-digest" in shapes(check(changed))


@pytest.mark.filterwarnings("ignore:NotImplemented should not be used:DeprecationWarning")
def test_a_day_that_the_calendar_does_not_have_is_refused_without_a_log(
    graph: ArticleGraph, caplog: pytest.LogCaptureFixture
) -> None:
    day = Literal("2031-02-30", datatype=NamedNode(f"{XSD}date"))
    with caplog.at_level(logging.WARNING):
        report = check(swapped(graph, KG.latest, day, of="published"))
    assert shapes(report) == {"TimeSpanShape-latest", "TimeSpanShape-order"}
    assert caplog.text == ""


@pytest.mark.filterwarnings("ignore:NotImplemented should not be used:DeprecationWarning")
def test_a_day_that_cannot_be_compared_hides_nothing_else(graph: ArticleGraph) -> None:
    day = Literal("2031-02-30", datatype=NamedNode(f"{XSD}date"))
    wrong = swapped(graph, KG.latest, day, of="published")
    wrong = swapped(wrong, KG.latest, literal(date(1999, 1, 1)), of=f"time={span_name('on Monday').partition('=')[2]}")
    refused = {one.focus_node.value.partition("#")[2] for one in check(wrong).violations if "order" in one.shape.value}
    assert refused == {"published", f"time={span_name('on Monday').partition('=')[2]}"}


def test_an_empty_graph_is_no_edition() -> None:
    assert shapes(check(ArticleGraph(NamedNode("https://news.example/edition/1"), frozenset()))) == {
        "GraphShape-edition"
    }


def test_a_graph_that_bears_another_name_is_refused(graph: ArticleGraph) -> None:
    renamed = ArticleGraph(NamedNode(f"{graph.name.value}-copy"), graph.triples)
    assert {"GraphShape-edition", "GraphShape-own"} <= shapes(check(renamed))


def test_nothing_is_fetched_whatever_the_graph_asks_for(graph: ArticleGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the gate opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    imports = NamedNode("http://www.w3.org/2002/07/owl#imports")
    asking = ArticleGraph.of(
        graph.name, graph.triples | {Triple(graph.name, imports, NamedNode("http://evil.example/shapes.ttl"))}
    )
    assert shapes(check(asking)) == {"EditionShape"}


def test_a_class_that_the_graph_declares_itself_opens_no_back_door(graph: ArticleGraph) -> None:
    """Data are data: a subclass triple in an article's graph can't make a mention of something that is none."""
    node, kind = NamedNode(f"{graph.name.value}#x"), NamedNode(f"{graph.name.value}#Odd")
    below = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
    odd = ArticleGraph.of(graph.name, graph.triples | {Triple(node, RDF_TYPE, kind), Triple(kind, below, KG.Mention)})
    assert "GraphShape-classed" in shapes(check(odd))


def test_the_shapes_are_compiled_once_for_any_number_of_articles(graph: ArticleGraph) -> None:
    gate._pyshacl.cache_clear()
    gate._wording.cache_clear()
    for _ in range(3):
        check(graph)
    assert (gate._pyshacl.cache_info().misses, gate._wording.cache_info().misses) == (1, 1)


def test_the_same_graph_gives_the_same_report_in_any_order(graph: ArticleGraph) -> None:
    bare = {one for one in graph.triples if one.predicate not in (KG.inEdition, KG.cue)}
    reports = [
        check(ArticleGraph(graph.name, frozenset(sorted(bare, key=str, reverse=backwards))))
        for backwards in (False, True)
    ]
    assert reports[0] == reports[1]
    assert reports[0].violations


def test_the_gravest_stand_first(graph: ArticleGraph) -> None:
    bare = ArticleGraph.of(graph.name, {one for one in graph.triples if one.predicate not in (KG.reader, KG.cue)})
    severities = [one.severity for one in check(bare).violations]
    assert severities == sorted(severities, key=["violation", "warning", "info"].index)
    assert {"violation", "info"} <= set(severities)


def test_a_report_travels_between_processes(graph: ArticleGraph) -> None:
    report = check(swapped(graph, KG.reader, None, of="run"))
    assert pickle.loads(pickle.dumps(report)) == report


class Lenient:
    """An engine that finds nothing: a faster one can come in this way."""

    def validate(self, graph: ArticleGraph) -> list[Violation]:
        return []


def test_another_engine_can_take_pyshacls_place_and_the_rules_stay(graph: ArticleGraph) -> None:
    wrong = swapped(graph, KG.exact, literal("Mayoress"), of=span_name("Mayor"))
    assert check(graph, validator=Lenient()).violations == ()
    assert shapes(check(wrong, validator=Lenient())) == {"MentionShape-words"}
