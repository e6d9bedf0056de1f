"""The fast gate says what the reference says: on mutated articles, and on the W3C SHACL Core suite."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib.namespace import RDF
from rdflib.namespace import SH as SHACL
from sample_readings import at, by_hand

from kg.errors import UsageError
from kg.gate import check, open_engine
from kg.gate.shapes import EDITION, files
from kg.graph import ArticleGraph, literal
from kg.mapping import to_graph
from kg.vocab import KG, NAMESPACE, RDF_TYPE, concept

shacl = pytest.importorskip("shacl", reason="the extra fast is not installed")

from kg.gate.engine import PyShacl  # noqa: E402
from kg.gate.fast import FastFirst, FastShacl, _term  # noqa: E402

SUITE = Path(__file__).parents[2] / "shared" / "conformance" / "shacl" / "core"
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture(scope="module")
def graph() -> ArticleGraph:
    return to_graph(by_hand())


@pytest.fixture(scope="module")
def fast() -> FastShacl:
    return FastShacl(files(EDITION))


@pytest.fixture(scope="module")
def reference() -> PyShacl:
    return PyShacl(files(EDITION))


# Mutations: each takes a list of triples and changes one thing that a faulty reader could get wrong.

Triples = list[Triple]
ODD = (
    literal(-1), literal("x"), literal(""), literal(10**20), literal(0.5), literal(True), literal("w", language="en"),
    Literal("01x", datatype=NamedNode(f"{XSD}integer")), Literal("2025-02-30", datatype=NamedNode(f"{XSD}date")),
    Literal("007", datatype=NamedNode(f"{XSD}integer")), NamedNode("https://elsewhere.example/x"),
    concept("act", "deny"), concept("mode", "direct"), concept("zone", "caption"), KG.Statement,
)  # fmt: skip


def without_one(triples: Triples, rng: random.Random) -> Triples:
    gone = rng.randrange(len(triples))
    return triples[:gone] + triples[gone + 1 :]


def without_a_property(triples: Triples, rng: random.Random) -> Triples:
    gone = rng.choice(triples).predicate
    return [one for one in triples if one.predicate != gone]


def without_a_node(triples: Triples, rng: random.Random) -> Triples:
    gone = rng.choice(triples).subject
    return [one for one in triples if one.subject != gone]


def another_value(triples: Triples, rng: random.Random) -> Triples:
    at_ = rng.randrange(len(triples))
    one = triples[at_]
    return [*triples[:at_], Triple(one.subject, one.predicate, rng.choice(ODD)), *triples[at_ + 1 :]]


def one_value_more(triples: Triples, rng: random.Random) -> Triples:
    one = rng.choice(triples)
    return [*triples, Triple(one.subject, one.predicate, rng.choice([*ODD, rng.choice(triples).object]))]


def a_value_of_another(triples: Triples, rng: random.Random) -> Triples:
    one, other = rng.sample(triples, 2)
    return [*(kept for kept in triples if kept != one), Triple(one.subject, one.predicate, other.object)]


def an_unknown_property(triples: Triples, rng: random.Random) -> Triples:
    return [*triples, Triple(rng.choice(triples).subject, NamedNode(f"{NAMESPACE}unheardOf"), rng.choice(ODD))]


def another_class(triples: Triples, rng: random.Random) -> Triples:
    node = rng.choice(triples).subject
    kind = rng.choice([KG.Statement, KG.Mention, KG.Person, KG.Event, KG.TimeSpan, NamedNode(f"{NAMESPACE}Odd")])
    return [*triples, Triple(node, RDF_TYPE, kind)]


# What an article can do without: the gate warns, or says nothing.
OPTIONAL = (KG.cue, KG.speakerMention, KG.addressee, KG.altLabel, KG.title, KG.author, KG.url, KG.published,
            KG.language, KG.saidOn, KG.evidence, KG.timexValue, KG.modality, KG.quoted, KG.number)  # fmt: skip


def without_an_optional_property(triples: Triples, rng: random.Random) -> Triples:
    gone = rng.choice(OPTIONAL)
    return [one for one in triples if one.predicate != gone]


def without_an_optional_value(triples: Triples, rng: random.Random) -> Triples:
    found = [one for one in triples if one.predicate in OPTIONAL]
    gone = rng.choice(found) if found else None
    return [one for one in triples if one != gone]


MUTATIONS: tuple[Callable[[Triples, random.Random], Triples], ...] = (
    without_one, without_a_property, without_a_node, another_value, one_value_more, a_value_of_another,
    an_unknown_property, another_class, *([without_an_optional_property, without_an_optional_value] * 4),
)  # fmt: skip


def compare(graph: ArticleGraph, fast: FastShacl, reference: PyShacl, *, count: int, seed: int) -> Counter[str]:
    """Mutate an article so many times; the verdicts must be equal, and so must what is said of those that pass."""
    rng = random.Random(seed)
    triples = sorted(graph.triples, key=str)
    seen: Counter[str] = Counter()
    for number in range(count):
        changed = triples
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            changed = rng.choice(MUTATIONS)(changed, rng)
        mutant = ArticleGraph.of(graph.name, changed)
        slow, quick = reference.validate(mutant), fast.validate(mutant)
        refused = any(one.severity == "violation" for one in slow)
        assert any(one.severity == "violation" for one in quick) == refused, f"mutant {number} of seed {seed}"
        if not refused:
            assert set(quick) == set(slow), f"mutant {number} of seed {seed}"
        seen["refused" if refused else "passed"] += 1
        seen["same results"] += set(quick) == set(slow)
        gate = FastFirst(fast, lambda: reference)
        assert check(mutant, validator=gate) == check(mutant, validator=reference)
    return seen


@pytest.mark.filterwarnings("ignore:NotImplemented should not be used:DeprecationWarning")
def test_eighty_mutated_articles_get_the_verdict_of_the_reference(
    graph: ArticleGraph, fast: FastShacl, reference: PyShacl
) -> None:
    seen = compare(graph, fast, reference, count=80, seed=1)
    assert min(seen["refused"], seen["passed"]) >= 10


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:NotImplemented should not be used:DeprecationWarning")
def test_twelve_hundred_mutated_articles_get_the_verdict_of_the_reference(
    graph: ArticleGraph, fast: FastShacl, reference: PyShacl
) -> None:
    seen = compare(graph, fast, reference, count=1200, seed=2)
    assert min(seen["refused"], seen["passed"]) >= 150
    assert seen["same results"] >= 1200 * 0.9


def test_what_the_fast_engine_would_refuse_the_reference_decides(graph: ArticleGraph, fast: FastShacl) -> None:
    class Lenient:
        asked = 0

        def validate(self, graph: ArticleGraph) -> list[object]:
            self.asked += 1
            return []

    lenient = Lenient()
    gate = FastFirst(fast, lambda: lenient)  # type: ignore[arg-type,return-value]
    assert gate.validate(graph) == fast.validate(graph)
    assert lenient.asked == 0
    bare = ArticleGraph.of(graph.name, {one for one in graph.triples if one.predicate != KG.reader})
    assert gate.validate(bare) == []
    assert lenient.asked == 1


def test_the_rules_beside_shacl_stay_with_the_fast_engine(graph: ArticleGraph) -> None:
    span = at("Mayor")
    node = NamedNode(f"{graph.name.value}#char={span.start},{span.end}")
    kept = {one for one in graph.triples if (one.subject, one.predicate) != (node, KG.exact)}
    wrong = ArticleGraph.of(graph.name, kept | {Triple(node, KG.exact, literal("Mayoress"))})
    report = check(wrong, validator=open_engine("fast"))
    assert [one.shape.value for one in report.violations if one.severity == "violation"] == [
        f"{NAMESPACE}MentionShape-words"
    ]


def test_an_engine_that_nobody_knows_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="pyshacl, fast"):
        open_engine("slow")


# The W3C suite: https://w3c.github.io/data-shapes/data-shapes-test-suite/

# Where the reference itself is wrong, and why.
REFERENCE_MISSES = {
    "property/uniqueLang-002.ttl": 'pySHACL takes sh:uniqueLang "1"^^xsd:boolean for true; SHACL wants the term true'
}
Results = Counter[tuple[str, str, str, str]]


def suite() -> list[Path]:
    """Return the files of the suite that hold tests."""
    found = sorted(SUITE.rglob("*.ttl")) if SUITE.exists() else []
    return [path for path in found if "sht:Validate" in path.read_text(encoding="utf-8")]


def expected(path: Path) -> Iterator[tuple[Path, Path, bool, Results]]:
    """Yield data, shapes, verdict and results of the tests in a file."""
    graph = rdflib.Graph().parse(path, format="turtle", publicID=path.as_uri())
    mf = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
    sht = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
    for test in graph.subjects(RDF.type, sht.Validate):
        action, result = graph.value(test, mf.action), graph.value(test, mf.result)
        data, shapes = (
            Path(str(graph.value(action, which)).removeprefix("file://")) for which in (sht.dataGraph, sht.shapesGraph)
        )
        yield data, shapes, bool(graph.value(result, SHACL.conforms)), in_graph(graph, result)


def in_graph(graph: rdflib.Graph, report: object) -> Results:
    parts = (SHACL.focusNode, SHACL.value, SHACL.resultSeverity, SHACL.sourceConstraintComponent)
    return Counter(
        tuple(plain(graph.value(one, part)) for part in parts)  # type: ignore[misc]
        for one in graph.objects(report, SHACL.result)  # type: ignore[arg-type]
    )


def plain(term: object) -> str:
    """Write a term so that the same one is the same from both libraries; blank nodes are all alike."""
    if term is None:
        return ""
    if isinstance(term, rdflib.BNode | BlankNode):
        return "_:"
    return str(term.value) if isinstance(term, NamedNode | Literal) else str(term)


def by_fast(data: Path, shapes: Path) -> tuple[bool, Results]:
    compiled = shacl.Shapes.from_text(shapes.read_text(encoding="utf-8"), "turtle", shapes.as_uri())
    report = compiled.validate_text(data.read_text(encoding="utf-8"), "turtle", data.as_uri())
    return report.conforms, Counter(
        (
            plain(_term(one.focus_node)),
            "" if one.value is None else plain(_term(one.value)),
            one.severity_iri,
            one.component_iri,
        )
        for one in report.results
    )


def by_reference(data: Path, shapes: Path) -> tuple[bool, Results]:
    conforms, graph, _ = pyshacl.validate(
        rdflib.Graph().parse(data, publicID=data.as_uri()),
        shacl_graph=rdflib.Graph().parse(shapes, publicID=shapes.as_uri()),
        inference="none",
    )
    report = next(graph.subjects(RDF.type, SHACL.ValidationReport))
    return conforms, in_graph(graph, report)


@pytest.fixture
def as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """rdflib writes "2011-01-01" as a time and 042 as 42 unless it is told not to."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def test_the_suite_is_there() -> None:
    if not SUITE.exists():
        pytest.skip(f"the W3C suite is not at {SUITE.parent}")
    assert len(suite()) >= 95


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("as_written")
@pytest.mark.parametrize("path", [pytest.param(path, id=path.relative_to(SUITE).as_posix()) for path in suite()])
def test_both_engines_give_the_results_of_the_w3c_suite(path: Path) -> None:
    for data, shapes, conforms, results in expected(path):
        assert by_fast(data, shapes) == (conforms, results)
        if path.relative_to(SUITE).as_posix() not in REFERENCE_MISSES:
            assert by_reference(data, shapes) == (conforms, results)
