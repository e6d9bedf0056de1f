"""A GraphQL request enters; the bytes of its answer leave. A job for the runner: all of it happens on one thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError

from api.graphql.follows import wanted
from api.graphql.gate import read
from api.graphql.loader import Loader
from api.graphql.schema import schema
from api.limits import Limits
from api.problems import request_id
from kg.errors import KgError, StoreError
from kg.store.base import Store

logger = logging.getLogger("api")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client sent (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters)."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """The answer's bytes; ``executed`` is False when it was refused before; ``queries`` were asked of the store.

    ``code`` is that of the first error of a refused request; ``partial``: it was executed, and some field failed;
    ``plan`` is how it was planned, as JSON, where it was compiled.
    """

    body: bytes
    executed: bool
    queries: int = 0
    code: str | None = None
    partial: bool = False
    plan: Any = None


def execute(
    store: Store, asked: GraphQLRequest, limits: Limits, introspection: bool, *, session: Any = None, root: Any = None
) -> GraphQLAnswer:
    """Parse, measure, validate and execute one document.

    ``session`` is who may change something (of a mutation), ``root`` the event that a subscription is at.
    """
    made = schema(introspection=introspection)
    try:
        measure = read(asked.query, asked.variables, made._schema, limits)
    except GraphQLError as error:
        return refused([error], "GRAPHQL_PARSE_FAILED")
    if not chosen(asked.operation, measure.operations):
        words = ", ".join(name or "one without a name" for name in measure.operations) or "none"
        return refused(
            [GraphQLError(f"operationName must name one of the operations; there is: {words}")], "BAD_REQUEST"
        )
    loader = Loader(store, wanted(measure.names), session=session)
    try:
        result = made.execute_sync(
            asked.query,
            variable_values=dict(asked.variables),
            context_value=loader,
            root_value=root,
            operation_name=asked.operation,
        )
    except Exception as error:  # noqa: BLE001  the boundary: an operation that is missing, and whatever else
        return refused([error if isinstance(error, GraphQLError) else GraphQLError(str(error))], "BAD_REQUEST")
    errors = list(result.errors or ())
    if result.data is None and not any(error.path for error in errors):
        return refused(errors, "GRAPHQL_VALIDATION_FAILED")
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [formatted(error, "INTERNAL_ERROR") for error in errors]
    return GraphQLAnswer(orjson.dumps(body), executed=True, queries=loader.queries, partial=bool(errors))


def chosen(operation: str | None, known: tuple[str, ...]) -> bool:
    """Tell whether it is clear which operation is meant: the one that is named, or the only one."""
    return known.count(operation) == 1 if operation else len(known) == 1


def refused(errors: list[GraphQLError], code: str) -> GraphQLAnswer:
    """Return the answer to a request that was not executed: errors, no data."""
    told = [formatted(error, code) for error in errors]
    first = str(told[0]["extensions"]["code"]) if told else code
    return GraphQLAnswer(orjson.dumps({"errors": told}), executed=False, code=first)


def formatted(error: GraphQLError, code: str) -> dict[str, Any]:
    """Return one error for the client: with a code, and without the words of a failure of our own."""
    found: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if cause is not None and not isinstance(cause, GraphQLError):
        if isinstance(cause, KgError) and not isinstance(cause, StoreError):
            code = "BAD_USER_INPUT"
        else:
            code = "STORE_UNAVAILABLE" if isinstance(cause, StoreError) else "INTERNAL_ERROR"
            logger.error("%s graphql: %s", request_id.get(), cause, exc_info=cause)
            found["message"] = f"Something broke here; the log names it under {request_id.get()}"
    found["extensions"] = {"code": code} | dict(error.extensions or {})
    return found
