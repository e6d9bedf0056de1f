"""An operation enters; its answers leave one after the other: one of a query or mutation, many of a subscription."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from graphql import GraphQLError

from api.graphql.deliver import deliver, open_stream
from api.graphql.execution import GraphQLAnswer, refused
from api.graphql.http import Operation, answer_query
from api.graphql.live import Live
from api.graphql.scalars import failure
from api.problems import Refusal
from api.service import Service
from kg.errors import KgError

T = TypeVar("T")


class Refused(Exception):  # noqa: N818  it is no error of ours
    """An operation that was not begun; ``answer`` tells the client why."""

    def __init__(self, answer: GraphQLAnswer) -> None:
        super().__init__(answer.code)
        self.answer = answer


async def answers(
    operation: Operation, service: Service, live: Live, authorization: str | None
) -> AsyncIterator[bytes]:
    """Yield the answers to one operation. Raises Refused before the first when it is not begun."""
    if operation.kind != "subscription":
        one = await _one(operation, service, live, authorization)
        if not one.executed:
            raise Refused(one)
        yield one.body
        return
    asked, limits, introspection = operation.asked, service.limits, service.settings.introspection
    opening = await _guarded(service.runner.run(open_stream, asked, limits, introspection))
    if isinstance(opening, GraphQLAnswer):
        raise Refused(opening)
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
