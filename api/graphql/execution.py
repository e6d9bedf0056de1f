"""A GraphQL request enters; the bytes of its answer leave. A job for the runner: all of it happens on one thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import orjson
from graphql import GraphQLError, OperationType

from api.graphql.columns import Leave
from api.graphql.documents import DOCUMENTS, Document
from api.graphql.gate import check_variables
from api.graphql.loader import Loader
from api.graphql.readers import reader_of
from api.graphql.schema import schema
from api.graphql.sparql_reader import SparqlReader
from api.graphql.walking import wanted
from api.limits import Limits
from api.problems import request_id
from kg.errors import KgError, StoreError
from kg.store import Store, pinned
from kg.store.index import index_of
from kg.store.index.watch import Read, Watch

logger = logging.getLogger("api")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client sent (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters)."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """The answer's bytes; ``executed`` is False when it was refused before; ``queries`` were asked of the store or its
    index; ``compiled`` tells whether a plan answered; ``notes`` are what was read and how long each part took.

    ``code`` is that of the first error of a refused request; ``partial``: it was executed, and some field failed.
    """

    body: bytes
    executed: bool
    queries: int = 0
    code: str | None = None
    partial: bool = False
    compiled: bool = False
    notes: Mapping[str, Any] = field(default_factory=dict)


def execute(
    store: Store,
    asked: GraphQLRequest,
    limits: Limits,
    introspection: bool,
    *,
    session: Any = None,
    root: Any = None,
    compiled: bool = True,
    use_index: bool = True,
) -> GraphQLAnswer:
    """Parse, measure, validate and execute one document.

    ``session`` is handed to mutations, in ``info.context.session``; ``root`` is the event that a subscription is at.
    ``compiled`` and ``use_index`` turn off what makes it fast; the answer is the same.
    """
    made = schema(introspection=introspection)
    started = time.perf_counter()
    try:
        check_variables(asked.variables, limits)
        document = DOCUMENTS.get(asked.query, made, limits, introspection)
        measure = document.measure(asked.variables, limits)
    except GraphQLError as error:
        return refused([error], "GRAPHQL_PARSE_FAILED")
    if not chosen(asked.operation, measure.operations):
        words = ", ".join(name or "one without a name" for name in measure.operations) or "none"
        return refused(
            [GraphQLError(f"operationName must name one of the operations; there is: {words}")], "BAD_REQUEST"
        )
    if document.errors:
        return refused(document.errors, "GRAPHQL_VALIDATION_FAILED")
    prepared = time.perf_counter()
    follow = wanted(made._schema, measure.names)
    if document.operation(asked.operation).operation is not OperationType.QUERY:
        # What was just written is read back from the store itself, ordinarily.
        return _ordinarily(made, asked, Loader(SparqlReader(store), follow, session=session), root)
    # One generation for the whole answer, its index included.
    held = pinned(store)
    index = index_of(held) if use_index else None
    reads: list[Read] = []
    reader = partial(reader_of, held, index, Watch(started + limits.seconds, reads.append))
    loader = Loader(reader())
    answer = _by_plan(document, asked, loader) if compiled else None
    if answer is None:
        reads.clear()
        loader = Loader(reader(), follow, session=session)
        answer = _ordinarily(made, asked, loader)
    notes = {
        "cost": measure.cost,
        "asked": loader.reader.names,
        "reads": reads,
        "prepare": prepared - started,
        "run": time.perf_counter() - prepared,
    }
    return replace(answer, notes=notes)


def _by_plan(document: Document, asked: GraphQLRequest, loader: Loader) -> GraphQLAnswer | None:
    """Answer by a plan; None when ordinary execution must, which says errors better."""
    try:
        data = document.run(loader, asked.operation, asked.variables)
        return GraphQLAnswer(orjson.dumps({"data": data}), executed=True, queries=loader.reads, compiled=True)
    except (Leave, GraphQLError, KgError):
        return None
    except Exception:  # the boundary: the answer is still given, by the ordinary way
        logger.exception("%s graphql: a plan failed", request_id.get())
        return None


def _ordinarily(made: Any, asked: GraphQLRequest, loader: Loader, root: Any = None) -> GraphQLAnswer:
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
    return GraphQLAnswer(orjson.dumps(body), executed=True, queries=loader.reads, partial=bool(errors))


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
