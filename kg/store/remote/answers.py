"""The bytes of a server's answer enter; terms in the canonical form that our digests are made of leave."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import orjson
import pyoxigraph as ox
from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple

from kg.errors import StoreError
from kg.graph import XSD, ArticleGraph

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
    if not isinstance(term, Literal):
        return term
    if term.language is not None:
        lower = term.language.lower()
        return term if lower == term.language else Literal(term.value, language=lower)
    form = _FORMS.get(term.datatype.value)
    text = form(term.value) if form else term.value
    return term if text == term.value else Literal(text, datatype=term.datatype)


def _integer(text: str) -> str:
    return str(int(text)) if re.fullmatch(r"[+-]?[0-9]+", text) else text


def _decimal(text: str) -> str:
    if not re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text):
        return text
    return format(Decimal(text).normalize() + 0, "f")


def _boolean(text: str) -> str:
    return _TRUE.get(text, text)


_FORMS = {_BOOLEAN: _boolean, XSD + "integer": _integer, XSD + "decimal": _decimal}


def canonical_graph(graph: ArticleGraph) -> ArticleGraph:
    """Return a graph with its literals in the canonical form, as every engine would hand them back."""
    return ArticleGraph(graph.name, frozenset(map(canonical_triple, graph.triples)))


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
