"""A row of the graph enters; the object that a GraphQL client sees leaves.

Each field reads one property under the name it has in the ontology. All types stand in one module because they speak of
one another; what needs no type stands in ``rows``, and :mod:`api.graphql.follows` says what a field walks along.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from pyoxigraph import Literal, NamedNode

from api.graphql import pages
from api.graphql.filters import StatementFilter, statement_patterns
from api.graphql.loader import Loader, Row, values
from api.graphql.pages import Listing
from api.graphql.rows import date_of, earliest, enum_of, identities, identity, iri_of, members
from api.graphql.scalars import (
    LARGEST,
    Act,
    Basis,
    Certainty,
    Cursor,
    EventKind,
    EventStatus,
    MentionKind,
    Modality,
    Mode,
    Polarity,
    RelationKind,
    Resolution,
    RoleStatus,
    SourceKind,
    Stance,
    StepAct,
    ZoneKind,
    bad_input,
)
from api.graphql.scalars import (
    Place as Position,
)
from kg.vocab import KG, NAMESPACE

CONTEXT = 32  # code points of prefix and suffix, as the Web Annotation examples have them

T = TypeVar("T")


@strawberry.interface(description="Anything with an IRI of its own.")
class Node:
    row: strawberry.Private[Row]

    @strawberry.field(description="The node's IRI: the same in SPARQL, in GraphQL and as a web address.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.row.iri)


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
    chosen: strawberry.Private[pages.Page]
    wrap: strawberry.Private[Callable[[Row], Any]]
    loader: strawberry.Private[Loader]
    listing: strawberry.Private[Listing]
    filters: strawberry.Private[str]
    parent: strawberry.Private[str | None]
    continued: strawberry.Private[bool]

    @strawberry.field
    def nodes(self) -> list[T]:
        return [self.wrap(Row(place.iri, self.loader)) for place in self.chosen.places]

    @strawberry.field
    def edges(self) -> list[Edge[T]]:
        return [Edge(node=self.wrap(Row(place.iri, self.loader)), cursor=Cursor(place)) for place in self.chosen.places]

    @strawberry.field
    def page_info(self) -> PageInfo:
        places = self.chosen.places
        return PageInfo(
            has_next_page=self.chosen.more,
            has_previous_page=self.continued,
            start_cursor=Cursor(places[0]) if places else None,
            end_cursor=Cursor(places[-1]) if places else None,
        )

    @strawberry.field(description="How many nodes all pages hold; counted only when asked for.")
    def total_count(self) -> int:
        return pages.total(self.loader, self.listing, filters=self.filters, parent=self.parent)


N = TypeVar("N", bound=Node)


def made(kind: type[N]) -> Callable[[Row], N]:
    """Return what makes a row an object of one type."""
    return lambda row: kind(row=row)


First = Annotated[int, strawberry.argument(description=f"How many nodes, 1 to {LARGEST}.")]
After = Annotated[Cursor | None, strawberry.argument(description="The cursor that the page begins behind.")]


def connect(
    loader: Loader,
    listing: Listing,
    wrap: Callable[[Row], T],
    *,
    first: int,
    after: Position | None,
    filters: str = "",
    parent: str | None = None,
) -> Connection[T]:
    """Return one page of a connection; GraphQLError when ``first`` is out of bounds or the cursor is another's."""
    if not 1 <= first <= LARGEST:
        raise bad_input(f"first is {first}; a page has 1 to {LARGEST} nodes", "first")
    chosen = pages.page(loader, listing, first=first, after=after, filters=filters, parent=parent)
    return Connection(
        chosen=chosen,
        wrap=wrap,
        loader=loader,
        listing=listing,
        filters=filters,
        parent=parent,
        continued=after is not None,
    )


def _statements(
    row: Row, listing: Listing, first: int, after: Any, wanted: StatementFilter | None
) -> Connection[Statement]:
    return connect(
        row.loader,
        listing,
        made(Statement),
        first=first,
        after=after,
        filters=statement_patterns(wanted),
        parent=row.iri,
    )


# --- places in a text, times -----------------------------------------------------------------------------------------


@strawberry.type(
    description="A stretch of an edition's text. start and end are Unicode code points, half-open; exact is "
    "text[start:end] of the edition. startUtf16 and endUtf16 are the same place as JavaScript counts."
)
class Span(Node):
    @strawberry.field
    def edition(self) -> Edition | None:
        return _one(self.row.row(KG.inEdition), Edition)

    @strawberry.field
    def start(self) -> int:
        return self.row.number(KG.start) or 0

    @strawberry.field
    def end(self) -> int:
        return self.row.number(KG.end) or 0

    @strawberry.field(description="start in UTF-16 code units.")
    def start_utf16(self) -> int:
        return self._utf16(self.row.number(KG.start) or 0)

    @strawberry.field(description="end in UTF-16 code units.")
    def end_utf16(self) -> int:
        return self._utf16(self.row.number(KG.end) or 0)

    @strawberry.field(description="The characters themselves.")
    def exact(self) -> str:
        return self.row.text(KG.exact) or ""

    @strawberry.field(description=f"Up to {CONTEXT} code points before it.")
    def prefix(self) -> str:
        start = self.row.number(KG.start) or 0
        return self._text()[max(0, start - CONTEXT) : start]

    @strawberry.field(description=f"Up to {CONTEXT} code points behind it.")
    def suffix(self) -> str:
        end = self.row.number(KG.end) or 0
        return self._text()[end : end + CONTEXT]

    @strawberry.field(description="How it names something, when it does.")
    def kind(self) -> MentionKind | None:
        return enum_of(MentionKind, self.row.concept(KG.mentionKind))

    @strawberry.field(description="What it is, when it is not the running story.")
    def zone(self) -> ZoneKind | None:
        return enum_of(ZoneKind, self.row.concept(KG.zone))

    def _text(self) -> str:
        edition = self.row.row(KG.inEdition)
        return self.row.loader.text(edition.iri) if edition else ""

    def _utf16(self, offset: int) -> int:
        edition = self.row.row(KG.inEdition)
        if edition is None:
            return offset
        # Characters beyond the Basic Multilingual Plane are two units of UTF-16. One list for each text and request.
        astral = self.row.loader.derived(
            ("astral", edition.iri), lambda: [i for i, c in enumerate(self._text()) if c > "\uffff"]
        )
        return offset + bisect_left(astral, offset)


@strawberry.type(
    description="A time as far as it is known: EDTF, the days that it may cover, and how it was worked out."
)
class TimeSpan(Node):
    @strawberry.field(description="Extended Date/Time Format, https://www.loc.gov/standards/datetime/")
    def edtf(self) -> str | None:
        return self.row.text(KG.edtf)

    @strawberry.field
    def earliest(self) -> date | None:
        return date_of(self.row.text(KG.earliest))

    @strawberry.field
    def latest(self) -> date | None:
        return date_of(self.row.text(KG.latest))

    @strawberry.field
    def resolution(self) -> Resolution | None:
        return enum_of(Resolution, self.row.concept(KG.resolution))

    @strawberry.field(description="The EDTF date that a relative time was counted from.")
    def anchor(self) -> str | None:
        return self.row.text(KG.anchor)

    @strawberry.field(description="The expression in the text.")
    def evidence(self) -> Span | None:
        return _one(self.row.row(KG.evidence), Span)


# --- sources ---------------------------------------------------------------------------------------------------------


@strawberry.type(description="An office or label given to a source, in so many places.")
class Role:
    label: str
    status: RoleStatus | None
    count: int = strawberry.field(description="How many editions' sources carry it.")
    evidence: list[Span] = strawberry.field(description="Where it stands; at most ten places.")


@strawberry.interface(description="Anything that a statement is traced to: a person, a group, an outlet, a document …")
class Source(Node):
    @strawberry.field(description="The usual name; of an unnamed source its description as written.")
    def name(self) -> str | None:
        return self.row.text(KG.name)

    @strawberry.field
    def kind(self) -> SourceKind:
        for kind in SourceKind:
            if self.row.is_a(NamedNode(NAMESPACE + kind.value)):
                return kind
        return SourceKind.OTHER

    @strawberry.field(description="The text describes it and does not name it.")
    def unnamed(self) -> bool:
        return self.row.text(KG.unnamed) == "true"

    @strawberry.field(description="Names under which it stands in the articles, the usual one first.")
    def spellings(self) -> list[str]:
        names = [term.value for term in self.row.all(KG.name) + self.row.all(KG.altLabel) if isinstance(term, Literal)]
        return list(dict.fromkeys(names))

    @strawberry.field(description="Offices and labels, the most frequent first.")
    def roles(self) -> list[Role]:
        return _roles(self.row)

    @strawberry.field(description="What it is reported to have said, newest first.")
    def statements(
        self, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _statements(self.row, pages.STATEMENTS_BY, first, after, filter)


@strawberry.type(
    description="A named person, organisation, outlet, group or state. One node for all articles once they were linked."
)
class Actor(Source):
    pass


@strawberry.type(description="A report, a law, a post, a channel: what is written speaks too.")
class Document(Source):
    pass


@strawberry.type(
    description="A source that its article describes and does not name. It stays its own node: “a senior official” of "
    "two articles need not be one person."
)
class UnnamedSource(Source):
    @strawberry.field(description="How many they are, where the text says so.")
    def number(self) -> int | None:
        return self.row.number(KG.number)

    @strawberry.field
    def edition(self) -> Edition | None:
        return _one(self.row.row(KG.inEdition), Edition)


@strawberry.type(description="Where something happens.")
class Place(Node):
    @strawberry.field
    def name(self) -> str | None:
        return self.row.text(KG.name)

    @strawberry.field
    def spellings(self) -> list[str]:
        names = [term.value for term in self.row.all(KG.name) + self.row.all(KG.altLabel) if isinstance(term, Literal)]
        return list(dict.fromkeys(names))


# --- articles --------------------------------------------------------------------------------------------------------


@strawberry.type(description="Which reader found what stands in an edition's graph.")
class ExtractionRun(Node):
    @strawberry.field
    def reader(self) -> str | None:
        return self.row.text(KG.reader)

    @strawberry.field
    def version(self) -> str | None:
        return self.row.text(KG.version)

    @strawberry.field
    def model(self) -> str | None:
        return self.row.text(KG.model)

    @strawberry.field
    def model_version(self) -> str | None:
        return self.row.text(KG.modelVersion)

    @strawberry.field
    def model_sha256(self) -> str | None:
        return self.row.text(KG.modelSha256)


@strawberry.type(description="One exact text of an article; every offset counts in it.")
class Edition(Node):
    @strawberry.field
    def text(self) -> str:
        return self.row.loader.text(self.row.iri)

    @strawberry.field(description="SHA-256 of the text in UTF-8, hexadecimal.")
    def sha256(self) -> str | None:
        return self.row.text(KG.sha256)

    @strawberry.field
    def language(self) -> str | None:
        return self.row.text(KG.language)

    @strawberry.field(description="The article as a work; it may have other editions.")
    def article(self) -> Article | None:
        return _one(identity(self.row.row(KG.editionOf)), Article)

    @strawberry.field
    def title(self) -> str | None:
        own = self.row.row(KG.editionOf)
        return own.text(KG.title) if own else None

    @strawberry.field(description="The earlier edition that it corrects.")
    def revises(self) -> Edition | None:
        return _one(self.row.row(KG.revises), Edition)

    @strawberry.field(description="The edition that it repeats.")
    def copy_of(self) -> Edition | None:
        return _one(self.row.row(KG.copyOf), Edition)

    @strawberry.field(description="Headline, captions, promotion …: what is not the running story, in text order.")
    def zones(self) -> list[Span]:
        def ask(iris: Sequence[str]) -> dict[str, list[str]]:
            found: dict[str, list[str]] = defaultdict(list)
            query = f"SELECT DISTINCT ?e ?m {{ {values('e', iris)} ?m {KG.inEdition} ?e ; {KG.zone} ?z }}"
            for row in self.row.loader.select(query):
                found[iri_of(row["e"])].append(iri_of(row["m"]))
            self.row.loader.expect(iri for some in found.values() for iri in some)
            return found

        found = self.row.loader.once_for_mates(("zones",), self.row.iri, ask) or []
        return _spans(Row(iri, self.row.loader) for iri in found)

    @strawberry.field
    def run(self) -> ExtractionRun | None:
        return _one(self.row.row(KG.generatedBy), ExtractionRun)

    @strawberry.field(description="What it reports to have been said, in the order of the text.")
    def statements(
        self, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _statements(self.row, pages.STATEMENTS_OF_EDITION, first, after, filter)


@strawberry.type(description="An article as a work: one or more editions.")
class Article(Node):
    def _locals(self) -> list[Row]:
        """The editions' own nodes, latest publication first."""
        rows = members(self.row)
        return sorted(rows, key=lambda row: earliest(row.row(KG.published)), reverse=True)

    @strawberry.field
    def title(self) -> str | None:
        return self.row.text(KG.title) or next((t for row in self._locals() if (t := row.text(KG.title))), None)

    @strawberry.field
    def outlet(self) -> Actor | None:
        return next((found for row in self._locals() if (found := _one(identity(row.row(KG.publisher)), Actor))), None)

    @strawberry.field(description="The outlet as the article's metadata name it.")
    def outlet_name(self) -> str | None:
        return next((t for row in self._locals() if (t := row.text(KG.outletName))), None)

    @strawberry.field(description="Bylines, in order.")
    def authors(self) -> list[str]:
        found = {a.iri: a for row in self._locals() for a in row.rows(KG.author)}
        ordered = sorted(found.values(), key=lambda author: author.number(KG.position) or 0)
        return list(dict.fromkeys(name for author in ordered if (name := author.text(KG.name))))

    @strawberry.field
    def published(self) -> TimeSpan | None:
        return next((found for row in self._locals() if (found := _one(row.row(KG.published), TimeSpan))), None)

    @strawberry.field(description="As written in the metadata: check its scheme before you link to it.")
    def url(self) -> str | None:
        return self.row.text(KG.url) or next((t for row in self._locals() if (t := row.text(KG.url))), None)

    @strawberry.field
    def language(self) -> str | None:
        return next((t for e in self._editions() if (t := e.text(KG.language))), None)

    @strawberry.field(description="Its newest edition: the one that no other revises.")
    def edition(self) -> Edition | None:
        editions = self._editions()
        revised = {old.iri for edition in editions for old in edition.rows(KG.revises)}
        return _one(next((e for e in editions if e.iri not in revised), None), Edition)

    @strawberry.field(description="Newest publication first.")
    def editions(self) -> list[Edition]:
        return [Edition(row=row) for row in self._editions()]

    @strawberry.field(description="What it reports to have been said, in the order of the text.")
    def statements(
        self, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _statements(self.row, pages.STATEMENTS_OF_ARTICLE, first, after, filter)

    def _editions(self) -> list[Row]:
        return [edition for row in self._locals() for edition in row.rows(KG.inEdition)]


# --- statements ------------------------------------------------------------------------------------------------------


@strawberry.type(description="One link of a chain of attribution.")
class AttributionStep(Node):
    @strawberry.field(description="0 is the publisher, the highest number the root.")
    def position(self) -> int:
        return self.row.number(KG.position) or 0

    @strawberry.field
    def source(self) -> Source | None:
        return as_source(identity(self.row.row(KG.stepSource)))

    @strawberry.field(description="The source as its article names or describes it.")
    def described_as(self) -> str | None:
        local = self.row.row(KG.stepSource)
        return local.text(KG.name) if local else None

    @strawberry.field
    def act(self) -> StepAct | None:
        return enum_of(StepAct, self.row.concept(KG.stepAct))

    @strawberry.field(description="How sure the text is that this link passed it on.")
    def certainty(self) -> Certainty | None:
        return enum_of(Certainty, self.row.concept(KG.stepCertainty))

    @strawberry.field(description="Where the text says so.")
    def evidence(self) -> Span | None:
        return _one(self.row.row(KG.evidence), Span)


@strawberry.type(
    description="How two statements stand to each other, or what an article says of one, and who holds it."
)
class StatementRelation(Node):
    @strawberry.field
    def relation(self) -> RelationKind | None:
        return enum_of(RelationKind, self.row.concept(KG.relation))

    @strawberry.field(name="from", description="None where an article itself speaks of the statement.")
    def from_(self) -> Statement | None:
        return _one(self.row.row(KG.from_), Statement)

    @strawberry.field
    def to(self) -> Statement | None:
        return _one(self.row.row(KG.to), Statement)

    @strawberry.field
    def basis(self) -> Basis | None:
        return enum_of(Basis, self.row.concept(KG.basis))

    @strawberry.field(description="An article asserts it; else a rule of the linker does.")
    def declared(self) -> bool:
        return self.row.concept(KG.basis) == "declared"

    @strawberry.field(description="The sources that corroborate or contradict, by an article's own word.")
    def by(self) -> list[Source]:
        return _sources(self.row.rows(KG.bySource))

    @strawberry.field
    def certainty(self) -> Certainty | None:
        return enum_of(Certainty, self.row.concept(KG.certainty))

    @strawberry.field
    def confidence(self) -> float | None:
        return self.row.decimal(KG.confidence)

    @strawberry.field(description="Where the article says so.")
    def evidence(self) -> Span | None:
        return _one(self.row.row(KG.evidence), Span)


@strawberry.type(description="One reported utterance or belief, as one edition reports it.")
class Statement(Node):
    @strawberry.field(description="Its words; stretches that stand apart are joined by “ … ”.")
    def text(self) -> str:
        return self.row.text(KG.contentText) or ""

    @strawberry.field(description="Its words in the edition, in text order.")
    def content(self) -> list[Span]:
        return _spans(self.row.rows(KG.content))

    @strawberry.field(description="Those inside quotation marks, in text order.")
    def quoted(self) -> list[Span]:
        return _spans(self.row.rows(KG.quoted))

    @strawberry.field(description="The words that hand it to its speaker: “said”, “according to”.")
    def cue(self) -> Span | None:
        return _one(self.row.row(KG.cue), Span)

    @strawberry.field(description="Who said it: one node for all articles, when it is named.")
    def speaker(self) -> Source | None:
        return as_source(self.row.row(KG.saidBy) or identity(self.row.row(KG.speaker)))

    @strawberry.field(description="The speaker as written at the cue, pronouns too.")
    def speaker_span(self) -> Span | None:
        return _one(self.row.row(KG.speakerMention), Span)

    @strawberry.field
    def addressee(self) -> Source | None:
        return as_source(self.row.row(KG.saidTo) or identity(self.row.row(KG.addressee)))

    @strawberry.field(description="From the publisher (first) to the root (last).")
    def chain(self) -> list[AttributionStep]:
        steps = sorted(self.row.rows(KG.hasStep), key=lambda step: step.number(KG.position) or 0)
        return [AttributionStep(row=step) for step in steps]

    @strawberry.field
    def root_source(self) -> Source | None:
        return as_source(identity(self.row.row(KG.rootSource)))

    @strawberry.field
    def act(self) -> Act | None:
        return enum_of(Act, self.row.concept(KG.speechAct))

    @strawberry.field
    def mode(self) -> Mode | None:
        return enum_of(Mode, self.row.concept(KG.mode))

    @strawberry.field
    def polarity(self) -> Polarity | None:
        return enum_of(Polarity, self.row.concept(KG.polarity))

    @strawberry.field
    def certainty(self) -> Certainty | None:
        return enum_of(Certainty, self.row.concept(KG.certainty))

    @strawberry.field
    def modality(self) -> Modality | None:
        return enum_of(Modality, self.row.concept(KG.modality))

    @strawberry.field
    def said_on(self) -> TimeSpan | None:
        return _one(self.row.row(KG.saidOn), TimeSpan)

    @strawberry.field(description="The events that it speaks of.")
    def about(self) -> list[Event]:
        return [Event(row=row) for row in identities(self.row.rows(KG.aboutEvent))]

    @strawberry.field(description="What it says, together with other statements.")
    def claim(self) -> Claim | None:
        return _one(self.row.row(KG.expresses, KG.denies), Claim)

    @strawberry.field(description="Whether it affirms its claim or denies it; none before the articles were linked.")
    def stance(self) -> Stance | None:
        if self.row.all(KG.expresses):
            return Stance.AFFIRMS
        return Stance.DENIES if self.row.all(KG.denies) else None

    @strawberry.field(description="The statement that it stands inside of.")
    def embedded_in(self) -> Statement | None:
        return _one(self.row.row(KG.embeddedIn), Statement)

    @strawberry.field(description="Statements that corroborate, contradict or repeat it, and what articles say of it.")
    def relations(self) -> list[StatementRelation]:
        rows = self.row.pointing(KG.from_) + self.row.pointing(KG.to)
        found = {row.iri: row for row in rows if row.is_a(KG.StatementRelation)}
        return [StatementRelation(row=found[iri]) for iri in sorted(found)]

    @strawberry.field(description="Between 0 and 1: how sure the reader is.")
    def confidence(self) -> float | None:
        return self.row.decimal(KG.confidence)

    @strawberry.field(description="The rule of the reader that found it.")
    def rule(self) -> str | None:
        return self.row.text(KG.rule)

    @strawberry.field
    def edition(self) -> Edition | None:
        return _one(self.row.row(KG.inEdition), Edition)

    @strawberry.field
    def article(self) -> Article | None:
        return _one(identity(self.row.row(KG.reportedIn)), Article)

    @strawberry.field(description="Who published it.")
    def outlet(self) -> Actor | None:
        published = self.row.row(KG.publishedBy)
        if published is None:
            own = self.row.row(KG.reportedIn)
            published = identity(own.row(KG.publisher)) if own else None
        return _one(published, Actor)


@strawberry.type(description="At least so many, at most so many.")
class CountRange:
    low: int
    high: int


@strawberry.type(
    description="What several statements say. Two outlets that quote one source are one root, not two confirmations."
)
class Claim(Node):
    @strawberry.field
    def label(self) -> str | None:
        return self.row.text(KG.label)

    @strawberry.field(description="The outlets whose articles carry it affirmatively.")
    def outlets(self) -> list[Actor]:
        return [Actor(row=row) for row in self.row.rows(KG.carriedBy)]

    @strawberry.field
    def outlet_count(self) -> int:
        return self.row.number(KG.outletCount) or 0

    @strawberry.field(description="The sources at the far ends of the affirming statements' chains.")
    def roots(self) -> list[Source]:
        return _sources(self.row.rows(KG.hasRoot), identify=False)

    @strawberry.field(description="How many independent roots there are: a range, as two unnamed ones may be one.")
    def independent_root_count(self) -> CountRange:
        return CountRange(low=self.row.number(KG.rootCountLow) or 0, high=self.row.number(KG.rootCountHigh) or 0)

    @strawberry.field(description="How many of the roots are named.")
    def named_root_count(self) -> int:
        return self.row.number(KG.namedRootCount) or 0

    @strawberry.field
    def statement_count(self) -> int:
        return self.row.number(KG.statementCount) or 0

    @strawberry.field
    def denial_count(self) -> int:
        return self.row.number(KG.denialCount) or 0

    @strawberry.field(description="The statements that affirm it, newest first.")
    def statements(
        self, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _statements(self.row, pages.STATEMENTS_OF_CLAIM, first, after, filter)

    @strawberry.field(description="The statements that deny it, newest first.")
    def denials(
        self, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _statements(self.row, pages.DENIALS_OF_CLAIM, first, after, filter)


# --- events ----------------------------------------------------------------------------------------------------------


@strawberry.type(description="Who takes part in an event, and how.")
class Participant:
    role: str | None
    actor: Source | None


@strawberry.type(
    description="What happened, was planned, alleged or denied. One node for all articles once they were linked."
)
class Event(Node):
    @strawberry.field
    def label(self) -> str | None:
        return self.row.text(KG.label)

    @strawberry.field
    def kind(self) -> EventKind | None:
        return enum_of(
            EventKind, next((c for row in members(self.row, own=True) if (c := row.concept(KG.eventKind))), None)
        )

    @strawberry.field(description="How real the articles say it is; more than one when they differ.")
    def statuses(self) -> list[EventStatus]:
        found = {concept for row in members(self.row) for concept in row.concepts(KG.eventStatus)}
        return [enum_of(EventStatus, value) for value in sorted(found)]

    @strawberry.field
    def earliest(self) -> date | None:
        return date_of(self.row.text(KG.earliest) or min((t for t in map(earliest, self._times()) if t), default=None))

    @strawberry.field
    def latest(self) -> date | None:
        days = (time.text(KG.latest) for time in self._times())
        return date_of(self.row.text(KG.latest) or max((day for day in days if day), default=None))

    @strawberry.field(description="The times that the articles give.")
    def when(self) -> list[TimeSpan]:
        return [TimeSpan(row=row) for row in self._times()]

    @strawberry.field
    def place(self) -> Place | None:
        places = (identity(row.row(KG.place)) for row in members(self.row))
        return _one(next((place for place in places if place), None), Place)

    @strawberry.field
    def participants(self) -> list[Participant]:
        found: dict[tuple[str | None, str], Participant] = {}
        for row in members(self.row):
            for part in sorted(row.rows(KG.participation), key=lambda part: part.number(KG.position) or 0):
                who, role = identity(part.row(KG.participant)), part.text(KG.role)
                if who is not None:
                    found.setdefault((role, who.iri), Participant(role=role, actor=as_source(who)))
        return list(found.values())

    @strawberry.field(description="The words that name it, one for each edition's own event.")
    def triggers(self) -> list[Span]:
        return _spans(span for row in members(self.row) for span in row.rows(KG.trigger))

    @strawberry.field(description="The articles that report it.")
    def articles(self) -> list[Article]:
        editions = [edition for row in members(self.row) for edition in row.rows(KG.inEdition)]
        works = identities([work for edition in editions for work in edition.rows(KG.editionOf)])
        return [Article(row=row) for row in works]

    @strawberry.field(description="The statements about it, newest first.")
    def statements(
        self, first: First = 20, after: After = None, filter: StatementFilter | None = None
    ) -> Connection[Statement]:
        return _statements(self.row, pages.STATEMENTS_OF_EVENT, first, after, filter)

    def _times(self) -> list[Row]:
        found = {time.iri: time for row in members(self.row) for time in row.rows(KG.time)}
        return list(found.values())


# --- from rows to objects --------------------------------------------------------------------------------------------


def as_source(row: Row | None) -> Actor | Document | UnnamedSource | None:
    """Return a source as its type says; None when the node is no source."""
    if row is None or not row.is_a(KG.Source):
        return None
    if row.text(KG.unnamed) == "true":
        return UnnamedSource(row=row)
    return Document(row=row) if row.is_a(KG.Document, KG.Channel) else Actor(row=row)


_KINDS: tuple[tuple[NamedNode, type[Node]], ...] = (
    (KG.Statement, Statement),
    (KG.Claim, Claim),
    (KG.Event, Event),
    (KG.Article, Article),
    (KG.Edition, Edition),
    (KG.Mention, Span),
    (KG.AttributionStep, AttributionStep),
    (KG.StatementRelation, StatementRelation),
    (KG.TimeSpan, TimeSpan),
    (KG.ExtractionRun, ExtractionRun),
)


def as_node(row: Row) -> Node | None:
    """Return any node as its type says; None when the store has none of this IRI, or one that GraphQL does not show."""
    for kind, made in _KINDS:
        if row.is_a(kind):
            return made(row=row)
    if row.is_a(KG.Place) and not row.is_a(KG.Actor):
        return Place(row=row)
    return as_source(row)


def _one(row: Row | None, made: Callable[..., T]) -> T | None:
    return made(row=row) if row is not None else None


def _sources(rows: Iterable[Row], *, identify: bool = True) -> list[Any]:
    chosen = identities(rows) if identify else list(rows)
    return [source for row in chosen if (source := as_source(row)) is not None]


def _spans(rows: Iterable[Row]) -> list[Span]:
    return [Span(row=row) for row in sorted(rows, key=lambda row: (row.number(KG.start) or 0, row.number(KG.end) or 0))]


def _roles(row: Row) -> list[Role]:
    """Return a source's tenures: they stay with the editions' own nodes, so they are gathered from all of those."""

    def ask(iris: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        query = (
            f"SELECT DISTINCT ?s ?t {{ {values('s', iris)} {{ ?s {KG.tenure} ?t }} UNION "
            f"{{ ?local {KG.identifiedAs} ?s . ?local {KG.tenure} ?t }} }}"
        )
        for found_row in row.loader.select(query):
            found[iri_of(found_row["s"])].append(iri_of(found_row["t"]))
        row.loader.expect(iri for some in found.values() for iri in some)
        return found

    tenures = [Row(iri, row.loader) for iri in sorted(row.loader.once_for_mates(("roles",), row.iri, ask) or [])]
    counted = Counter((tenure.text(KG.roleLabel) or "", tenure.concept(KG.tenureStatus)) for tenure in tenures)
    places: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for tenure in tenures:
        places[tenure.text(KG.roleLabel) or "", tenure.concept(KG.tenureStatus)] += tenure.rows(KG.evidence)
    return [
        Role(
            label=label,
            status=enum_of(RoleStatus, status),
            count=count,
            evidence=[Span(row=place) for place in places[label, status][:10]],
        )
        for (label, status), count in sorted(counted.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))
    ]
