"""The bytes of a server's answer enter; terms in the canonical form that our digests are made of leave."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pyoxigraph as ox
from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple

from kg.errors import StoreError
from kg.graph import XSD

_BOOLEAN = XSD + "boolean"
_TRUE = {"1": "true", "0": "false"}


def results(body: bytes, *, form: str, own: bool) -> QuerySolutions | QueryBoolean:
    """Read results JSON (https://www.w3.org/TR/sparql11-results-json/); with ``own`` it is put right first.

    Raises StoreError when it is no such document.
    """
    try:
        if own:
            body = orjson.dumps(_standard(orjson.loads(body), form))
        found = ox.parse_query_results(body, format=QueryResultsFormat.JSON)
    except (ValueError, SyntaxError, KeyError, TypeError) as error:
        raise StoreError(f"the answer is not SPARQL results JSON: {error}; is this a SPARQL server?") from error
    return found


def triples(body: bytes) -> list[Triple]:
    """Read N-Triples, each triple once. Raises StoreError when it is none."""
    try:
        quads = ox.parse(body, format=RdfFormat.N_TRIPLES)
        return list(dict.fromkeys(canonical_triple(quad.triple) for quad in quads))
    except (ValueError, SyntaxError) as error:
        raise StoreError(f"the answer is not N-Triples: {error}; is this a SPARQL server?") from error


def canonical(term: Any) -> Any:
    """Return a term in the one form that :func:`kg.graph.literal` writes; others pass as they are."""
    if isinstance(term, Literal):
        if term.language is not None and term.language != term.language.lower():
            return Literal(term.value, language=term.language.lower())
        if term.value in _TRUE and term.datatype.value == _BOOLEAN:
            return Literal(_TRUE[term.value], datatype=term.datatype)
    return term


def canonical_triple(triple: Triple) -> Triple:
    thing = canonical(triple.object)
    return triple if thing is triple.object else Triple(triple.subject, triple.predicate, thing)


def _standard(document: dict[str, Any], form: str) -> dict[str, Any]:
    """Put Virtuoso's results right.

    An ASK is a row of an integer or no row; typed literals have a type of their own; a boolean is 1 or 0; blank nodes
    are called nodeID://b10000.
    """
    bindings = document["results"]["bindings"] if "results" in document else []
    if form == "ASK" and "boolean" not in document:
        return {
            "head": {},
            "boolean": any(cell["value"] not in ("0", "false") for row in bindings for cell in row.values()),
        }
    for row in bindings:
        for cell in row.values():
            if cell["type"] == "typed-literal":
                cell["type"] = "literal"
                if cell["datatype"] == _BOOLEAN:
                    cell["value"] = _TRUE.get(cell["value"], cell["value"])
            elif cell["type"] == "bnode" or cell["value"].startswith("nodeID://"):
                cell["type"] = "bnode"
                cell["value"] = re.sub(r"\W", "", cell["value"].removeprefix("nodeID://"))
    return document
