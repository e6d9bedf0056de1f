"""The values of the ontology's concept schemes and the opaque cursor, as GraphQL enums and scalars."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import Enum
from typing import Any, NewType

import orjson
import strawberry
from graphql import GraphQLError

from kg.store.index.definitions import ARTICLE, CLAIM, EVENT, SOURCE, STATEMENT, Kind
from kg.vocab import CONCEPTS

LARGEST = 100  # nodes of one page


def bad_input(message: str, argument: str) -> GraphQLError:
    """Return the error of an argument that the client can mend."""
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT", "argument": argument})


def _enum(name: str, scheme: str, description: str) -> Any:
    values = {value.upper().replace("-", "_"): value for value in CONCEPTS[scheme]}
    if scheme == "relation":  # the only scheme with words in camel case
        values = {"".join(f"_{c}" if c.isupper() else c.upper() for c in value): value for value in CONCEPTS[scheme]}
    return strawberry.enum(Enum(name, values), description=description)  # type: ignore[call-overload]


Act = _enum("Act", "act", "What a speaker does by saying it.")
Mode = _enum("Mode", "mode", "In the speaker's own words, in the outlet's, or in both.")
Polarity = _enum("Polarity", "polarity", "Whether the content is affirmed or negated.")
Certainty = _enum("Certainty", "certainty", "How sure the speaker, or a link of the chain, is said to be.")
Modality = _enum("Modality", "modality", "Whether the content is asserted, wished, permitted, asked …")
ZoneKind = _enum("ZoneKind", "zone", "What a stretch of an edition is when it is not the story.")
MentionKind = _enum("MentionKind", "mention", "How a stretch of text names something.")
RoleStatus = _enum("RoleStatus", "tenure", "Whether a role is held now, was held, or only judges.")
EventStatus = _enum("EventStatus", "status", "How real an event is said to be.")
EventKind = _enum("EventKind", "kind", "What sort of thing happened.")
StepAct = _enum("StepAct", "step", "How one link of a chain passed it on.")
Resolution = _enum("Resolution", "resolution", "How a time was worked out.")
RelationKind = _enum("RelationKind", "relation", "How two statements stand to each other.")
Verdict = _enum("Verdict", "verdict", "What a person decided about a machine's link.")
Basis = _enum("Basis", "basis", "Why a link or relation is held to be true.")


@strawberry.enum(description="What sort of thing a source is: the most special class that it has.")
class SourceKind(Enum):
    PERSON = "Person"
    OUTLET = "NewsOutlet"
    GROUP = "Group"
    PLACE = "GeopoliticalEntity"
    ORGANIZATION = "Organization"
    CHANNEL = "Channel"
    DOCUMENT = "Document"
    OTHER = "Source"


@strawberry.enum(description="Whether an edition corrects another one or repeats it.")
class ChangeKind(Enum):
    REVISION = "revision"
    COPY = "copy"


@strawberry.enum(description="What an answer to a proposal was.")
class Answer(Enum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@strawberry.enum(description="Whether a statement affirms its claim or denies it.")
class Stance(Enum):
    AFFIRMS = "affirms"
    DENIES = "denies"


def _order(name: str, kind: Kind, description: str) -> Any:
    return strawberry.enum(Enum(name, {order.upper(): order for order in kind.orders}), description=description)  # type: ignore[call-overload]


StatementOrder = _order("StatementOrder", STATEMENT, "By the day of publication, or as they stand in the text.")
SourceOrder = _order("SourceOrder", SOURCE, "By the number of statements, or by name.")
EventOrder = _order("EventOrder", EVENT, "By the first day that it may have happened.")
ArticleOrder = _order("ArticleOrder", ARTICLE, "By the day of publication.")
ClaimOrder = _order("ClaimOrder", CLAIM, "By the number of outlets, or of denials.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the connection's name, the sort key and the IRI of its last node."""

    connection: str
    key: str | int | float
    iri: str


def write_cursor(place: Place) -> str:
    raw = orjson.dumps([place.connection, place.key, place.iri])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(text: object) -> Place:
    """Read a cursor that :func:`write_cursor` wrote; GraphQLError when it is none."""
    try:
        if not isinstance(text, str) or not text or len(text) > 4_000:
            raise ValueError("not a cursor")
        found = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        connection, key, iri = found
    except (ValueError, TypeError, binascii.Error):
        raise bad_input("This is not a cursor; take endCursor of the page before", "after") from None
    known = isinstance(key, str) or (isinstance(key, int | float) and not isinstance(key, bool) and abs(key) < 2**53)
    if not (isinstance(connection, str) and known and isinstance(iri, str)):
        raise bad_input("This is not a cursor; take endCursor of the page before", "after")
    return Place(connection, key, iri)


Cursor = NewType("Cursor", Place)
DateText = NewType("DateText", str)

SCALARS: dict[object, Any] = {
    Cursor: strawberry.scalar(
        name="Cursor",
        description="Where a page ends. Opaque: take it from pageInfo or an edge of the same connection.",
        serialize=write_cursor,
        parse_value=read_cursor,
    ),
}
