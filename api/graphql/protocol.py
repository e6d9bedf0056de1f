"""The parameters of a GraphQL request enter; the media type, the status code and the request itself leave.

Two profiles of GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), told apart by a setting:
``stable``, the rules that the audits of the npm package graphql-http check, and ``draft``, those of August 2026, where
a document that does not fit the schema is 422, a partial result 294, and application/json gets the same codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError

from api.negotiation import ranges

NEW = "application/graphql-response+json"
OLD = "application/json"
STREAM = "text/event-stream"
_KNOWN = {NEW: NEW, OLD: OLD, "application/*": NEW, "*/*": OLD}


@dataclass(frozen=True, slots=True)
class Profile:
    """The status codes of one edition of the rules; ``legacy``: application/json hears 200 whatever happened."""

    name: str
    invalid: int
    partial: int
    legacy: bool

    def status(self, code: str | None, media: str, *, partial: bool = False) -> int:
        """Return the status of an answer: ``code`` is that of the error that kept it from being executed."""
        if code is None:
            return self.partial if partial and not (self.legacy and media == OLD) else 200
        if code in _OWN:  # whether one may, and not what one asks
            return _OWN[code]
        if self.legacy and media == OLD:
            return 200
        return self.invalid if code in _INVALID else 400


_INVALID = frozenset({"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"})
_OWN = {"DOCUMENT_NOT_ALLOWED": 403, "FORBIDDEN": 403, "UNAUTHENTICATED": 401, "STORE_BUSY": 503}
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("stable", invalid=400, partial=200, legacy=True),
        Profile("draft", invalid=422, partial=294, legacy=False),
    )
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a client sent; ``query`` is None where it names a document that is known here by its hash."""

    query: str | None
    document: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)


def wanted_type(accept: str) -> str | None:
    """Return the media type to answer with: of equals the new one, the old one without a wish; None if neither fits."""
    best: tuple[float, str] | None = None
    for kind, weight in ranges(accept):
        found = _KNOWN.get(kind)
        if found and weight > 0 and (best is None or weight > best[0] or (weight == best[0] and kind == NEW)):
            best = (weight, found)
    if best:
        return best[1]
    return OLD if not accept.strip() else None


def read_parameters(parameters: Any) -> Parameters:
    """Read the parameters of a request; GraphQLError when one has the wrong shape."""
    if isinstance(parameters, list):
        raise GraphQLError("This is a list; send one operation a request")
    if not isinstance(parameters, dict):
        raise GraphQLError("The body is a JSON object with a query")
    query, variables = parameters.get("query"), parameters.get("variables")
    operation, extensions = parameters.get("operationName"), parameters.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise GraphQLError("The parameter variables is a JSON object")
    if operation is not None and not isinstance(operation, str):
        raise GraphQLError("The parameter operationName is a string")
    if extensions is not None and not isinstance(extensions, dict):
        raise GraphQLError("The parameter extensions is a JSON object")
    document = _document(parameters.get("documentId"), extensions or {})
    if query is not None and not isinstance(query, str):
        raise GraphQLError("The parameter query is the text of a GraphQL document")
    if not query and document is None:
        raise GraphQLError("The parameter query is missing; it is the text of a GraphQL document")
    return Parameters(query or None, document, variables or {}, operation or None, extensions or {})


def _document(identifier: object, extensions: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 of the document that is named: documentId, or Apollo's extensions.persistedQuery."""
    if identifier is None and isinstance(persisted := extensions.get("persistedQuery"), dict):
        identifier = persisted.get("sha256Hash")
        if not isinstance(identifier, str):
            raise GraphQLError("extensions.persistedQuery.sha256Hash is the SHA-256 of the document, hexadecimal")
    if identifier is None:
        return None
    if not isinstance(identifier, str):
        raise GraphQLError("documentId is a string: the SHA-256 of the document, hexadecimal")
    found = identifier.removeprefix("sha256:").lower()
    if len(found) != 64 or any(sign not in "0123456789abcdef" for sign in found):
        raise GraphQLError("documentId is the SHA-256 of the document: 64 hexadecimal digits")
    return found


def read_json(text: bytes, what: str) -> Any:
    """Read JSON; GraphQLError that names what it should have been."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise GraphQLError(f"{what} is not JSON: {error}") from None
