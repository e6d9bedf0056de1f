"""A connection's arguments enter; one page of keys, and how many there are in all, leave.

A page is cut after the last node's (sort key, IRI), never by an offset: rows that are added meanwhile shift nothing.
The pages of several parents ("the first statements of each of these actors") are one read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from api.graphql.asking import Key
from api.graphql.filters import condition
from api.graphql.loader import Loader, Row
from api.graphql.scalars import LARGEST, Place, bad_input
from kg.store.index.conditions import ALWAYS, Condition
from kg.store.index.definitions import Kind
from kg.store.index.reading import NOTHING, After, Facet, Found, Tree, Wanted


@dataclass(frozen=True, slots=True)
class Listing:
    """A connection: the kind of its nodes, the relation to its parent, what always holds, and its usual order."""

    name: str
    kind: Kind
    make: Callable[[Row], Any]
    relation: str | None = None
    order: str | None = None
    always: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as it was asked for; equal for all parents of one field."""

    listing: Listing
    wanted: Wanted
    first: int
    after: Place | None

    @property
    def place_name(self) -> str:
        return f"{self.listing.name}.{self.wanted.order}"

    def known_as(self, what: str) -> tuple[Any, ...]:
        return (what, self.wanted, self.first, self.after) if what == "page" else (what, self.wanted)


@dataclass(frozen=True, slots=True)
class Page:
    """The nodes of one page with their sort keys, and whether there are more."""

    places: tuple[tuple[Key, Any], ...] = ()
    more: bool = False


EMPTY = Page()


def asked(listing: Listing, first: int, after: Place | None, filter: Any, order: Any) -> Asked:
    """Return what is asked for; GraphQLError when ``first`` is out of bounds or the cursor is another's."""
    if not 1 <= first <= LARGEST:
        raise bad_input(f"first is {first}; a page has 1 to {LARGEST} nodes", "first")
    chosen = order.value if order is not None else listing.order or listing.kind.usual
    wanted = Wanted(listing.kind, chosen, condition(filter), listing.relation)
    found = Asked(listing, wanted, first, after)
    if after is not None:
        numeric = listing.kind.orders[chosen].numeric
        if after.connection != found.place_name or isinstance(after.key, str) is numeric:
            raise bad_input("This cursor is of another connection or order; take endCursor of the page before", "after")
    return found


def read_pages(
    loader: Loader,
    page: Asked,
    parents: Sequence[Key] = (),
    tree: Tree = NOTHING,
    *,
    count: bool = False,
    facets: tuple[Facet, ...] = (),
) -> None:
    """Read the pages of these parents (none: of the root) at once, with what is counted and the steps' nodes."""

    def ask(keys: Sequence[Key]) -> dict[Key, Page]:
        after = After(page.after.key, page.after.iri) if page.after else None
        found = loader.reader.page(
            page.wanted, first=page.first, after=after, parents=keys, tree=tree, count=count, facets=facets
        )
        loader.absorb(found)
        if count:
            loader.once_for(page.known_as("total"), keys or (0,), lambda _: found.totals)
        for facet in facets:
            loader.once_for(("facet", page.wanted, *facet), keys or (0,), partial(_values, found, facet))
        return _pages(found, page.first)

    if page.wanted.relation is None:
        loader.once_for(page.known_as("page"), (0,), lambda _: ask(()))
    else:
        loader.once_for(page.known_as("page"), parents, ask)


def page_of(loader: Loader, page: Asked, parent: Key) -> Page:
    """Return one page; with a parent, the pages of all nodes that were read together with it are asked for at once."""
    known_as = page.known_as("page")
    if not loader.is_known(known_as, parent):
        # A cursor is of one parent's page: nobody else goes on behind it.
        alone = page.wanted.relation is None or page.after is not None
        read_pages(loader, page, (parent,) if alone else loader.mates(parent))
    return loader.known(known_as, parent) or EMPTY


def total_of(loader: Loader, page: Asked, parent: Key) -> int:
    """Return how many nodes there are on all pages."""
    known_as = page.known_as("total")
    if page.wanted.relation is None:
        loader.once_for(known_as, (0,), lambda _: loader.reader.count(page.wanted))
    else:
        parents = (parent,) if loader.is_known(known_as, parent) else loader.mates(parent)
        loader.once_for(known_as, parents, lambda keys: loader.reader.count(page.wanted, keys))
    return loader.known(known_as, parent) or 0


def facet_of(loader: Loader, page: Asked, parent: Key, name: str, first: int) -> list[tuple[Any, int]]:
    """Return the commonest values of a facet with their counts; nodes as keys, read already."""
    known_as = ("facet", page.wanted, name, first)

    def ask(keys: Sequence[Key]) -> dict[Key, list[tuple[Any, int]]]:
        parents = () if page.wanted.relation is None else keys
        found = loader.reader.facet(page.wanted, name, first, parents)
        loader.absorb(found)
        return _values(found, (name, first), keys)

    if page.wanted.relation is None:
        loader.once_for(known_as, (0,), ask)
    elif not loader.is_known(known_as, parent):
        loader.once_for(known_as, loader.mates(parent), ask)
    return loader.known(known_as, parent) or []


def _values(found: Found, facet: Facet, keys: Sequence[Key]) -> dict[Key, list[tuple[Any, int]]]:
    return found.facets.get(facet, {})


def _pages(found: Found, first: int) -> dict[Key, Page]:
    return {owner: Page(tuple(places[:first]), len(places) > first) for owner, places in found.places.items()}
