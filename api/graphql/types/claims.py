"""What several statements say, and who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from api.graphql.asking import Key
from api.graphql.fields import Steps, attach, field, integer_of, merge, text_of, way
from api.graphql.filters import StatementFilter
from api.graphql.listing import Listing, asked, page_of, read_pages
from api.graphql.loader import Loader, Row
from api.graphql.scalars import LARGEST, Stance, StatementOrder
from api.graphql.types.base import After, Connection, First, Node, connect, listing_field, made
from api.graphql.types.facets import COUNTED, ClaimFacets
from kg import query
from kg.store.index.definitions import STATEMENT
from kg.store.index.reading import Tree


@strawberry.type(description="At least so many, at most so many.")
class CountRange:
    low: int
    high: int


@strawberry.type(description="What one outlet's article says about a claim.")
class BoardLine:
    stance: Stance
    outlet: Outlet | None
    speaker: Source | None
    text: str = strawberry.field(description="The exact words.")
    statement: Statement


@strawberry.type(
    description="A claim at one glance: the counts in words, and the lines of those who affirm or deny it."
)
class Board:
    headline: str = strawberry.field(
        description="“3 outlets, 2 to 3 independent roots, none of them named; denied 1 time.”"
    )
    lines: list[BoardLine] = strawberry.field(
        description="Those that affirm it, then those that deny it; at most 100 of each."
    )


@strawberry.type(description="Where outlets that look like corroboration meet.")
class SharedRoot:
    source: Source | None
    how: str = strawberry.field(description="“same chain”, “copy”, or the relation that says so.")
    outlet_count: int
    outlets: list[str]


@strawberry.type(
    description="What several statements say. Two outlets that quote one source are one root, not two confirmations."
)
class Claim(Node):
    label: str | None = text_of("label")

    @field(follows=["carriedBy"], description="The outlets whose articles carry it affirmatively.")
    def outlets(self) -> list[Outlet]:
        return [Outlet(row=row) for row in self.row.rows("carriedBy")]

    outlet_count: int = integer_of("outletCount", default=0)

    @field(follows=["hasRoot"], description="The sources at the far ends of the affirming statements' chains.")
    def roots(self) -> list[Source]:
        return sources(self.row.rows("hasRoot"), identify=False)

    @field(description="How many independent roots there are: a range, as two unnamed ones may be one.")
    def independent_root_count(self) -> CountRange:
        return CountRange(low=self.row.number("rootCountLow") or 0, high=self.row.number("rootCountHigh") or 0)

    named_root_count: int = integer_of("namedRootCount", default=0, description="How many of the roots are named.")
    statement_count: int = integer_of("statementCount", default=0)
    denial_count: int = integer_of("denialCount", default=0)

    @listing_field(lambda: AFFIRMING, "The statements that affirm it, newest first.")
    def statements(
        self,
        first: First = 20,
        after: After = None,
        filter: StatementFilter | None = None,
        order_by: StatementOrder | None = None,
    ) -> StatementConnection:
        return connect(StatementConnection, AFFIRMING, self.row, first, after, filter, order_by)

    @listing_field(lambda: DENYING, "The statements that deny it, newest first.")
    def denials(
        self,
        first: First = 20,
        after: After = None,
        filter: StatementFilter | None = None,
        order_by: StatementOrder | None = None,
    ) -> StatementConnection:
        return connect(StatementConnection, DENYING, self.row, first, after, filter, order_by)

    @field(
        description="Who says it and who denies it, outlet by outlet.",
        cost=40,
        ahead=lambda *given: _read_board(*given),
    )
    def board(self) -> Board:
        return _board(self.row)

    @field(description="The sources that several of its outlets have it from.", cost=20)
    def shared_roots(self) -> list[SharedRoot]:
        loader = self.row.loader
        rows = loader.ask_of(("shared",), self.row, lambda iris: query.prepare("shared_root", claim=iris), "claim")
        found = loader.rows_of([row["source"].value for row in rows])
        return [
            SharedRoot(
                source=as_source(source),
                how=row["how"].value,
                outlet_count=int(row["outlets"].value),
                outlets=sorted(row["names"].value.split(" | ")),
            )
            for row, source in zip(rows, found, strict=True)
        ]


def _read_board(loader: Loader, keys: Sequence[Key], tree: Tree) -> None:
    """Read the statements of these claims, and who said and published them, with what the client asks of them."""
    steps: Steps = {}
    for ends in ("saidBy", "speaker/identifiedAs?", "publishedBy", "reportedIn/publisher/identifiedAs?"):
        attach(steps, way(ends), tree)
    merge(steps, tree)
    for listing in (AFFIRMING, DENYING):
        read_pages(loader, asked(listing, LARGEST, None, None, None), keys, steps)


def _board(row: Row) -> Board:
    loader = row.loader
    lines = []
    for listing, stance in ((AFFIRMING, Stance.AFFIRMS), (DENYING, Stance.DENIES)):
        page = page_of(loader, asked(listing, LARGEST, None, None, None), row.key)
        for key, _ in page.places:
            said = Statement(row=Row(key, loader))
            words = said.row.text("contentText") or ""
            lines.append(
                BoardLine(
                    stance=stance,
                    outlet=outlet_of(said.row),
                    speaker=speaker_of(said.row),
                    text=words,
                    statement=said,
                )
            )
    low, high = row.number("rootCountLow") or 0, row.number("rootCountHigh") or 0
    named, outlets = row.number("namedRootCount") or 0, row.number("outletCount") or 0
    denials = row.number("denialCount") or 0
    roots = str(low) if low == high else f"{low} to {high}"
    counts = [
        f"{outlets} outlet{'' if outlets == 1 else 's'}",
        f"{roots} independent root{'' if roots == '1' else 's'}",
        f"{named or 'none'} of them named" if roots != "1" else "named" if named else "not named",
    ]
    denied = f"; denied {denials} time{'' if denials == 1 else 's'}" if denials else ""
    return Board(headline=f"{', '.join(counts)}{denied}.", lines=lines)


@strawberry.type(description="One page of claims, in a stable order.")
class ClaimConnection(Connection[Claim]):
    @field(description=COUNTED)
    def facets(self) -> ClaimFacets:
        return ClaimFacets(on=self)


# At the end, because the types speak of one another.
from api.graphql.types.sources import Outlet, Source, as_source, sources  # noqa: E402
from api.graphql.types.statements import Statement, StatementConnection, outlet_of, speaker_of  # noqa: E402

AFFIRMING: Listing = Listing("statements-of-claim", STATEMENT, made(Statement), "affirmed")
DENYING: Listing = Listing("denials-of-claim", STATEMENT, made(Statement), "denied")
