"""An operation enters; its answers leave one after the other: one of a query or mutation, many of a subscription."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from graphql import GraphQLError

from api.graphql.deliver import deliver, open_stream
from api.graphql.execution import GraphQLAnswer, refused
from api.graphql.http import Operation, answer_query
from api.graphql.live import Live
from api.graphql.scalars import failure
from api.graphql.subscriptions import Opening
from api.problems import Refusal
from api.service import Service
from kg.errors import KgError

T = TypeVar("T")
Answers = AsyncGenerator[bytes, None]


class Refused(Exception):  # noqa: N818  it is no error of ours
    """An operation that was not begun; ``answer`` tells the client why."""

    def __init__(self, answer: GraphQLAnswer) -> None:
        super().__init__(answer.code)
        self.answer = answer


async def answers(operation: Operation, service: Service, live: Live, authorization: str | None) -> Answers:
    """Yield the answers to one operation. Raises Refused before the first when it is not begun."""
    async with aclosing(await begin(operation, service, live, authorization)) as source:
        async for body in source:
            yield body


async def begin(operation: Operation, service: Service, live: Live, authorization: str | None) -> Answers:
    """Return the answers to an operation once it is begun. Raises Refused when it is not."""
    if operation.kind != "subscription":
        one = await _one(operation, service, live, authorization)
        if not one.executed:
            raise Refused(one)
        return _only(one.body)
    asked, limits, introspection = operation.asked, service.limits, service.settings.introspection
    opening = await _guarded(service.runner.run(open_stream, asked, limits, introspection))
    if isinstance(opening, GraphQLAnswer):
        raise Refused(opening)
    return _news(operation, service, live, opening)


async def _only(body: bytes) -> Answers:
    yield body


async def _news(operation: Operation, service: Service, live: Live, opening: Opening) -> Answers:
    asked, limits, introspection = operation.asked, service.limits, service.settings.introspection
    # An event may be half told: the rest of its statements come first.
    behind = opening.seq - 1 if opening.index else opening.seq
    async for events in live.feed.batches(opening.kind, behind, opening.iri):
        for body in await service.runner.run(deliver, asked, limits, introspection, opening, events):
            yield body


async def _one(operation: Operation, service: Service, live: Live, authorization: str | None) -> GraphQLAnswer:
    if operation.kind == "mutation":
        return await live.mutate(operation.asked, authorization)
    return await _guarded(answer_query(operation, service))


async def _guarded(work: Awaitable[T]) -> T | GraphQLAnswer:
    """Return what the work gives; a refusal of the server (too busy, too slow) as an answer."""
    try:
        return await work
    except Refusal as refusal:
        code = "STORE_BUSY" if refusal.status == 503 else "TIMEOUT"
        return refused([failure(refusal.detail, code, retryable=True)], code)
    except KgError as error:
        return refused([GraphQLError(str(error))], "STORE_UNAVAILABLE")
