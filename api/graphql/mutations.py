"""What a person asks to be changed enters; the change, as the graph then has it, or the shapes' refusal, leaves.

Every mutation wants a bearer token and a reason. A refusal that the person can mend is a member of the result's union;
a missing right or a busy store is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypeAlias

import strawberry

from api.graphql.loader import Loader, Row
from api.graphql.rows import identity
from api.graphql.scalars import RelationKind, failure
from api.graphql.sparql_reader import SparqlReader
from api.graphql.types import Article, Edition
from api.graphql.types.links import Annotation, Decision, Submission
from api.problems import Refusal
from kg import curation
from kg.curation import Refused, Signed, Submitted, Text, Violation
from kg.errors import StoreBusy
from kg.store.base import Store

Info = strawberry.Info[Loader, None]


@dataclass(frozen=True, slots=True)
class Session:
    """Who changes something: the token's name, whether it may write more than the curation graph, what runs a job."""

    store: Store
    run: Callable[[Callable[[Store], Any]], Any]
    name: str
    everything: bool
    private: bool = False  # articles may be fetched from private networks


@strawberry.type(description="One thing that breaks one shape (SHACL), in the shape's own words.")
class ShapeViolation:
    focus: str = strawberry.field(description="The node that breaks it.")
    path: str | None = strawberry.field(description="The property; none when the shape speaks of the whole node.")
    value: str | None = strawberry.field(description="The offending value; none when one is missing.")
    shape: str = strawberry.field(description="The shape's IRI.")
    message: str
    severity: str


@strawberry.type(description="Nothing was changed, and why; mend it and send it again.")
class WriteRefused:
    message: str
    violations: list[ShapeViolation] = strawberry.field(description="What a shape refused; none for other reasons.")


@strawberry.enum(description="What became of an article.")
class ImportState(Enum):
    IMPORTED = "imported"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@strawberry.type(description="The article was read, checked, stored and linked.")
class ImportAccepted:
    state: ImportState
    edition: Edition
    article: Article | None
    statement_count: int = strawberry.field(description="How many statements were read; 0 when it was there already.")
    warnings: list[str] = strawberry.field(description="What the shapes noted without refusing it.")
    submission: Submission


@strawberry.type(description="The decision is recorded, and the links were made anew by it.")
class DecisionRecorded:
    decision: Decision


@strawberry.type(description="The note is recorded.")
class AnnotationRecorded:
    annotation: Annotation


ImportArticleResult: TypeAlias = Annotated[ImportAccepted | WriteRefused, strawberry.union("ImportArticleResult")]
DecisionResult: TypeAlias = Annotated[DecisionRecorded | WriteRefused, strawberry.union("DecisionResult")]
AnnotationResult: TypeAlias = Annotated[AnnotationRecorded | WriteRefused, strawberry.union("AnnotationResult")]


@strawberry.input(description="An article: its text, or the web address that it is fetched from.")
class ArticleInput:
    reason: str = strawberry.field(description="Why it is handed in.")
    text: str | None = strawberry.field(default=None, description="Its words, headline first.")
    url: str | None = strawberry.field(default=None, description="Its address; without text it is fetched from there.")
    outlet: str | None = strawberry.field(default=None, description="Who published it.")
    published: str | None = strawberry.field(default=None, description="Day, month or year: 2022-02-27.")
    title: str | None = None
    authors: list[str] | None = None
    language: str | None = strawberry.field(default=None, description="A code like en.")


@strawberry.input(description="An edition's own node and a canonical node of the same sort: a named source, an event.")
class IdentityInput:
    node: strawberry.ID = strawberry.field(description="An edition's own source or event; its IRI has a #.")
    canonical: strawberry.ID = strawberry.field(description="The node that stands for it in all articles.")
    reason: str


@strawberry.input(description="Two statements and how they stand to each other.")
class RelationInput:
    from_: strawberry.ID = strawberry.field(name="from")
    to: strawberry.ID
    relation: RelationKind
    reason: str


@strawberry.input(description="A note on any node.")
class AnnotationInput:
    node: strawberry.ID
    note: str = strawberry.field(description="At most 10,000 characters.")
    reason: str = strawberry.field(description="Why it is noted; at most 2,000 characters.")


@strawberry.type(description="Changes, for the bearer of a token; each is recorded with who, when and why.")
class Mutation:
    @strawberry.mutation(description="Read, check, store and link one article. Wants a token for all graphs.")
    def import_article(self, info: Info, input: ArticleInput) -> ImportArticleResult:
        session = _session(info, everything=True)
        given = Text(
            text=input.text,
            url=input.url,
            outlet=input.outlet,
            published=input.published,
            title=input.title,
            authors=tuple(input.authors or ()),
            language=input.language,
        )
        try:
            # Before it is our turn to write: a server may be slow, and others want to write meanwhile.
            handed = curation.hand_in(given, private=session.private)
        except Refused as refusal:
            return WriteRefused(message=str(refusal), violations=[])
        signed = Signed.now(session.name, input.reason)
        found = _write(session, lambda store: curation.submit(store, given, signed, handed))
        return found if isinstance(found, WriteRefused) else _accepted(info.context, session, found)

    @strawberry.mutation(description="Decide that an edition's node is a canonical one.")
    def confirm_identity(self, info: Info, input: IdentityInput) -> DecisionResult:
        return _decide(info, input.reason, curation.confirm_identity, input.node, input.canonical)

    @strawberry.mutation(description="Decide that an edition's node is not a canonical one: they are taken apart.")
    def undo_identity(self, info: Info, input: IdentityInput) -> DecisionResult:
        return _decide(info, input.reason, curation.undo_identity, input.node, input.canonical)

    @strawberry.mutation(description="Decide that two statements stand in a relation.")
    def confirm_relation(self, info: Info, input: RelationInput) -> DecisionResult:
        return _decide(info, input.reason, curation.confirm_relation, input.from_, input.to, input.relation.value)

    @strawberry.mutation(description="Decide that two statements do not stand in a relation.")
    def undo_relation(self, info: Info, input: RelationInput) -> DecisionResult:
        return _decide(info, input.reason, curation.undo_relation, input.from_, input.to, input.relation.value)

    @strawberry.mutation(description="Note something on a node.")
    def annotate(self, info: Info, input: AnnotationInput) -> AnnotationResult:
        session = _session(info)
        signed = Signed.now(session.name, input.reason)
        found = _write(session, lambda store: curation.annotate(store, input.node, input.note, signed))
        if isinstance(found, WriteRefused):
            return found
        return AnnotationRecorded(annotation=Annotation(row=_row(info.context, session, found.iri)))


RECORDS = (Annotation, Submission)


def _session(info: Info, *, everything: bool = False) -> Session:
    """Return who asks. GraphQLError FORBIDDEN when their token does not reach that far."""
    session: Session | None = info.context.session
    if session is None:
        raise failure("A mutation is not executed here; POST it to /graphql", "FORBIDDEN")
    if everything and not session.everything:
        raise failure("This token writes to the curation graph only; an import wants one for all", "FORBIDDEN")
    return session


def _write(session: Session, job: Callable[[Store], Any]) -> Any:
    """Return what the job returns, or the refusal as the client sees it."""
    try:
        return session.run(job)
    except Refused as refusal:
        return WriteRefused(message=str(refusal), violations=[_violation(one) for one in refusal.violations])
    except StoreBusy:
        words = (
            "Somebody else writes to the store, an import perhaps; nothing was changed. Send this again when it is done"
        )
        raise failure(words, "STORE_BUSY", retryable=True) from None
    except Refusal as busy:
        raise failure(busy.detail, "STORE_BUSY", retryable=True) from None


def _decide(
    info: Info, reason: str, decide: Callable[..., curation.Recorded], *given: str
) -> DecisionRecorded | WriteRefused:
    session = _session(info)
    signed = Signed.now(session.name, reason)
    found = _write(session, lambda store: decide(store, *given, signed))
    if isinstance(found, WriteRefused):
        return found
    return DecisionRecorded(decision=Decision(row=_row(info.context, session, found.iri)))


def _row(loader: Loader, session: Session, iri: str) -> Row:
    """Return a node as it is after the write: what was loaded before is not asked again."""
    return Row(iri, Loader(SparqlReader(session.store), loader.wanted))


def _accepted(loader: Loader, session: Session, found: Submitted) -> ImportAccepted:
    edition = Edition(row=_row(loader, session, found.edition))
    work = identity(edition.row.row("editionOf"))
    return ImportAccepted(
        state=ImportState(found.state),
        edition=edition,
        article=Article(row=work) if work is not None else None,
        statement_count=found.statements,
        warnings=list(found.warnings),
        submission=Submission(row=Row(found.recorded.iri, edition.row.loader)),
    )


def _violation(one: Violation) -> ShapeViolation:
    def text(term: object) -> str | None:
        return None if term is None else str(getattr(term, "value", term))

    return ShapeViolation(
        focus=text(one.focus_node) or "",
        path=text(one.path),
        value=text(one.value),
        shape=one.shape.value,
        message=one.message,
        severity=one.severity,
    )
