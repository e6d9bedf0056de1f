"""Articles as works, their editions, and who read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import strawberry

from api.graphql.fields import field, text_of
from api.graphql.filters import StatementFilter
from api.graphql.listing import Listing
from api.graphql.loader import Row, values
from api.graphql.rows import earliest, identity, members
from api.graphql.scalars import ChangeKind, StatementOrder
from api.graphql.types.base import Connection, Node, listed, made, one
from api.graphql.types.facets import ArticleFacets, counted
from api.graphql.types.texts import Span, TimeSpan, spans
from kg import query
from kg.store.index.definitions import STATEMENT


@strawberry.type(description="Which reader found what stands in an edition's graph.")
class ExtractionRun(Node):
    reader: str | None = text_of("reader")
    version: str | None = text_of("version")
    model: str | None = text_of("model")
    model_version: str | None = text_of("modelVersion")
    model_sha256: str | None = text_of("modelSha256")


@strawberry.type(description="What came or went between an edition and the one that it corrects or repeats.")
class Change:
    how: ChangeKind
    edition: Edition
    of: Edition
    added: list[str] = strawberry.field(description="Statements that only the edition has.")
    removed: list[str] = strawberry.field(description="Statements that only the other one has.")


@strawberry.type(description="One exact text of an article; every offset counts in it.")
class Edition(Node):
    @field()
    def text(self) -> str:
        return self.row.loader.text(self.row.key)

    sha256: str | None = text_of("sha256", description="SHA-256 of the text in UTF-8, hexadecimal.")
    language: str | None = text_of("language")

    @field(follows=["editionOf/identifiedAs?"], description="The article as a work; it may have other editions.")
    def article(self) -> Article | None:
        return one(identity(self.row.row("editionOf")), Article)

    @field(needs=["editionOf"])
    def title(self) -> str | None:
        own = self.row.row("editionOf")
        return own.text("title") if own else None

    @field(follows=["revises"], description="The earlier edition that it corrects.")
    def revises(self) -> Edition | None:
        return one(self.row.row("revises"), Edition)

    @field(follows=["copyOf"], description="The edition that it repeats.")
    def copy_of(self) -> Edition | None:
        return one(self.row.row("copyOf"), Edition)

    @field(follows=["^copyOf"], description="The editions that repeat it.")
    def copies(self) -> list[Edition]:
        return [Edition(row=row) for row in self.row.pointing("copyOf")]

    @field(
        follows=["^zoneMention"],
        description="Headline, captions, promotion …: what is not the running story, in text order.",
    )
    def zones(self) -> list[Span]:
        return spans(self.row.pointing("zoneMention"))

    @field(
        description="Mentions whose text is not what stands at their place: there must be none.",
        cost=50,
    )
    def damage(self) -> list[Span]:
        loader = self.row.loader
        rows = loader.ask_of(("damage",), self.row, lambda iris: query.prepare("integrity", edition=iris), "edition")
        found = loader.rows_of([row["mention"].value for row in rows])
        return [Span(row=row) for row in found if row is not None]

    @field(follows=["generatedBy"])
    def run(self) -> ExtractionRun | None:
        return one(self.row.row("generatedBy"), ExtractionRun)

    statements = listed(
        "StatementConnection",
        lambda: OF_EDITION,
        "What it reports to have been said, in the order of the text.",
        StatementFilter,
        StatementOrder,
    )


LOCAL = "^identifiedAs?"
EDITION = f"{LOCAL}/inEdition"
# The editions' own nodes of an article are sorted by it.
SORTED = f"{LOCAL}/published"


@strawberry.type(description="An article as a work: one or more editions.")
class Article(Node):
    @field(needs=[SORTED])
    def title(self) -> str | None:
        return self.row.text("title") or next((t for row in self.locals() if (t := row.text("title"))), None)

    @field(needs=[SORTED], follows=[f"{LOCAL}/publisher/identifiedAs?"])
    def outlet(self) -> Outlet | None:
        return next((found for row in self.locals() if (found := one(identity(row.row("publisher")), Outlet))), None)

    @field(needs=[SORTED], description="The outlet as the article's metadata name it.")
    def outlet_name(self) -> str | None:
        return next((t for row in self.locals() if (t := row.text("outletName"))), None)

    @field(needs=[SORTED, f"{LOCAL}/author"], description="Bylines, in order.")
    def authors(self) -> list[str]:
        found = {a.key: a for row in self.locals() for a in row.rows("author")}
        ordered = sorted(found.values(), key=lambda author: author.number("position") or 0)
        return list(dict.fromkeys(name for author in ordered if (name := author.text("name"))))

    @field(follows=[SORTED])
    def published(self) -> TimeSpan | None:
        return next((found for row in self.locals() if (found := one(row.row("published"), TimeSpan))), None)

    @field(needs=[SORTED], description="As written in the metadata: check its scheme before you link to it.")
    def url(self) -> str | None:
        return self.row.text("url") or next((t for row in self.locals() if (t := row.text("url"))), None)

    @field(needs=[SORTED, EDITION])
    def language(self) -> str | None:
        return next((t for e in self.edition_rows() if (t := e.text("language"))), None)

    @field(needs=[SORTED], follows=[EDITION], description="Its newest edition: the one that no other revises.")
    def edition(self) -> Edition | None:
        editions = self.edition_rows()
        revised = {old.key for edition in editions for old in edition.rows("revises")}
        return one(next((e for e in editions if e.key not in revised), None), Edition)

    @field(needs=[SORTED], follows=[EDITION], description="Newest publication first.")
    def editions(self) -> list[Edition]:
        return [Edition(row=row) for row in self.edition_rows()]

    @field(
        needs=[SORTED],
        follows=[f"{EDITION}/^copyOf"],
        description="Editions of other articles that repeat one of its own.",
    )
    def copies(self) -> list[Edition]:
        found = {copy.key: copy for edition in self.edition_rows() for copy in edition.pointing("copyOf")}
        return [Edition(row=row) for row in found.values()]

    @field(
        needs=[SORTED, EDITION],
        follows=[f"{EDITION}/revises", f"{EDITION}/copyOf", EDITION],
        description="What came or went between its editions, and between it and what it repeats.",
        cost=20,
    )
    def changes(self) -> list[Change]:
        return [change for edition in self.edition_rows() for change in _changes(edition)]

    statements = listed(
        "StatementConnection",
        lambda: OF_ARTICLE,
        "What it reports to have been said, in the order of the text.",
        StatementFilter,
        StatementOrder,
    )

    def locals(self) -> list[Row]:
        """Return the editions' own nodes, latest publication first."""
        rows = members(self.row)
        if len(rows) < 2:
            return rows
        return sorted(rows, key=lambda row: earliest(row.row("published")), reverse=True)

    def edition_rows(self) -> list[Row]:
        return [edition for row in self.locals() for edition in row.rows("inEdition")]


def _copies_of(iris: Sequence[str]) -> str:
    # Not a parameter of the question: an open VALUES at its head loses bindings on Virtuoso.
    return query.load("copies").replace("WHERE {", f"WHERE {{ {values('edition', iris)}", 1)


def _changes(edition: Row) -> list[Change]:
    loader = edition.loader
    rows = loader.ask_of(("changes",), edition, _copies_of, "edition")
    pairs: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: {"added": set(), "removed": set()})
    for row in rows:
        words = pairs[row["how"].value, row["of"].value]
        if "change" in row:
            words[row["change"].value].add(row["words"].value)
    found = []
    for (how, of), words in sorted(pairs.items()):
        [other] = loader.rows_of([of])
        if other is not None:
            found.append(
                Change(
                    how=ChangeKind(how),
                    edition=Edition(row=edition),
                    of=Edition(row=other),
                    added=sorted(words["added"]),
                    removed=sorted(words["removed"]),
                )
            )
    return found


@strawberry.type(description="One page of articles, in a stable order.")
class ArticleConnection(Connection[Article]):
    facets: ArticleFacets = counted(ArticleFacets)


# At the end, because the types speak of one another.
from api.graphql.types.sources import Outlet  # noqa: E402
from api.graphql.types.statements import Statement, StatementConnection  # noqa: E402

OF_EDITION: Listing = Listing(
    "statements-of-edition", STATEMENT, made(Statement), StatementConnection, "edition", "in_text"
)
OF_ARTICLE: Listing = Listing(
    "statements-of-article", STATEMENT, made(Statement), StatementConnection, "article", "in_text"
)
