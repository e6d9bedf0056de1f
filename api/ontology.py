"""The files of the ontology enter; one graph in the syntax that was asked for leaves."""

from __future__ import annotations

import hashlib
from functools import cache

from pyoxigraph import RdfFormat, Triple, parse, serialize
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import GRAPHS
from api.service import answer, negotiate, unchanged
from kg.resources import folder
from kg.vocab import NAMESPACE, SCHEMES

_PREFIXES = {
    "kg": NAMESPACE,
    "kgs": SCHEMES,
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@cache
def ontology_bytes(media: str) -> bytes:
    """Return all Turtle files of the folder ``ontology`` as one graph, sorted."""
    triples: set[Triple] = set()
    for file in sorted(folder("ontology").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".ttl"):
            triples |= {quad.triple for quad in parse(file.read_bytes(), format=RdfFormat.TURTLE)}
    form = RdfFormat.from_media_type(media) or RdfFormat.TURTLE
    prefixes = _PREFIXES if form == RdfFormat.TURTLE else None
    return serialize(sorted(triples, key=str), format=form, prefixes=prefixes) or b""


async def ontology(request: Request) -> Response:
    """Answer with the ontology and its concept schemes."""
    media, form = negotiate(request, GRAPHS)
    body = ontology_bytes(form)
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    return unchanged(request, tag) or answer(body, media, tag=tag)
