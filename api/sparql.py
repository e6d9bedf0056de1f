"""A SPARQL 1.1 Protocol request enters; the answer in the format that was asked for leaves.

https://www.w3.org/TR/sparql11-protocol/ : query by GET, by URL-encoded POST and by direct POST. Updates are refused.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize
from starlette.requests import Request
from starlette.responses import Response

from api.limits import body_of
from api.negotiation import GRAPHS, RESULTS
from api.problems import Refusal
from api.service import answer, etag, negotiate, service_of, unchanged
from kg.store import guard
from kg.store.base import Store
from kg.vocab import RDF_TYPE

_FORMS = {"SELECT": RESULTS, "ASK": RESULTS, "CONSTRUCT": GRAPHS, "DESCRIBE": GRAPHS}
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
#: Functions whose value is another one at each call: their answers have no ETag.
_UNSTEADY = {"NOW", "RAND", "UUID", "STRUUID"}
_READ_ONLY = "This store is read here, not written; take articles in with kg import"


def evaluate(store: Store, sparql: str, accept: str) -> tuple[bytes, str]:
    """Answer a stranger's query: a job for the runner."""
    return store.query(sparql, accept=accept)


async def sparql(request: Request) -> Response:
    """Answer one request of the protocol."""
    service = service_of(request)
    text = await _query_text(request)
    if text is None:
        return _description(request)
    guard.check(text)
    form, steady = read_form(text)
    media, accept = negotiate(request, _FORMS[form])
    tag = etag(service, media, text) if steady else None
    if tag and (same := unchanged(request, tag)):
        return same
    body, sent = await service.runner.run(evaluate, text, accept)
    sent = sent.partition(";")[0]
    return answer(body, media if sent == accept else sent, tag=tag)


def read_form(sparql: str) -> tuple[str, bool]:
    """Return a query's form (SELECT, ASK, CONSTRUCT, DESCRIBE) and whether the same data always give the same answer.

    Refusal 403 for an update, 400 for what is neither.
    """
    form = ""
    steady = True
    for kind, token in guard.tokens(sparql):
        if kind != "word":
            continue
        word = token.upper()
        if word in _UNSTEADY:
            steady = False
        if form or word in ("PREFIX", "BASE", "VERSION"):
            continue
        if word in _UPDATES:
            raise Refusal(403, _READ_ONLY)
        if word not in _FORMS:
            raise Refusal(400, f"A query is a SELECT, ASK, CONSTRUCT or DESCRIBE; this one begins with {token[:40]!r}")
        form = word
    if not form:
        raise Refusal(400, "The query is empty; send a SELECT, ASK, CONSTRUCT or DESCRIBE")
    return form, steady


async def _query_text(request: Request) -> str | None:
    """Return the query of a request; None when a GET has none. Refusals name what the protocol wants instead."""
    service = service_of(request)
    parameters = request.query_params.multi_items()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = None
    if request.method == "POST":
        content = await body_of(request, service.limits)
        try:
            if kind == "application/sparql-query":
                body = content.decode()
            elif kind == "application/x-www-form-urlencoded":
                parameters = parse_qsl(content.decode(), keep_blank_values=True, errors="strict")
            elif kind == "application/sparql-update":
                raise Refusal(403, _READ_ONLY)
            else:
                raise Refusal(
                    415, "POST a query as application/sparql-query, or URL-encoded as the parameter query of a form"
                )
        except UnicodeDecodeError as error:
            raise Refusal(400, f"The query is not UTF-8: {error.reason} at byte {error.start}") from None
    names = [name for name, _ in parameters]
    if "update" in names:
        raise Refusal(403, _READ_ONLY)
    if "default-graph-uri" in names or "named-graph-uri" in names:
        raise Refusal(
            400, "Name the dataset inside the query: FROM, FROM NAMED or GRAPH; parameters for it are not read"
        )
    queries = [value for name, value in parameters if name == "query"] + ([body] if body is not None else [])
    if len(queries) > 1:
        raise Refusal(400, "There are several queries in this request; send one")
    if not queries and request.method == "POST":
        raise Refusal(400, "There is no query in this request; send it as the parameter query")
    return queries[0] if queries else None


def _description(request: Request) -> Response:
    """Describe the service (https://www.w3.org/TR/sparql11-service-description/)."""
    media, accept = negotiate(request, GRAPHS)
    sd = "http://www.w3.org/ns/sparql-service-description#"
    formats = "http://www.w3.org/ns/formats/"
    me = NamedNode(f"{request.url.scheme}://{request.url.netloc}{request.url.path}")
    results = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
    graphs = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML")
    triples = [
        Triple(me, RDF_TYPE, NamedNode(sd + "Service")),
        Triple(me, NamedNode(sd + "endpoint"), me),
        Triple(me, NamedNode(sd + "supportedLanguage"), NamedNode(sd + "SPARQL11Query")),
        Triple(me, NamedNode(sd + "feature"), NamedNode(sd + "UnionDefaultGraph")),
        *(Triple(me, NamedNode(sd + "resultFormat"), NamedNode(formats + name)) for name in results + graphs),
        Triple(
            me,
            NamedNode("http://www.w3.org/2000/01/rdf-schema#comment"),
            Literal("Add ?query=… to ask. Without GRAPH a query sees all graphs. Updates and SERVICE are refused."),
        ),
    ]
    form = RdfFormat.from_media_type(accept) or RdfFormat.TURTLE
    body = serialize(triples, format=form, prefixes={"sd": sd} if form == RdfFormat.TURTLE else None)
    return answer(body or b"", media)
