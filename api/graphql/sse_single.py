"""Requests to /graphql/stream that share one stream enter; all their answers leave on it, each with its operation's id.

The single connection mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md : PUT makes a reservation
and answers its token, GET with the token is the stream, POST begins an operation, DELETE ends one. Browsers open few
streams to one HTTP/1 server. A reservation lives in one server process.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from api.graphql.execution import refused
from api.graphql.http import operation_of, parameters_of, respond
from api.graphql.live import live_of
from api.graphql.protocol import OLD, STREAM, read_parameters, wanted_type
from api.graphql.streaming import Refused, begin
from api.problems import Refusal
from api.service import service_of

HEADER, PARAMETER = "x-graphql-event-stream-token", "token"
RESERVED = 60.0  # seconds for which a reservation waits for its stream
STREAMS = 500  # in one server process
OPERATIONS = 50  # at once on one stream
WAITING = 100  # events that a client has not taken; then its operations wait
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@dataclass(slots=True)
class Shared:
    """One reservation and, once it is ``open``, its stream. ``running`` are its operations by their ids."""

    made: float
    open: bool = False
    events: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(WAITING))
    running: dict[str, asyncio.Task[None] | None] = field(default_factory=dict)

    def end(self) -> None:
        for task in self.running.values():
            if task is not None:
                task.cancel()
        self.running.clear()


def token_of(request: Request) -> str | None:
    return request.headers.get(HEADER) or request.query_params.get(PARAMETER)


def reserve(request: Request) -> Response:
    """Make a reservation and return its token."""
    if service_of(request).settings.processes > 1:
        # The next request of the client may come to another process, which knows nothing of it.
        raise Refusal(501, "This server is several processes: open a stream for each operation, or a WebSocket")
    streams, now = _streams(request), time.monotonic()
    for token in [token for token, one in streams.items() if not one.open and now - one.made > RESERVED]:
        streams.pop(token).end()
    if len(streams) >= STREAMS:
        raise Refusal(503, "Too many streams are open; come again later", headers={"retry-after": "5"})
    token = secrets.token_urlsafe(24)
    streams[token] = Shared(now)
    return PlainTextResponse(token, status_code=201, headers={"cache-control": "no-store"})


def connect(request: Request, token: str, beat: float) -> Response:
    """Open the stream of a reservation; after ``beat`` seconds without an event it says that it is still there."""
    shared = _shared(request, token)
    if shared.open:
        raise Refusal(409, "This reservation has its stream already; make another one with PUT")
    shared.open = True
    return StreamingResponse(_told(request, token, shared, beat), media_type=STREAM, headers=HEADERS)


async def operate(request: Request, token: str) -> Response:
    """Begin an operation; its answers come over the stream. What keeps it from beginning is answered here."""
    shared, service, live = _shared(request, token), service_of(request), live_of(request)
    media = wanted_type(request.headers.get("accept", "")) or OLD
    try:
        operation = operation_of(read_parameters(await parameters_of(request)), service, live)
    except GraphQLError as error:
        return respond(live, refused([error], "BAD_REQUEST"), media, malformed=True)
    if operation.kind == "mutation" and request.method == "GET":
        raise Refusal(405, "A mutation is sent by POST", headers={"allow": "POST"})
    name = operation.parameters.extensions.get("operationId")
    if not isinstance(name, str) or not name or len(name) > 200:
        raise Refusal(400, "extensions.operationId is missing: a string that names this operation on the stream")
    if name in shared.running:
        raise Refusal(409, "An operation of this id runs on the stream already")
    if len(shared.running) >= OPERATIONS:
        raise Refusal(429, f"At most {OPERATIONS} operations run at once on one stream")
    shared.running[name] = None
    try:
        source = await begin(operation, service, live, request.headers.get("authorization"))
    except Refused as refusal:
        shared.running.pop(name, None)
        return respond(live, refusal.answer, media)
    except BaseException:
        shared.running.pop(name, None)
        raise
    if name not in shared.running:  # it was ended meanwhile, or its stream was
        await source.aclose()
        return Response(status_code=204)
    shared.running[name] = asyncio.create_task(_answer(shared, name, source))
    return Response(status_code=202, headers={"cache-control": "no-store"})


def end(request: Request, token: str) -> Response:
    """End an operation; one that is over already is no error."""
    name = request.query_params.get("operationId")
    if not name:
        raise Refusal(400, "The parameter operationId is missing")
    task = _shared(request, token).running.pop(name, None)
    if task is not None:
        task.cancel()
    return Response(status_code=200)


async def _answer(shared: Shared, name: str, source: AsyncGenerator[bytes, None]) -> None:
    known_as = orjson.dumps(name)
    try:
        async for body in source:
            await shared.events.put(b'event: next\ndata: {"id":' + known_as + b',"payload":' + body + b"}\n\n")
        await shared.events.put(b'event: complete\ndata: {"id":' + known_as + b"}\n\n")
        shared.running.pop(name, None)
    finally:
        await source.aclose()


async def _told(request: Request, token: str, shared: Shared, beat: float) -> AsyncIterator[bytes]:
    yield b":\n\n"  # the client hears at once that it was taken
    try:
        while True:
            try:
                async with asyncio.timeout(beat):
                    event = await shared.events.get()
            except TimeoutError:
                event = b":\n\n"
            yield event
    finally:
        _streams(request).pop(token, None)
        shared.end()


def _shared(request: Request, token: str) -> Shared:
    found = _streams(request).get(token)
    if found is None:
        raise Refusal(404, "No stream is reserved under this token; make a reservation with PUT")
    return found


def _streams(request: Request) -> dict[str, Shared]:
    state = request.app.state
    if not hasattr(state, "streams"):
        state.streams = {}
    found: dict[str, Shared] = state.streams
    return found
