"""A request without a query enters; what the service can do and what its data hold leaves as RDF.

https://www.w3.org/TR/sparql11-service-description/ for the service, https://www.w3.org/TR/void/ for the data.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize
from starlette.requests import Request
from starlette.responses import Response

from api.answers import Question
from api.negotiation import GRAPHS
from api.responding import address, whole
from api.service import Service, answer, etag, negotiate, service_of, unchanged
from kg.graph import literal
from kg.store.wording import COMMON
from kg.vocab import RDF_TYPE

SD = COMMON["sd"]
VOID = COMMON["void"]
FORMATS = "http://www.w3.org/ns/formats/"
RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
SYNTAXES = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML")
#: Named graphs that are described one by one; /graphs lists them all.
MOST_GRAPHS = 100
_JSON = "application/sparql-results+json"

CLASSES = (
    "SELECT ?term (COUNT(?s) AS ?n) { GRAPH ?g { ?s a ?term } FILTER(isIRI(?term)) } GROUP BY ?term ORDER BY ?term"
)
PROPERTIES = "SELECT ?term (COUNT(*) AS ?n) { GRAPH ?g { ?s ?term ?o } } GROUP BY ?term ORDER BY ?term"
NAMES = (
    f"SELECT ?term (COUNT(*) AS ?n) {{ GRAPH ?term {{ ?s ?p ?o }} }} GROUP BY ?term ORDER BY ?term LIMIT {MOST_GRAPHS}"
)


async def describe(request: Request) -> Response:
    """Describe the service and its data; counted once for each version of the data."""
    service = service_of(request)
    media, accept = negotiate(request, GRAPHS)
    me = address(request)
    tag = etag(service, "description", media, me)
    if same := unchanged(request, tag):
        return same
    key = (service.answers.version, "description", accept, me)
    body = service.cache.get(key)
    if body is None:
        counted = [await _counts(request, text) for text in (CLASSES, PROPERTIES, NAMES)]
        triples = sorted(_description(service, me, *counted), key=str)
        form = RdfFormat.from_media_type(accept) or RdfFormat.TURTLE
        prefixes = {"sd": SD, "void": VOID, "kg": COMMON["kg"]} if form == RdfFormat.TURTLE else None
        body = serialize(triples, format=form, prefixes=prefixes) or b""
        service.cache.put(key, body)
    return answer(body, media, tag=tag)


async def _counts(request: Request, text: str) -> list[tuple[NamedNode, int]]:
    given = await whole(request, Question(text, _JSON))
    rows = orjson.loads(given.body or b"")["results"]["bindings"]
    return [(NamedNode(row["term"]["value"]), int(row["n"]["value"])) for row in rows if "term" in row]


def _description(
    service: Service,
    me: str,
    classes: list[tuple[NamedNode, int]],
    properties: list[tuple[NamedNode, int]],
    graphs: list[tuple[NamedNode, int]],
) -> Iterator[Triple]:
    def sd(name: str) -> NamedNode:
        return NamedNode(SD + name)

    def void(name: str) -> NamedNode:
        return NamedNode(VOID + name)

    endpoint, dataset, union = NamedNode(me), NamedNode(me + "#dataset"), NamedNode(me + "#union")
    yield Triple(endpoint, RDF_TYPE, sd("Service"))
    yield Triple(endpoint, sd("endpoint"), endpoint)
    yield Triple(endpoint, sd("supportedLanguage"), sd("SPARQL11Query"))
    yield Triple(endpoint, sd("feature"), sd("UnionDefaultGraph"))
    for name in RESULTS + SYNTAXES:
        yield Triple(endpoint, sd("resultFormat"), NamedNode(FORMATS + name))
    if service.settings.writable:
        yield Triple(endpoint, sd("supportedLanguage"), sd("SPARQL11Update"))
        for name in SYNTAXES:
            yield Triple(endpoint, sd("inputFormat"), NamedNode(FORMATS + name))
    simple = NamedNode("http://www.w3.org/ns/entailment/Simple")
    yield Triple(endpoint, sd("defaultEntailmentRegime"), simple)
    yield Triple(simple, RDF_TYPE, sd("EntailmentRegime"))
    words = "Add ?query=… to ask. Without GRAPH or FROM a query sees all graphs. /graphs lists them."
    yield Triple(endpoint, NamedNode(COMMON["rdfs"] + "comment"), Literal(words, language="en"))
    yield Triple(endpoint, sd("defaultDataset"), dataset)
    yield Triple(dataset, RDF_TYPE, sd("Dataset"))
    yield Triple(dataset, RDF_TYPE, void("Dataset"))
    yield Triple(dataset, void("sparqlEndpoint"), endpoint)
    yield Triple(dataset, void("triples"), literal(sum(n for _, n in properties)))
    yield Triple(dataset, void("classes"), literal(len(classes)))
    yield Triple(dataset, void("properties"), literal(len(properties)))
    yield Triple(dataset, void("vocabulary"), NamedNode(COMMON["kg"]))
    for number, (term, n) in enumerate(classes):
        part = NamedNode(f"{me}#class-{number}")
        yield Triple(dataset, void("classPartition"), part)
        yield Triple(part, void("class"), term)
        yield Triple(part, void("entities"), literal(n))
    for number, (term, n) in enumerate(properties):
        part = NamedNode(f"{me}#property-{number}")
        yield Triple(dataset, void("propertyPartition"), part)
        yield Triple(part, void("property"), term)
        yield Triple(part, void("triples"), literal(n))
    yield Triple(dataset, sd("defaultGraph"), union)
    yield Triple(union, RDF_TYPE, sd("Graph"))
    for number, (term, n) in enumerate(graphs):
        named, graph = NamedNode(f"{me}#named-{number}"), NamedNode(f"{me}#graph-{number}")
        yield Triple(dataset, sd("namedGraph"), named)
        yield Triple(named, RDF_TYPE, sd("NamedGraph"))
        yield Triple(named, sd("name"), term)
        yield Triple(named, sd("graph"), graph)
        yield Triple(graph, RDF_TYPE, sd("Graph"))
        yield Triple(graph, void("triples"), literal(n))
