"""A connection, its filter and a cursor enter; one page of IRIs, and how many there are in all, leave.

A page is cut after the last node's (sort key, IRI), never by an offset: rows that are added meanwhile shift nothing.
The pages of several parents ("the first statements of each of these actors") are one query: a UNION with one branch
for each parent, plain SPARQL 1.1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from api.graphql.loader import Loader, values
from api.graphql.scalars import Place, bad_input
from kg.graph import literal
from kg.vocab import KG


@dataclass(frozen=True, slots=True)
class Listing:
    """How one connection finds and sorts its nodes.

    ``pattern`` binds ?node, and where there is a parent reads ?parent; ``sorting`` binds ?sort of a node (it may be
    left unbound); ``aggregate`` makes the key of all the ?sort of one node.
    """

    name: str
    pattern: str
    sorting: str
    aggregate: str
    descending: bool = True
    numeric: bool = False


_PUBLISHED = (
    f"OPTIONAL {{ ?node {KG.reportedIn}/{KG.published}/{KG.earliest} ?day }} BIND(COALESCE(STR(?day), '') AS ?sort)"
)
_POSITION = f"?node {KG.content}/{KG.start} ?sort ."
# A node that was identified as another one stands behind it.
_ITSELF = f"FILTER NOT EXISTS {{ ?node {KG.identifiedAs} ?other }}"
_SAID = f"OPTIONAL {{ ?sort {KG.saidBy}|{KG.speaker} ?node }}"


def _members(kind: NamedNode) -> str:
    return (
        f"?member a {kind} ; {KG.inEdition} ?edition . OPTIONAL {{ ?member {KG.identifiedAs} ?canonical }} "
        "BIND(COALESCE(?canonical, ?member) AS ?node)"
    )


def _newest(name: str, pattern: str) -> Listing:
    return Listing(name, pattern, _PUBLISHED, "MAX(?sort)")


def _in_order(name: str, pattern: str) -> Listing:
    return Listing(name, pattern, _POSITION, "MIN(?sort)", descending=False, numeric=True)


def _through(predicate: NamedNode) -> str:
    """Statements tied to a node, or to an edition's own node of it."""
    return (
        f"{{ ?node {predicate} ?parent }} UNION {{ ?local {KG.identifiedAs} ?parent . ?node {predicate} ?local }} "
        f"?node a {KG.Statement} ."
    )


STATEMENTS = _newest("statements", f"?node a {KG.Statement} .")
STATEMENTS_BY = _newest("statements-by", f"{{ ?node {KG.saidBy} ?parent }} UNION {{ ?node {KG.speaker} ?parent }}")
STATEMENTS_OF_EVENT = _newest("statements-of-event", _through(KG.aboutEvent))
STATEMENTS_OF_ARTICLE = _in_order("statements-of-article", _through(KG.reportedIn))
STATEMENTS_OF_EDITION = _in_order("statements-of-edition", f"?node {KG.inEdition} ?parent ; a {KG.Statement} .")
STATEMENTS_OF_CLAIM = _newest("statements-of-claim", f"?node {KG.expresses} ?parent .")
DENIALS_OF_CLAIM = _newest("denials-of-claim", f"?node {KG.denies} ?parent .")
ACTORS = Listing(
    "actors",
    f"?node a {KG.Actor} . {_ITSELF} FILTER NOT EXISTS {{ ?node {KG.unnamed} true }}",
    _SAID,
    "COUNT(DISTINCT ?sort)",
    numeric=True,
)
# Places are sources by their class alone; they are listed when they speak or act, that is, as actors.
SOURCES = Listing(
    "sources",
    f"?node a {KG.Source} . {_ITSELF} FILTER(!EXISTS {{ ?node a {KG.Place} }} || EXISTS {{ ?node a {KG.Actor} }})",
    _SAID,
    "COUNT(DISTINCT ?sort)",
    numeric=True,
)
EVENTS = Listing(
    "events",
    _members(KG.Event),
    f"OPTIONAL {{ ?member {KG.time}/{KG.earliest} ?day }} BIND(COALESCE(STR(?day), '') AS ?sort)",
    "MIN(?sort)",
)
ARTICLES = Listing(
    "articles",
    _members(KG.Article),
    f"OPTIONAL {{ ?member {KG.published}/{KG.earliest} ?day }} BIND(COALESCE(STR(?day), '') AS ?sort)",
    "MAX(?sort)",
)
# The headline board: what most outlets carry, and of those what most statements say.
CLAIMS = Listing(
    "claims",
    f"?node a {KG.Claim} .",
    f"OPTIONAL {{ ?node {KG.outletCount} ?outlets }} OPTIONAL {{ ?node {KG.statementCount} ?statements }} "
    "BIND(COALESCE(?outlets, 0) * 1000000 + COALESCE(?statements, 0) AS ?sort)",
    "MAX(?sort)",
    numeric=True,
)


@dataclass(frozen=True, slots=True)
class Page:
    """The IRIs of one page with their places, and whether there are more."""

    places: tuple[Place, ...] = ()
    more: bool = False


def page(
    loader: Loader, listing: Listing, *, first: int, after: Place | None, filters: str, parent: str | None = None
) -> Page:
    """Return one page; with a parent, the pages of all nodes that were read together with it are asked for at once."""
    if after is not None and (after.connection != listing.name or isinstance(after.key, int) is not listing.numeric):
        raise bad_input("This cursor is of another connection; take endCursor of the page before", "after")
    if parent is None:
        query = _branch(listing, first, after, filters, None)
        return _pages(loader, listing, first, query).get("", Page())
    if after is not None:
        query = _branch(listing, first, after, filters, parent)
        return _pages(loader, listing, first, query).get(parent, Page())

    def ask(iris: Sequence[str]) -> dict[str, Page]:
        branches = [f"{{ {_branch(listing, first, None, filters, iri)} }}" for iri in iris]
        return _pages(loader, listing, first, f"SELECT ?parent ?node ?key {{ {' UNION '.join(branches)} }}")

    return loader.once_for_mates(("page", listing.name, first, filters), parent, ask) or Page()


def total(loader: Loader, listing: Listing, *, filters: str, parent: str | None = None) -> int:
    """Return how many nodes there are on all pages."""
    if parent is None:
        rows = loader.select(f"SELECT (COUNT(DISTINCT ?node) AS ?n) {{ {listing.pattern} {filters} }}")
        return _integer(next(iter(rows)).get("n"))

    def ask(iris: Sequence[str]) -> dict[str, int]:
        rows = loader.select(
            f"SELECT ?parent (COUNT(DISTINCT ?node) AS ?n) {{ {values('parent', iris)} {listing.pattern} {filters} }} "
            "GROUP BY ?parent"
        )
        owners = ((row.get("parent"), row.get("n")) for row in rows)
        return {owner.value: _integer(n) for owner, n in owners if isinstance(owner, NamedNode)}

    return loader.once_for_mates(("total", listing.name, filters), parent, ask) or 0


def _branch(listing: Listing, first: int, after: Place | None, filters: str, parent: str | None) -> str:
    """Return the SELECT of one page, with one row more than asked for: it tells whether there are more."""
    having = ""
    if after is not None:
        sign = "<" if listing.descending else ">"
        key = literal(after.key)
        beyond = f"STR(?node) > {literal(after.iri)}"
        having = f"HAVING({listing.aggregate} {sign} {key} || ({listing.aggregate} = {key} && {beyond}))"
    variables, fixed = ("?parent ?node", values("parent", [parent])) if parent is not None else ("?node", "")
    order = "DESC(?key)" if listing.descending else "?key"
    return (
        f"SELECT {variables} ({listing.aggregate} AS ?key) {{ {fixed} {listing.pattern} {filters} {listing.sorting} }} "
        f"GROUP BY {variables} {having} ORDER BY {order} STR(?node) LIMIT {first + 1}"
    )


def _pages(loader: Loader, listing: Listing, first: int, query: str) -> dict[str, Page]:
    found: dict[str, list[Place]] = defaultdict(list)
    for row in loader.select(query):
        node, key, parent = row.get("node"), row.get("key"), row.get("parent")
        if isinstance(node, NamedNode):
            value: str | int = _integer(key) if listing.numeric else getattr(key, "value", "")
            found[getattr(parent, "value", "")].append(Place(listing.name, value, node.value))
    pages = {}
    for owner, places in found.items():
        # UNION promises no order.
        places.sort(key=lambda place: place.iri)
        places.sort(key=lambda place: place.key, reverse=listing.descending)
        pages[owner] = Page(tuple(places[:first]), len(places) > first)
    loader.expect(place.iri for chosen in pages.values() for place in chosen.places)
    return pages


def _integer(term: object) -> int:
    return int(float(term.value)) if isinstance(term, Literal) else 0
