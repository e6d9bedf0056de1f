"""Each shape accepts what is right and refuses what it names; the gate's way of running them changes no verdict."""

from __future__ import annotations

from functools import cache

import pyshacl
import pytest
from cases import SHAPES, Case, base, cases, report, short
from pyoxigraph import NamedNode
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH

from kg.gate.rules import RULES
from kg.gate.shapes import EDITION, SHARED
from kg.graph import ArticleGraph

FILES = {"base.ttl": EDITION, "links.ttl": SHARED, "house.ttl": ("house",)}
ACCEPTED = list(cases("valid"))
OTHERS = list(cases("invalid"))
REFUSED = [case for case in OTHERS if case.kind == "refused"]
NOTED = [case for case in OTHERS if case.kind == "noted"]


@cache
def shape_graph(names: tuple[str, ...]) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(SHAPES / f"{name}.ttl")
    return graph


def named_shapes(graph: Graph) -> set[str]:
    """Return the names of the shapes that can say something: those with a message."""
    return {short(NamedNode(str(shape))) for shape in graph.subjects(SH.message) if isinstance(shape, URIRef)}


def spoken(case: Case, *severities: str) -> set[str]:
    return {short(one.shape) for one in case.report().violations if one.severity in severities}


@pytest.mark.parametrize("name", FILES)
def test_each_base_is_accepted_without_a_word(name: str) -> None:
    found = report(base(name), name)
    assert found.conforms, found.describe(name)
    assert found.violations == ()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_what_is_right_is_accepted_without_a_word(case: Case) -> None:
    found = case.report()
    assert found.conforms, found.describe("this graph")
    assert found.violations == ()


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_is_wrong_is_refused_by_the_shape_that_is_named_and_no_other(case: Case) -> None:
    assert not case.report().conforms
    assert spoken(case, "violation") == case.shapes, case.report().describe("this graph")


@pytest.mark.parametrize("case", NOTED, ids=str)
def test_what_is_doubtful_is_accepted_and_noted(case: Case) -> None:
    assert case.report().conforms, case.report().describe("this graph")
    assert spoken(case, "warning", "info") == case.shapes


@pytest.mark.parametrize("name", FILES)
def test_every_shape_with_a_message_has_a_fixture_that_it_speaks_of(name: str) -> None:
    fixtures = {shape for case in OTHERS if case.base == name for shape in case.shapes}
    missing = named_shapes(shape_graph(FILES[name])) - fixtures
    assert not missing, f"write a case of tests/shapes/invalid for {sorted(missing)}"


@pytest.mark.parametrize("name", FILES)
def test_every_shape_meets_something_in_a_graph_that_is_right(name: str) -> None:
    graph, data = shape_graph(FILES[name]), as_rdflib(base(name))
    shapes = ShapesGraph(graph + Graph())
    idle = set()
    for shape in shapes.shapes:
        # Nothing may stand where kg:CoreShape-sparql looks.
        if not isinstance(shape.node, URIRef) or shape.deactivated or shape.node.endswith("CoreShape-sparql"):
            continue
        nodes = {node for owner in owners(graph, shape.node) for node in focus(shapes, owner, data)}
        if not any(shape.value_nodes(data, nodes).values()):
            idle.add(short(NamedNode(str(shape.node))))
    assert not idle, f"nothing in the base makes these shapes look: {sorted(idle)}"


def owners(graph: Graph, shape: URIRef) -> set[URIRef]:
    """Return the node shapes that a property shape belongs to; a node shape belongs to itself."""
    return {URIRef(str(owner)) for owner in graph.subjects(SH.property, shape)} or {shape}


def focus(shapes: ShapesGraph, shape: URIRef, data: Graph) -> set[URIRef]:
    return set(shapes.lookup_shape_from_node(shape).focus_nodes(data))


def test_every_rule_of_the_gate_has_its_words_in_a_shape_that_engines_pass_over() -> None:
    graph = shape_graph(EDITION)
    deactivated = {short(NamedNode(str(shape))) for shape in graph.subjects(SH.deactivated, Literal(True))}
    assert deactivated == set(RULES)


def as_rdflib(graph: ArticleGraph) -> Graph:
    return Graph().parse(data="".join(f"{line} .\n" for line in graph.lines()), format="nt")


def plain_pyshacl(graph: ArticleGraph, names: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """Return focus node, shape and severity of each result of ``pyshacl.validate`` on the files as they stand."""
    _, results, _ = pyshacl.validate(as_rdflib(graph), shacl_graph=shape_graph(names))
    return {
        (
            str(results.value(one, SH.focusNode)),
            str(results.value(one, SH.sourceShape)),
            str(results.value(one, SH.resultSeverity)).rpartition("#")[2].lower(),
        )
        for one in results.subjects(RDF.type, SH.ValidationResult)
    }


@pytest.mark.parametrize("name", FILES)
def test_the_gate_gives_the_verdicts_of_plain_pyshacl(name: str) -> None:
    # Every third case keeps this within the time of all other tests of the folder.
    some = [case for case in [*ACCEPTED, *OTHERS] if case.base == name][::3]
    for case in some:
        ours = {
            (
                one.focus_node.value if isinstance(one.focus_node, NamedNode) else str(one.focus_node),
                one.shape.value,
                one.severity,
            )
            for one in case.report().violations
            if short(one.shape) not in RULES
        }
        assert ours == plain_pyshacl(case.graph, FILES[name]), str(case)
