"""A term enters; the plain value that the index keeps and GraphQL reads leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.graph import XSD
from kg.vocab import NAMESPACE, SCHEMES

_INTEGER, _DECIMAL, _BOOLEAN = XSD + "integer", XSD + "decimal", XSD + "boolean"
_STRING = XSD + "string"


class Reference(str):
    """The IRI of a node, told apart from a text."""

    __slots__ = ()


def is_datum(iri: str) -> bool:
    """Tell a node of the data from a concept or a term of the ontology."""
    return not iri.startswith((SCHEMES, NAMESPACE))


def plain(term: NamedNode | Literal | BlankNode | Triple, node: Callable[[str], Any]) -> Any:
    """Return a term as a plain value.

    A concept is its value ("deny"), a term of the ontology its local name, a node of the data what ``node`` makes of
    its IRI; a literal an int, float, bool or str, or {"value", "language"} when it has a language.
    """
    if isinstance(term, NamedNode):
        iri = term.value
        if iri.startswith(SCHEMES):
            return iri[len(SCHEMES) :].partition("-")[2]
        return iri[len(NAMESPACE) :] if iri.startswith(NAMESPACE) else node(iri)
    if not isinstance(term, Literal):
        return None
    if term.language:
        return {"value": term.value, "language": term.language}
    kind = term.datatype.value
    if kind == _STRING:
        return term.value
    try:
        if kind == _INTEGER:
            return int(term.value)
        if kind == _DECIMAL:
            return float(term.value)
    except ValueError:  # an ill-typed literal keeps its text
        return term.value
    return term.value == "true" if kind == _BOOLEAN else term.value
