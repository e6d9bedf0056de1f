"""A term enters; the plain value that the index keeps and GraphQL reads leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

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


def named(iri: str, node: Callable[[str], Any]) -> Any:
    """Return what :func:`plain` does of an IRI."""
    if iri.startswith(SCHEMES):
        return iri[len(SCHEMES) :].partition("-")[2]
    return iri[len(NAMESPACE) :] if iri.startswith(NAMESPACE) else node(iri)


def plain(term: NamedNode | Literal | BlankNode | Triple, node: Callable[[str], Any]) -> Any:
    """Return a term as a plain value.

    A concept is its value ("deny"), a term of the ontology its local name, a node of the data what ``node`` makes of
    its IRI; a literal an int, float, bool or str, or {"value", "language"} when it has a language.
    """
    if isinstance(term, NamedNode):
        return named(term.value, node)
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


def term(text: str) -> Any:
    """Return a term as N-Triples write it as a plain value, a node of the data as a :class:`Reference`.

    None for what has no name: a blank node, a triple.
    """
    if "\\" not in text:
        if text.startswith('"') and text.endswith('"'):
            return text[1:-1]
        if text.startswith("<") and not text.startswith("<<"):
            return named(text[1:-1], Reference)
    if text.startswith(('"', "<")) and not text.startswith("<<"):
        return plain(next(iter(parse(f"<a:s> <a:p> {text} .", format=RdfFormat.N_TRIPLES))).object, Reference)
    return None


def lexical(value: Any) -> Any:
    """Return a plain value as a column holds it: a truth as 1 or 0, a text without its language."""
    if isinstance(value, bool):
        return int(value)
    return value["value"] if isinstance(value, dict) else value
