"""A request of the SPARQL 1.1 Graph Store HTTP Protocol enters; a graph, or what became of one, leaves.

https://www.w3.org/TR/sparql11-http-rdf-update/ : ``/graphs?graph=IRI`` and ``/graphs?default`` name a graph indirectly,
``/graphs/…`` directly: the address itself is the graph's name. Ours beside it: ``/graphs`` lists, ``?union`` is all.
"""

from __future__ import annotations

import orjson
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from api import writing
from api.answers import Question
from api.data import iri_node
from api.negotiation import GRAPHS
from api.problems import Refusal
from api.responding import address, respond, whole
from api.service import answer, negotiate

_NAMES = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_JSON = "application/sparql-results+json"


async def graphs(request: Request) -> Response:
    """Answer a request to ``/graphs``."""
    parameters = request.query_params
    names = parameters.getlist("graph")
    said = len(names) + ("default" in parameters) + ("union" in parameters)
    if said > 1:
        raise Refusal(400, "Name one graph: ?graph=IRI, ?default, or ?union for all of them")
    reading = request.method in ("GET", "HEAD")
    if not said:
        if reading:
            return await _list(request)
        if request.method == "POST":
            return await writing.new_graph(request)
        raise Refusal(400, "Name the graph: ?graph=IRI or ?default")
    if "union" in parameters and not reading:
        raise Refusal(400, "The union of all graphs is read, not written; name a graph: ?graph=IRI or ?default")
    name = iri_node(names[0]).value if names else None
    if not reading:
        return await writing.write_graph(request, name)
    if name is None:
        media, accept = negotiate(request, GRAPHS)
        return await respond(request, Question(_ALL, accept, union="union" in parameters), media)
    return await _one(request, name)


async def direct(request: Request) -> Response:
    """Answer a request to the graph that its own address names."""
    name = iri_node(address(request)).value
    if request.method in ("GET", "HEAD"):
        return await _one(request, name)
    return await writing.write_graph(request, name)


async def _one(request: Request, name: str) -> Response:
    media, accept = negotiate(request, GRAPHS)
    node = NamedNode(name)
    there = await whole(request, Question(f"ASK {{ GRAPH {node} {{ ?s ?p ?o }} }}", _JSON))
    if not orjson.loads(there.body or b"")["boolean"]:
        raise Refusal(404, f"There is no graph {name}; /graphs lists them")
    question = Question(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {node} {{ ?s ?p ?o }} }}", accept)
    return await respond(request, question, media)


async def _list(request: Request) -> Response:
    given = await whole(request, Question(_NAMES, _JSON))
    rows = orjson.loads(given.body or b"")["results"]["bindings"]
    return answer(orjson.dumps({"graphs": [row["g"]["value"] for row in rows]}), "application/json")
