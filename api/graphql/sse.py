"""A request to /graphql/stream enters; its answers leave as server-sent events.

The distinct connections mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md : one operation a
request, ``next`` events and a ``complete``; requests with the token of a shared stream are of the other mode
(sse_single.py). Each event of a subscription carries its id, so that a browser's
EventSource goes on by itself behind the last one it got (Last-Event-ID).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.graphql import sse_single
from api.graphql.execution import refused
from api.graphql.http import Operation, operation_of, parameters_of, respond
from api.graphql.live import Live, live_of
from api.graphql.protocol import OLD, STREAM, read_parameters
from api.graphql.streaming import Refused, answers
from api.problems import Refusal
from api.service import Service, service_of

BEAT = 12.0  # seconds after which a silent stream says that it is still there


async def graphql_stream(request: Request) -> Response:
    """Answer one operation as a stream; an operation that is not begun is told by its errors, and completes."""
    accept, token = request.headers.get("accept", ""), sse_single.token_of(request)
    if request.method == "PUT":
        return sse_single.reserve(request)
    if request.method == "DELETE" and token is None:
        raise Refusal(404, "Which stream? Send its token in X-GraphQL-Event-Stream-Token")
    if token is not None:
        if request.method == "DELETE":
            return sse_single.end(request, token)
        if request.method == "GET" and STREAM in accept:
            return sse_single.connect(request, token, BEAT)
        return await sse_single.operate(request, token)
    service, live = service_of(request), live_of(request)
    if accept and STREAM not in accept and "*/*" not in accept and "text/*" not in accept:
        raise Refusal(406, f"The answer is a stream: accept {STREAM}", offers=[STREAM])
    try:
        operation = operation_of(read_parameters(await parameters_of(request)), service, live)
    except GraphQLError as error:
        return respond(live, refused([error], "BAD_REQUEST"), OLD, malformed=True)
    if operation.kind == "mutation" and request.method == "GET":
        raise Refusal(405, "A mutation is sent by POST", headers={"allow": "POST"})
    if (last := request.headers.get("last-event-id")) and operation.kind == "subscription":
        variables = dict(operation.asked.variables) | {"since": last}
        operation = replace(operation, asked=replace(operation.asked, variables=variables))
    stream = _events(operation, service, live, request.headers.get("authorization"))
    return StreamingResponse(stream, media_type=STREAM, headers=sse_single.HEADERS)


async def _events(
    operation: Operation, service: Service, live: Live, authorization: str | None
) -> AsyncIterator[bytes]:
    source = answers(operation, service, live, authorization)
    yield b":\n\n"  # the client hears at once that it was taken
    upcoming: asyncio.Future[bytes] = asyncio.ensure_future(anext(source))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=BEAT)
            if not done:
                yield b":\n\n"
                continue
            yield event(upcoming.result(), with_id=operation.kind == "subscription")
            upcoming = asyncio.ensure_future(anext(source))
    except StopAsyncIteration:
        pass
    except Refused as refusal:
        yield event(refusal.answer.body)
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)
        await source.aclose()
    yield b"event: complete\ndata: \n\n"


def event(body: bytes, *, with_id: bool = False) -> bytes:
    """Return one ``next`` event; JSON holds no line feeds, so its data are one line."""
    head = b""
    if with_id and (place := _id(body)):
        head = b"id: " + place.encode() + b"\n"
    return b"event: next\n" + head + b"data: " + body + b"\n\n"


def _id(body: bytes) -> str | None:
    """Return the id of the event in an answer, if the client selected it under its own name."""
    data = orjson.loads(body).get("data")
    told = next(iter(data.values()), None) if isinstance(data, dict) else None
    place = told.get("id") if isinstance(told, dict) else None
    return place if isinstance(place, str) and place.replace(".", "").isdigit() else None
