"""The ontology keeps the rules of the house, stays in OWL 2 RL, is consistent, and its examples are right."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import owlrl
import pyshacl
import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse
from pyshacl.entrypoints import meta_validate
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from kg.gate import check, check_shared
from kg.gate.shapes import EDITION, SHARED
from kg.graph import BASE_IRI, ArticleGraph
from kg.vocab import KG, NAMESPACE, RDF_TYPE, SCHEMES

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
EXAMPLES = sorted((ONTOLOGY / "examples").glob("*.ttl"))

# https://www.w3.org/TR/owl2-profiles/#OWL_2_RL: what kg.ttl and alignment.ttl may say with OWL's and RDFS's own words.
RL_PREDICATES = {
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    RDFS.domain,
    RDFS.range,
    OWL.inverseOf,
    OWL.members,
    # annotations
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    OWL.versionInfo,
    OWL.versionIRI,
}
RL_TYPES = {
    OWL.Ontology,
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.AllDisjointClasses,
    SKOS.Concept,
    SKOS.ConceptScheme,
}


@cache
def ontology(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ONTOLOGY / name)
    return graph


@pytest.mark.parametrize("path", sorted(ROOT.glob("ontology/**/*.ttl")) + sorted(ROOT.glob("shapes/*.ttl")), ids=str)
def test_every_turtle_file_parses_in_both_libraries(path: Path) -> None:
    triples = list(parse(path.read_bytes(), format=RdfFormat.TURTLE))
    assert len(Graph().parse(path)) == len({quad.triple for quad in triples}) > 0


def test_ontology_schemes_and_shapes_keep_the_rules_of_the_house() -> None:
    data = Graph()
    for name in ("kg.ttl", "schemes.ttl"):
        data.parse(ONTOLOGY / name)
    for name in (*EDITION, *SHARED):
        data.parse(ROOT / "shapes" / f"{name}.ttl")
    conforms, _, words = pyshacl.validate(data, shacl_graph=Graph().parse(ROOT / "shapes" / "house.ttl"))
    assert conforms, words


@pytest.mark.parametrize("names", [EDITION, SHARED, ("house",)], ids=["an edition", "what editions share", "the house"])
def test_the_shapes_are_well_formed_shacl(names: tuple[str, ...]) -> None:
    shapes = Graph()
    for name in names:
        shapes.parse(ROOT / "shapes" / f"{name}.ttl")
    # The SHACL shapes of SHACL itself, https://www.w3.org/TR/shacl/#shacl-shacl
    conforms, _, words = meta_validate(shapes, inference=None)
    assert conforms, words


@pytest.mark.parametrize("name", ["kg.ttl", "alignment.ttl"])
def test_the_ontology_stays_in_owl_2_rl(name: str) -> None:
    graph = ontology(name)
    for subject, predicate, value in graph:
        if predicate == RDF.type:
            assert value in RL_TYPES, f"{subject} is a {value}"
        elif predicate in RDFS or predicate in OWL:
            assert predicate in RL_PREDICATES, f"{subject} {predicate} {value}"
        if predicate in (RDFS.subClassOf, RDFS.domain, RDFS.range):
            # A class expression to the right of subClassOf may be a name, but no union: unions are out of the profile.
            assert isinstance(value, URIRef), f"{subject} {predicate} is an expression"


def test_the_ontology_says_what_it_is_and_which_version() -> None:
    graph, this = ontology("kg.ttl"), URIRef(NAMESPACE.removesuffix("#"))
    version = graph.value(this, OWL.versionInfo)
    assert (this, RDF.type, OWL.Ontology) in graph
    assert graph.value(this, OWL.versionIRI) == URIRef(f"{this}/{version}")
    assert graph.value(this, URIRef("http://purl.org/vocab/vann/preferredNamespacePrefix")) == Literal("kg")
    assert graph.value(this, URIRef("http://purl.org/vocab/vann/preferredNamespaceUri")) == Literal(NAMESPACE)
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.creator):
        assert graph.value(this, predicate), f"{predicate} is missing"


def test_the_three_files_bear_one_version() -> None:
    versions = {
        name: set(ontology(name).objects(None, OWL.versionInfo)) for name in ("kg.ttl", "schemes.ttl", "alignment.ttl")
    }
    assert len({str(version) for found in versions.values() for version in found}) == 1, versions


def test_nothing_depends_on_the_alignment() -> None:
    for path in [ONTOLOGY / "kg.ttl", ONTOLOGY / "schemes.ttl", *(ROOT / "shapes").glob("*.ttl")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^@prefix (prov|sem|nif|oa|foaf|gaf|grasp|org|time|cito):", text, re.MULTILINE), path.name


def test_no_machine_guess_becomes_the_same_thing() -> None:
    graph = ontology("kg.ttl", "alignment.ttl")
    assert not list(graph.triples((None, OWL.sameAs, None)))
    assert OWL.sameAs not in set(graph.transitive_objects(URIRef(KG.identifiedAs.value), RDFS.subPropertyOf))


def test_a_contradiction_is_no_citation() -> None:
    graph = ontology("alignment.ttl")
    cito = "http://purl.org/spar/cito/"
    for predicate in (RDFS.subPropertyOf, RDFS.subClassOf, SKOS.exactMatch):
        assert not [value for value in graph.objects(None, predicate) if str(value).startswith(cito)]


def test_every_event_kind_of_the_code_books_stands_as_a_node_with_its_code() -> None:
    graph = ontology("alignment.ttl")
    matched = {
        value
        for predicate in (SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
        for subject, value in graph.subject_objects(predicate)
        if re.search(r"/(cameo|plover|ace)#", str(value))
    }
    assert matched
    for code in matched:
        assert str(graph.value(code, SKOS.notation)) == str(code).rpartition("#")[2]
    mirrored = {node for node in graph.subjects(SKOS.notation) if re.search(r"/(cameo|plover|ace)#", str(node))}
    assert mirrored == matched, "a code that nothing is matched with"


def test_the_terms_of_the_alignment_are_ours_and_stand_in_the_ontology() -> None:
    ours = set(ontology("kg.ttl", "schemes.ttl").subjects(RDF.type))
    for subject in ontology("alignment.ttl").subjects():
        if str(subject).startswith((NAMESPACE, SCHEMES)):
            assert subject in ours, f"{subject} is aligned and not declared"


def example_graph(path: Path) -> ArticleGraph:
    triples = frozenset(quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE))
    editions = [one.subject for one in triples if one.predicate == RDF_TYPE and one.object == KG.Edition]
    name = editions[0] if editions else NamedNode(f"{BASE_IRI}graph/linking")
    assert isinstance(name, NamedNode)
    return ArticleGraph.of(name, triples)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_pass_the_gate_without_a_word(path: Path) -> None:
    graph = example_graph(path)
    report = check_shared(graph) if path.stem == "linking" else check(graph)
    assert report.violations == (), report.describe(path.name)


def test_every_class_has_an_instance_among_the_examples() -> None:
    classes = {str(one) for one in ontology("kg.ttl").subjects(RDF.type, OWL.Class)}
    shown = {
        one.object.value
        for path in EXAMPLES
        for one in example_graph(path).triples
        if one.predicate == RDF_TYPE and isinstance(one.object, NamedNode)
    }
    assert not classes - shown, f"no example shows {sorted(classes - shown)}"


def test_every_property_is_used_among_the_examples() -> None:
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty)
    properties = {str(one) for kind in kinds for one in ontology("kg.ttl").subjects(RDF.type, kind)}
    shown = {one.predicate.value for path in EXAMPLES for one in example_graph(path).triples}
    assert not properties - shown, f"no example uses {sorted(properties - shown)}"


def closure(*graphs: Graph) -> Graph:
    """Return what OWL 2 RL infers from these graphs together."""
    data = Graph()
    for graph in graphs:
        for triple in graph:
            data.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(data)
    return data


def errors(graph: Graph) -> list[Node]:
    # owlrl reports an inconsistency as a node of this class: no API tells it.
    return list(graph.subjects(RDF.type, URIRef("http://www.daml.org/2002/03/agents/agent-ont#ErrorMessage")))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_ontology_and_its_alignment_contradict_no_example(path: Path) -> None:
    closed = closure(ontology("kg.ttl", "alignment.ttl"), Graph().parse(path))
    assert not errors(closed), [str(closed.value(one, DCTERMS.description)) for one in errors(closed)]


def test_a_node_that_is_a_mention_and_a_statement_contradicts_the_ontology() -> None:
    data = Graph()
    for kind in (KG.Mention, KG.Statement):
        data.add((URIRef("https://w3id.org/on-the-record/id/edition/aa#x"), RDF.type, URIRef(kind.value)))
    assert errors(closure(ontology("kg.ttl"), data))


def test_the_graph_states_every_superclass_that_the_ontology_would_infer() -> None:
    """What the mapping writes needs no reasoner: our classes inferred for a source are those that it has."""
    path = next(path for path in EXAMPLES if path.stem == "source")
    stated = Graph().parse(path)
    tree = Graph()
    for child, parent in ontology("kg.ttl").subject_objects(RDFS.subClassOf):
        tree.add((child, RDFS.subClassOf, parent))
    for node in stated.subjects(RDF.type, URIRef(KG.Source.value)):
        types = set(stated.objects(node, RDF.type))
        inferred = {above for one in types for above in tree.transitive_objects(one, RDFS.subClassOf)}
        assert inferred == types, f"{node} lacks {inferred - types}"


def test_disjoint_classes_are_those_that_stand_under_no_common_class() -> None:
    graph = ontology("kg.ttl")
    listed = set(Collection(graph, graph.value(next(graph.subjects(RDF.type, OWL.AllDisjointClasses)), OWL.members)))
    roots = {
        one
        for one in graph.subjects(RDF.type, OWL.Class)
        if not isinstance(one, BNode) and graph.value(one, RDFS.subClassOf) is None
    }
    # A town is a place where things happen and, when it speaks, a source.
    assert listed == roots - {URIRef(KG.Place.value)}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_have_no_blank_nodes(path: Path) -> None:
    terms = {term for one in example_graph(path).triples for term in (one.subject, one.object)}
    assert not [term for term in terms if isinstance(term, BlankNode)]
