"""A query as it was written and what was said beside it enter; one text leaves that any SPARQL 1.1 engine understands.

The dataset of a request (default-graph-uri, named-graph-uri) becomes FROM and FROM NAMED, the prefixes that everybody
knows are declared where they are used, and relative IRIs get the base of the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.errors import QueryError
from kg.graph import XSD
from kg.store.guard import places
from kg.vocab import NAMESPACE, SCHEMES

#: Prefixes that work without PREFIX; a query's own declaration goes first.
COMMON = {
    "kg": NAMESPACE,
    "kgs": SCHEMES,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": XSD,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "https://schema.org/",
    "prov": "http://www.w3.org/ns/prov#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "void": "http://rdfs.org/ns/void#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
}
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
#: Functions whose value is another one at each call.
_UNSTEADY = {"NOW", "RAND", "UUID", "STRUUID"}
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be told of a query without parsing it."""

    form: str  # one of FORMS; else the first word, in capitals, or ""
    steady: bool  # the same data always give the same answer
    undeclared: frozenset[str]  # prefixes that it uses and does not declare
    relative: bool  # it has relative IRIs
    tokens: int
    shape: str = ""  # the text as :func:`kg.store.guard.shape` has it, when the facts were told from that


def facts(sparql: str) -> Facts:
    """Read a query's facts from its text; see :func:`facts_of`."""
    return facts_of(places(sparql))


def facts_of(tokens: Iterable[tuple[str, str, int]]) -> Facts:
    """Read a query's facts from its tokens, in one pass."""
    form, steady, relative, count = "", True, False, 0
    declared: set[str] = set()
    used: set[str] = set()
    awaited = False  # the name of a prefix comes next
    for kind, text, _ in tokens:
        count += 1
        if kind == "word":
            word = text.upper()
            awaited = word == "PREFIX"
            if word in _UNSTEADY:
                steady = False
            if not form and word not in ("PREFIX", "BASE", "VERSION"):
                form = word
        elif kind == "pn":
            name = text.partition(":")[0]
            (declared if awaited else used).add(name)
            awaited = False
        elif kind == "iri" and not _ABSOLUTE.match(text):
            relative = True
    return Facts(form, steady, frozenset(used - declared - {"_"}), relative, count)


def declare(sparql: str, found: Facts, *, base: str | None = None, prefixes: Mapping[str, str] = COMMON) -> str:
    """Return the query with the declarations that it lacks, on its own first line."""
    head = "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in sorted(found.undeclared) if name in prefixes)
    if base is not None and found.relative:
        head = f"BASE {NamedNode(base)} {head}"
    return head + sparql


def over(sparql: str, *, default: Iterable[str], named: Iterable[str]) -> str:
    """Return the query over another dataset; it replaces the one that the query names itself.

    https://www.w3.org/TR/sparql11-protocol/#dataset : what the request says goes before what the query says. Raises
    QueryError for what is no IRI, and where no place for a dataset can be found: then it is no query.
    """
    clauses = [f"FROM {_node(iri)}" for iri in default] + [f"FROM NAMED {_node(iri)}" for iri in named]
    if not clauses:
        return sparql
    found = list(places(sparql))
    cuts, insert = _own_dataset(found)
    pieces = []
    last = 0
    for start, end in sorted([*cuts, (insert, insert)]):
        pieces.append(sparql[last:start])
        if start == insert == end:
            pieces.append(f" {' '.join(clauses)} ")
        last = end
    pieces.append(sparql[last:])
    return "".join(pieces)


def _own_dataset(found: list[tuple[str, str, int]]) -> tuple[list[tuple[int, int]], int]:
    """Return where the query's own FROM clauses stand, and where one may stand."""
    form, depth = "", 0
    cuts: list[tuple[int, int]] = []
    template = False
    for index, (kind, text, start) in enumerate(found):
        word = text.upper() if kind == "word" else ""
        if not form:
            form = word if word in FORMS else ""
            continue
        if kind == "close":
            depth -= 1
            template = template and depth > 0
            continue
        if kind == "open":
            # "CONSTRUCT { … }": the template, unless WHERE came first
            if depth == 0 and text == "{":
                if form == "CONSTRUCT" and found[index - 1][1].upper() == "CONSTRUCT":
                    template = True
                elif not template:
                    return cuts, start
            depth += 1
            continue
        if depth:
            continue
        if word == "FROM":
            after = index + 1 + (found[index + 1][1].upper() == "NAMED" if index + 1 < len(found) else 0)
            if after < len(found) and found[after][0] in ("iri", "pn"):
                cuts.append((start, found[after][2] + len(found[after][1])))
        elif word in ("WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "VALUES"):
            return cuts, start
    if form == "DESCRIBE":
        return cuts, found[-1][2] + len(found[-1][1])  # not behind a comment
    raise QueryError("The query has no graph pattern; send a whole SELECT, ASK, CONSTRUCT or DESCRIBE")


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise QueryError(f"{iri[:200]!r} is not the IRI of a graph: {error}") from error
