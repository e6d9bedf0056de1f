"""The engine's answer goes in; bytes in the media type that was asked for come out, on the same thread."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Triple

from kg.errors import QueryError
from kg.graph import XSD
from kg.vocab import NAMESPACE, SCHEMES

RESULTS = (
    QueryResultsFormat.JSON,
    QueryResultsFormat.XML,
    QueryResultsFormat.CSV,
    QueryResultsFormat.TSV,
)
GRAPHS = (RdfFormat.N_TRIPLES, RdfFormat.TURTLE, RdfFormat.JSON_LD, RdfFormat.RDF_XML, RdfFormat.N_QUADS)
PREFIXES = {"kg": NAMESPACE, "kgs": SCHEMES, "xsd": XSD}


def results_format(accept: str) -> QueryResultsFormat:
    """Return the format of a SELECT's or ASK's answer for one media type; JSON where none fits."""
    found = QueryResultsFormat.from_media_type(accept)
    # The engine takes text/plain for CSV; a client that asks for plain text should get what it can't mistake.
    return found if found in RESULTS and not accept.startswith("text/plain") else QueryResultsFormat.JSON


def graph_format(accept: str) -> RdfFormat:
    """Return the format of a graph for one media type; N-Triples where none fits."""
    found = RdfFormat.from_media_type(accept)
    return found if found in GRAPHS and not accept.startswith("application/json") else RdfFormat.N_TRIPLES


def serialise(answer: QuerySolutions | QueryBoolean | QueryTriples, accept: str) -> tuple[bytes, str]:
    """Return an answer's bytes and media type. Must run on the thread that evaluated the query.

    A graph comes without the duplicates that the engine leaves in a CONSTRUCT. Raises QueryError where a format
    can't hold the answer (RDF/XML has no way to write some property IRIs).
    """
    if not isinstance(answer, QueryTriples):
        results = results_format(accept)
        return answer.serialize(format=results) or b"", results.media_type
    return serialise_graph(answer, accept)


def serialise_graph(answer: Iterable[Triple], accept: str) -> tuple[bytes, str]:
    """Return a graph's bytes and media type, each triple once. Raises QueryError: see :func:`serialise`."""
    form = graph_format(accept)
    triples = list(dict.fromkeys(answer))
    prefixes = PREFIXES if form == RdfFormat.TURTLE else None
    try:
        return ox.serialize(triples, format=form, prefixes=prefixes) or b"", form.media_type
    except (OSError, ValueError) as error:
        raise QueryError(f"{form.media_type} can't hold this answer: {error}; ask for text/turtle") from error
