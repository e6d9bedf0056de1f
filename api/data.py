"""The path of a data IRI enters; what the store says of it leaves, by content negotiation."""

from __future__ import annotations

from urllib.parse import quote

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.negotiation import GRAPHS, HTML, choose
from api.problems import Refusal
from api.service import answer, etag, negotiate, service_of, unchanged
from kg.store.base import Store
from kg.vocab import NAMESPACE

#: The first part of a data IRI's path below the base IRI.
KINDS = (
    "edition", "actor", "document", "place", "event", "claim", "article",
    "link", "relation", "decision", "annotation", "submission", "run", "graph",
)  # fmt: skip


def iri_node(iri: str) -> NamedNode:
    """Return the node of an IRI that a stranger wrote; Refusal 400 when it is none."""
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise Refusal(400, f"{iri[:200]!r} is not an IRI: {error}") from None


def graph_bytes(store: Store, name: str, accept: str) -> bytes | None:
    """Return a named graph; None when the store has none of that name. A job for the runner."""
    node = NamedNode(name)
    if not store.ask(f"ASK {{ GRAPH {node} {{ ?s ?p ?o }} }}", trusted=True):
        return None
    return store.query(
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {node} {{ ?s ?p ?o }} }}", accept=accept, trusted=True
    )[0]


def node_bytes(store: Store, iri: str, accept: str) -> bytes | None:
    """Return what is said of a node; None when nothing is. A job for the runner.

    An edition's IRI is its graph's name: its answer is the whole graph, as it describes all the ``<edition>#…`` nodes.
    Of another node the answer holds the triples that leave it, and those that tie other nodes to it as the same thing
    or as statements of it.
    """
    if (whole := graph_bytes(store, iri, accept)) is not None:
        return whole
    node = NamedNode(iri)
    if not store.ask(f"ASK {{ {node} ?p ?o }}", trusted=True):
        return None
    incoming = "kg:identifiedAs kg:expresses kg:denies"
    return store.query(
        f"PREFIX kg: <{NAMESPACE}> "
        f"CONSTRUCT {{ {node} ?p ?o . ?s ?q {node} }} WHERE {{ {{ {node} ?p ?o }} UNION "
        f"{{ VALUES ?q {{ {incoming} }} ?s ?q {node} }} }}",
        accept=accept,
        trusted=True,
    )[0]


async def data(request: Request) -> Response:
    """Answer a data IRI under this server's roof: RDF of the node, or, to a browser, the way to the page.

    ``/actor/x`` stands for ``<base IRI>actor/x``.
    """
    service = service_of(request)
    path = request.url.path.lstrip("/")
    iri = iri_node(service.store.base_iri + path).value
    if choose(request.headers.get("accept"), [*GRAPHS, HTML]) == HTML:
        return RedirectResponse(f"/#/node?id={quote(iri, safe='')}", status_code=303, headers={"vary": "Accept"})
    media, accept = negotiate(request, GRAPHS | {HTML: HTML})
    tag = etag(service, "node", media, iri)
    if same := unchanged(request, tag):
        return same
    body = await service.runner.run(node_bytes, iri, accept)
    if body is None:
        raise Refusal(404, f"The store knows nothing of {iri}")
    return answer(body, media, tag=tag)
