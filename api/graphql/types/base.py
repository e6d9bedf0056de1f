"""What all nodes and connections share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from api.graphql.asking import Key
from api.graphql.fields import Marks, field
from api.graphql.listing import Asked, Listing, Page, asked, page_of, total_of
from api.graphql.loader import Loader, Row
from api.graphql.scalars import LARGEST, Cursor, Place

T = TypeVar("T")


@strawberry.interface(description="Anything with an IRI of its own.")
class Node:
    row: strawberry.Private[Row]

    @field(description="The node's IRI: the same in SPARQL, in GraphQL and as a web address.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.row.iri)


@strawberry.type(description="A text and the language that it is in, where that is known.")
class Text:
    value: str
    language: str | None = strawberry.field(description="BCP 47 code, lower case.")


@strawberry.type(description="Where a page begins and ends.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool = strawberry.field(description="True when the page was asked for with a cursor.")
    start_cursor: Cursor | None
    end_cursor: Cursor | None


@strawberry.type
class Edge(Generic[T]):
    node: T
    cursor: Cursor


@strawberry.type(description="One page of nodes, in a stable order.")
class Connection(Generic[T]):
    loader: strawberry.Private[Loader]
    asked: strawberry.Private[Asked]
    parent: strawberry.Private[Key]

    @field()
    def nodes(self) -> list[T]:
        make, loader = self.asked.listing.make, self.loader
        return [make(Row(key, loader)) for key, _ in self.page().places]

    @field()
    def edges(self) -> list[Edge[T]]:
        make, loader = self.asked.listing.make, self.loader
        return [Edge(node=make(Row(key, loader)), cursor=self.cursor(key, k)) for key, k in self.page().places]

    @field()
    def page_info(self) -> PageInfo:
        places = self.page().places
        return PageInfo(
            has_next_page=self.page().more,
            has_previous_page=self.asked.after is not None,
            start_cursor=self.cursor(*places[0]) if places else None,
            end_cursor=self.cursor(*places[-1]) if places else None,
        )

    @field(description="How many nodes all pages hold; counted only when asked for.")
    def total_count(self) -> int:
        return total_of(self.loader, self.asked, self.parent)

    def page(self) -> Page:
        return page_of(self.loader, self.asked, self.parent)

    def cursor(self, key: Key, k: Any) -> Cursor:
        return Cursor(Place(self.asked.place_name, k, self.loader.iri(key)))


N = TypeVar("N", bound=Node)


def made(kind: type[N]) -> Callable[[Row], N]:
    """Return what makes a row an object of one type."""
    return lambda row: kind(row=row)


def one(row: Row | None, kind: Callable[..., T]) -> T | None:
    return kind(row=row) if row is not None else None


First = Annotated[int, strawberry.argument(description=f"How many nodes, 1 to {LARGEST}.")]
After = Annotated[Cursor | None, strawberry.argument(description="The cursor that the page begins behind.")]


C = TypeVar("C")


def connect(
    connection: Callable[..., C],
    listing: Listing,
    source: Row | Loader,
    first: int,
    after: Any,
    filter: Any,
    order: Any,
) -> C:
    """Return one page of a connection, of a node or of all; GraphQLError when an argument is out of bounds."""
    found = asked(listing, first, after, filter, order)
    if isinstance(source, Row):
        return connection(loader=source.loader, asked=found, parent=source.key)
    return connection(loader=source, asked=found, parent=0)


def listing_field(listing: Callable[[], Listing], description: str) -> Callable[[Callable[..., Any]], Any]:
    """Make a method that returns a connection a field; the compiler reads its pages ahead."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        resolver.__marks__ = Marks(listing=listing)  # type: ignore[attr-defined]
        return strawberry.field(resolver, description=description)

    return decorate
