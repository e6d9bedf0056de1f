"""What a server says of itself enters; how it differs from the SPARQL 1.1 standard, as measured, leaves.

Everything that one engine does otherwise stands in this table and is listed in docs/operate.md; the code that speaks
to a server asks the table and never the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

NOTHING = "urn:on-the-record:nothing"  # a graph that nobody fills


@dataclass(frozen=True, slots=True)
class Engine:
    """One kind of server.

    name: What the option ``engine=`` calls it.
    known_by: Found in the Server header of its answers.
    atomic: One update request is one transaction: an error leaves nothing.
    batch: The most triples in one INSERT DATA.
    union: Parameters that make the union of all graphs the default graph of a query.
    prologue: Goes before each query.
    any_graph: Goes before a query with GRAPH ?name, to which the engine's own graphs must not belong.
    one_graph: Goes before a query with GRAPH <name>, the name put in; None where nothing has to.
    only_named: Goes before a query that has FROM NAMED but no FROM, whose default graph must be empty.
    hidden: Graphs of the engine's own, which are none of ours.
    values: The most terms in one VALUES.
    undef: Filters see a variable that VALUES leaves UNDEF only where it is bound; else such VALUES are left out.
    own_results: Its results JSON is not the standard's and has to be put right.
    exact: It answers every question as our own engine does, so that the index can be built from its answers.
    describes: Its DESCRIBE answers with the triples that leave a node; else we ask by CONSTRUCT.
    update_at: Makes the update URL of the query URL, where the address names none.
    syntax: Found in the message of a query that is not SPARQL.
    fault: Found in the message of an answer 5xx that is the query's own fault.
    """

    name: str
    known_by: str = "\0"
    atomic: bool = True
    batch: int = 10_000
    union: Mapping[str, str] = field(default_factory=dict)
    prologue: str = ""
    any_graph: str = ""
    one_graph: str | None = None
    only_named: str = ""
    hidden: frozenset[str] = frozenset()
    values: int | None = None
    undef: bool = True
    own_results: bool = False
    exact: bool = False
    describes: bool = True
    update_at: Callable[[str], str] = lambda query: query
    syntax: str = "."
    fault: str = r"\0"


def _sibling(*endings: str) -> Callable[[str], str]:
    """Return a function that puts "/update" in the place of a URL's last step, where that is one of ``endings``."""
    pattern = re.compile(rf"/(?:{'|'.join(endings)})$")
    return lambda query: pattern.sub("/update", query)


# Virtuoso's own graphs are part of every query without GRAPH unless they are left out by name.
_VIRTUOSO_GRAPHS = (
    "http://www.openlinksw.com/schemas/virtrdf#",
    "http://www.w3.org/ns/ldp#",
    "http://localuriqaserver/sparql",
    "http://www.w3.org/2002/07/owl#",
    "urn:activitystreams-owl:map",
    "urn:core:services:sparql",
)


def _without(kind: str) -> str:
    return "".join(f"define input:{kind}-graph-exclude <{graph}> " for graph in _VIRTUOSO_GRAPHS)


GENERIC = Engine("generic", update_at=_sibling("query", "sparql"))
ENGINES = (
    Engine(
        "oxigraph",
        known_by="oxigraph",
        fault=r"graph <\S*> (?:already exists|does not exist)",
        batch=100_000,
        syntax="error at",
        exact=True,
        union={"union-default-graph": "true"},
        update_at=_sibling("query"),
    ),
    Engine(
        "virtuoso",
        known_by="virtuoso",
        atomic=False,
        batch=2_000,  # 10,000 lines and some 5,000 triples are its end; article texts are long
        prologue=_without("default"),
        any_graph=_without("named"),
        # Where a graph is left out of the default graph, nothing is found in a graph that the query names, unless
        # that one is also named here.
        one_graph="define input:named-graph-uri {graph} ",
        only_named=f"define input:default-graph-uri <{NOTHING}> ",
        hidden=frozenset(_VIRTUOSO_GRAPHS),
        values=1_000,  # 2,000 were answered, at 4,000 its compiler gives up
        own_results=True,
        describes=False,
        syntax="SP030|SP031|SPARQL compiler",
        fault=r"Virtuoso (?:22|37|42)\w{3} Error",
    ),
    # Also bare ARQ behind a protocol server. Queries see the union by this name of it.
    Engine(
        "jena",
        known_by="jena",
        union={"default-graph-uri": "urn:x-arq:UnionGraph"},
        undef=False,
        update_at=_sibling("query", "sparql"),
        syntax="Parse error|Lexical error|Encountered|Unresolved prefixed name",
    ),
    # Not tried here: said by their documentation. Their default graph is the union of all graphs.
    Engine("graphdb", known_by="graphdb", update_at=lambda query: f"{query.rstrip('/')}/statements"),
    Engine("rdf4j", known_by="rdf4j", update_at=lambda query: f"{query.rstrip('/')}/statements"),
    GENERIC,
)


def named(name: str) -> Engine | None:
    """Return the engine that the option ``engine=`` names; None when there is none."""
    return next((engine for engine in ENGINES if engine.name == name.lower()), None)


def recognised(server: str) -> Engine:
    """Return the engine that a Server header tells of; the standard's own behaviour when it tells nothing."""
    return next((engine for engine in ENGINES if engine.known_by in server.lower()), GENERIC)
