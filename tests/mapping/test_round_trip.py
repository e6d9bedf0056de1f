"""A Reading becomes its edition's graph and comes back, through the store as well."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from pyoxigraph import BlankNode, NamedNode, Store, Triple
from sample_readings import by_hand, readings

from kg.errors import RecordError
from kg.graph import ArticleGraph, literal
from kg.mapping import from_graph, to_graph
from kg.model import Reading
from kg.record import canonical, dump_line
from kg.vocab import KG, RDF_TYPE

ROOT = Path(__file__).parents[2]


@given(readings())
def test_a_graph_gives_back_its_reading(reading: Reading) -> None:
    assert from_graph(to_graph(reading)) == reading


def test_the_hand_written_reading_comes_back() -> None:
    assert from_graph(to_graph(by_hand())) == by_hand()


@given(readings())
@settings(max_examples=50)
def test_the_digest_survives_a_store(reading: Reading) -> None:
    graph = to_graph(reading)
    store = Store()
    data = "".join(f"{line} .\n" for line in graph.lines())
    store.update(f"DROP SILENT GRAPH {graph.name} ; INSERT DATA {{ GRAPH {graph.name} {{ {data} }} }}")
    back = ArticleGraph.of(graph.name, (quad.triple for quad in store.quads_for_pattern(None, None, None, graph.name)))
    assert back.digest() == graph.digest()
    assert from_graph(back) == reading


@given(readings())
@settings(max_examples=50)
def test_the_order_of_a_record_does_not_matter(reading: Reading) -> None:
    turned = replace(
        reading, sources=reading.sources[::-1], statements=reading.statements[::-1], times=reading.times[::-1]
    )
    assert to_graph(turned).nquads() == to_graph(reading).nquads()


@given(readings())
@settings(max_examples=50)
def test_every_node_is_of_its_edition_and_none_is_blank(reading: Reading) -> None:
    graph = to_graph(reading)
    edition = graph.name.value
    for triple in graph.triples:
        assert isinstance(triple.subject, NamedNode)
        assert not isinstance(triple.object, BlankNode)
        assert triple.subject == graph.name or triple.subject.value.startswith(f"{edition}#")
        if triple.subject != graph.name and triple.predicate == RDF_TYPE:
            assert Triple(triple.subject, KG.inEdition, graph.name) in graph.triples


def test_another_process_with_another_hash_seed_writes_the_same_quads(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_bytes(dump_line(by_hand()))
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kg.mapping import to_graph\n"
        "from kg.record import load_line\n"
        "sys.stdout.write(to_graph(load_line(Path(sys.argv[1]).read_bytes())).digest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script, str(record)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert digests == {to_graph(by_hand()).digest()}


def test_a_reading_that_breaks_the_record_is_refused() -> None:
    reading = by_hand()
    first = replace(reading.statements[0], speaker="a3")
    with pytest.raises(RecordError, match="the chain ends at 'a2'"):
        to_graph(replace(reading, statements=(first, *reading.statements[1:])))


def test_a_graph_without_a_needed_triple_is_refused_by_its_node() -> None:
    graph = to_graph(by_hand())
    broken = ArticleGraph.of(graph.name, (triple for triple in graph.triples if triple.predicate != KG.speechAct))
    with pytest.raises(RecordError, match=r"#statement=.*: https://w3id.org/on-the-record/ns#speechAct is missing"):
        from_graph(broken)


def test_a_graph_with_a_word_for_a_number_is_refused() -> None:
    graph = to_graph(by_hand())
    mention = NamedNode(f"{graph.name.value}#char=0,22")
    triples = {*graph.triples} - {Triple(mention, KG.end, literal(22))} | {Triple(mention, KG.end, literal("far"))}
    with pytest.raises(RecordError, match=r"#char=0,22: .*#end is no whole number but 'far'"):
        from_graph(ArticleGraph.of(graph.name, triples))


def test_a_graph_with_two_speakers_is_refused() -> None:
    graph = to_graph(by_hand())
    statement = next(t.subject for t in graph.triples if t.predicate == KG.recordKey and t.object == literal("s2"))
    assert isinstance(statement, NamedNode)
    extra = Triple(statement, KG.speaker, NamedNode(f"{graph.name.value}#source=0,1"))
    with pytest.raises(RecordError, match="speaker has 2 values where one may stand"):
        from_graph(ArticleGraph.of(graph.name, {*graph.triples, extra}))


def test_triples_beside_the_contract_are_passed_over() -> None:
    graph = to_graph(by_hand())
    extra = Triple(graph.name, NamedNode("https://a.example/seen"), literal(True))
    assert from_graph(ArticleGraph.of(graph.name, {*graph.triples, extra})) == canonical(by_hand())
