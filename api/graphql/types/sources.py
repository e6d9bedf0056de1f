"""Whom statements are traced to, and places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import strawberry

from api.graphql.fields import field, flag_of, integer_of, text_of
from api.graphql.filters import StatementFilter
from api.graphql.listing import Asked, Listing, asked, page_of, read_pages
from api.graphql.loader import Row
from api.graphql.rows import enum_of, identities
from api.graphql.scalars import LARGEST, RoleStatus, SourceKind, StatementOrder
from api.graphql.types.base import Connection, Node, Text, listed, made, one
from api.graphql.types.facets import SourceFacets, counted
from api.graphql.types.texts import Span
from kg import query
from kg.store.index.definitions import RELATION, STATEMENT


@strawberry.type(description="An office or label given to a source, in so many places.")
class Role:
    label: str
    status: RoleStatus | None
    count: int = strawberry.field(description="How many editions' sources carry it.")
    evidence: list[Span] = strawberry.field(description="Where it stands; at most ten places.")


@strawberry.interface(description="Anything that a statement is traced to: a person, a group, an outlet, a document …")
class Source(Node):
    name: str | None = text_of("name", description="The usual name; of an unnamed source its description as written.")

    @field()
    def kind(self) -> SourceKind:
        found = self.row.all("a")
        return next((kind for kind in SourceKind if kind.value in found), SourceKind.OTHER)

    unnamed: bool = flag_of("unnamed", description="The text describes it and does not name it.")

    @field(description="Names under which it stands in the articles, the usual one first.")
    def spellings(self) -> list[str]:
        return spellings(self.row)

    @field(description="The same with their languages, where those are known; ``lang`` chooses some of them.")
    def labels(self, lang: list[str] | None = None) -> list[Text]:
        found = [
            Text(value=value["value"], language=value["language"])
            if isinstance(value, dict)
            else Text(value=str(value), language=None)
            for value in self.row.all("name") + self.row.all("altLabel")
        ]
        wanted = None if lang is None else {code.lower() for code in lang}
        return [label for label in found if wanted is None or (label.language or "") in wanted]

    @field(
        needs=["tenure", "^identifiedAs/tenure"],
        follows=["tenure/evidence", "^identifiedAs/tenure/evidence"],
        description="Offices and labels, the most frequent first.",
        cost=3,
    )
    def roles(self) -> list[Role]:
        return _roles(self.row)

    @field(
        needs=["^identifiedAs/inEdition/editionOf", "inEdition/editionOf"],
        description="In how many articles it stands.",
        cost=3,
    )
    def article_count(self) -> int:
        mine = self.row.pointing("identifiedAs") if not self.row.all("inEdition") else [self.row]
        editions = [edition for row in mine for edition in row.rows("inEdition")]
        return len(identities([work for edition in editions for work in edition.rows("editionOf")]))

    statements = listed(
        "StatementConnection",
        lambda: SAID,
        "What it is reported to have said, newest first.",
        StatementFilter,
        StatementOrder,
    )

    @field(
        description="What it said that contradicts or is in tension with something else it said; at most 100 pairs.",
        cost=20,
        ahead=lambda loader, keys, tree: read_pages(loader, unfit(), keys, tree),
    )
    def inconsistencies(self) -> list[StatementRelation]:
        loader = self.row.loader
        return [StatementRelation(row=Row(key, loader)) for key, _ in page_of(loader, unfit(), self.row.key).places]


@strawberry.type(
    description="A named person, organisation, group or state. One node for all articles once they were linked."
)
class Actor(Source):
    pass


@strawberry.type(description="How often one outlet cites another, and what for.")
class Citation:
    outlet: Outlet
    count: int = strawberry.field(description="How many statements came through it.")
    statements: list[str] = strawberry.field(description="Their words.")


@strawberry.type(description="A newspaper, agency, channel or site that publishes.")
class Outlet(Source):
    @field(description="Which outlets it cites, the most cited first.", cost=20)
    def cites(self) -> list[Citation]:
        loader = self.row.loader
        rows = loader.ask_of(("cites",), self.row, lambda iris: query.prepare("who_cites_whom", citing=iris), "citing")
        cited = loader.rows_of([row["cited"].value for row in rows])
        return [
            Citation(outlet=Outlet(row=found), count=int(row["times"].value), statements=row["for"].value.split(" | "))
            for row, found in zip(rows, cited, strict=True)
            if found is not None
        ]


@strawberry.type(description="A report, a law, a post, a channel: what is written speaks too.")
class Document(Source):
    pass


@strawberry.type(
    description="A source that its article describes and does not name. It stays its own node: “a senior official” of "
    "two articles need not be one person."
)
class UnnamedSource(Source):
    number: int | None = integer_of("number", description="How many they are, where the text says so.")

    @field(follows=["inEdition"])
    def edition(self) -> Edition | None:
        return one(self.row.row("inEdition"), Edition)


@strawberry.type(description="Where something happens.")
class Place(Node):
    name: str | None = text_of("name")

    @field()
    def spellings(self) -> list[str]:
        return spellings(self.row)


def spellings(row: Row) -> list[str]:
    values = [v["value"] if isinstance(v, dict) else str(v) for v in row.all("name") + row.all("altLabel")]
    return list(dict.fromkeys(values))


def as_source(row: Row | None) -> Actor | Outlet | Document | UnnamedSource | None:
    """Return a source as its type says; None when the node is no source."""
    if row is None:
        return None
    kinds = row.all("a")
    if "Source" not in kinds:
        return None
    if True in row.all("unnamed"):
        return UnnamedSource(row=row)
    if "NewsOutlet" in kinds:
        return Outlet(row=row)
    return Document(row=row) if "Document" in kinds or "Channel" in kinds else Actor(row=row)


def sources(rows: Iterable[Row], *, identify: bool = True) -> list[Any]:
    chosen: Sequence[Row] = identities(rows) if identify else list(rows)
    return [source for row in chosen if (source := as_source(row)) is not None]


def a_source(row: Row) -> Source:
    """Return a node of a list that holds nothing but sources."""
    return as_source(row) or Actor(row=row)


def _roles(row: Row) -> list[Role]:
    """Return a source's tenures: they stay with the editions' own nodes, so they are gathered from all of those."""
    mine = [row, *(row.pointing("identifiedAs") if not row.all("inEdition") else [])]
    found = {tenure.key: tenure for source in mine for tenure in source.rows("tenure")}
    tenures = sorted(found.values(), key=lambda tenure: tenure.iri)
    counted = Counter((tenure.text("roleLabel") or "", tenure.concept("tenureStatus")) for tenure in tenures)
    places: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for tenure in tenures:
        places[tenure.text("roleLabel") or "", tenure.concept("tenureStatus")] += tenure.rows("evidence")
    return [
        Role(
            label=label,
            status=enum_of(RoleStatus, status),
            count=count,
            evidence=[Span(row=place) for place in places[label, status][:10]],
        )
        for (label, status), count in sorted(counted.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))
    ]


@strawberry.type(description="One page of sources, in a stable order.")
class SourceConnection(Connection[Source]):
    facets: SourceFacets = counted(SourceFacets)


@strawberry.type(description="One page of actors and outlets, in a stable order.")
class ActorConnection(Connection[Source]):
    facets: SourceFacets = counted(SourceFacets)


# At the end, because the types speak of one another.
from api.graphql.filters import RelationFilter  # noqa: E402
from api.graphql.scalars import RelationKind  # noqa: E402
from api.graphql.types.articles import Edition  # noqa: E402
from api.graphql.types.statements import RelationConnection, Statement, StatementConnection, StatementRelation  # noqa: E402

SAID: Listing = Listing("statements-by", STATEMENT, made(Statement), StatementConnection, "speaker")
AT_ODDS: Listing = Listing("relations-of-speaker", RELATION, made(StatementRelation), RelationConnection, "speaker")
UNFIT = RelationFilter(relation=[RelationKind("contradicts"), RelationKind("inTensionWith")])


def unfit() -> Asked:
    """Return the one page of what a speaker said that does not fit together: the same for every speaker."""
    return asked(AT_ODDS, LARGEST, None, UNFIT, None)
