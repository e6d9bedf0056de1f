"""A SPARQL 1.1 Protocol request enters; the answer, whole or streamed, in the format that was asked for leaves.

Errors before the first byte are problems with a status of their own; after it the connection is cut.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import description, explaining, federation, protocol, writing
from api.answers import Question
from api.asking import OFFERS, SHORT, facts
from api.problems import Refusal, on_kg_error, on_refusal
from api.responding import address, respond
from api.service import negotiate, service_of
from kg.errors import KgError
from kg.store.calls import Call, inlined
from kg.store.calls import calls as called
from kg.store.wording import FORMS, Facts, declare, over

_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}


async def sparql(request: Request) -> Response:
    """Answer one request of the protocol."""
    operation = await protocol.read(request, service_of(request).limits)
    if operation is None:
        return await description.describe(request)
    if operation.kind == "update":
        return await writing.update(request, operation)
    text, calls = operation.text, list[Call]()
    if service_of(request).settings.services:
        text, calls = called(text)
        federation.permit(calls, service_of(request).settings)
    found = examine(text) if len(text) <= SHORT else await asyncio.to_thread(examine, text)
    if operation.default or operation.named:
        text = over(text, default=operation.default, named=operation.named)
    if found.undeclared or found.relative:
        text = declare(text, found, base=address(request))
    media, accept = negotiate(request, OFFERS[found.form])
    if calls:
        text = inlined(text, await federation.answers(calls, service_of(request).settings))
    question = Question(text, accept, shape="" if calls else found.shape)
    if "explain" in request.query_params:
        return await explaining.explain(request, question, found)
    return await respond(request, question, media, steady=found.steady and not calls)


async def directly(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request past the router: the same answers as :func:`sparql`, without what only other paths need."""
    request = Request(scope, receive, send)
    try:
        response = await sparql(request)
    except Refusal as refusal:
        response = await on_refusal(request, refusal)
    except KgError as error:
        response = await on_kg_error(request, error)
    await response(scope, receive, send)


def examine(sparql: str) -> Facts:
    """Pass a stranger's query through the guard and return its facts.

    Raises QueryError for what the guard refuses, Refusal 400 for an update and for what is no query.
    """
    found = facts(sparql)
    if found.form in FORMS:
        return found
    if found.form in _UPDATES:
        raise Refusal(400, "This is an update; send it by POST as the parameter update or as application/sparql-update")
    if not found.form:
        raise Refusal(400, "The query is empty; send a SELECT, ASK, CONSTRUCT or DESCRIBE")
    raise Refusal(400, f"A query is a SELECT, ASK, CONSTRUCT or DESCRIBE; this one begins with {found.form[:40]!r}")
