"""A job for the store enters; its answer, or a refusal when it takes too long or too many wait, leaves.

A job is a module-level function that takes the store and plain values and returns plain values (bytes, text, numbers,
tuples and mappings of them). It evaluates and serialises in one call: a result of the engine that is touched on
another thread aborts the process. So the threads here can be replaced by processes that are killed at the deadline.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from starlette.requests import Request

from api.counters import COUNTERS
from api.problems import Refusal
from kg.store.base import Store

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one server. Sizes are bytes, times seconds."""

    seconds: float = 20.0  # until a query is answered 504
    running: int = 4  # queries evaluated at the same time
    direct: int = min(4, os.cpu_count() or 1)  # processes that are handed connections with quick queries
    waiting: int = 64  # queries that wait for their turn; more are answered 503
    memory: int = 1 << 30  # that one query may take, on Linux
    stack: int = 256 << 20  # of the process that a query runs in
    kept: int = 64 << 20  # answers that are kept until the data change
    upload: int = 16 << 20  # a graph that is written
    body: int = 262_144  # a query of 65,536 characters, URL-encoded
    body_seconds: float = 10.0
    url: int = 16_384
    tokens: int = 2_000  # of a GraphQL document
    fields: int = 500
    aliases: int = 50
    directives: int = 50
    depth: int = 16
    cost: int = 60_000
    variables_depth: int = 16
    filter_nodes: int = 100  # objects in arguments and variables: a filter in a filter is two
    list_items: int = 200


class Runner(Protocol):
    """Runs jobs on the store, off the event loop."""

    async def run(self, job: Callable[Concatenate[Store, P], T], /, *arguments: P.args, **keywords: P.kwargs) -> T:
        """Return what the job returns, or raise what it raises; Refusal 504 at the deadline, 503 when too many wait."""

    def close(self) -> None: ...


class ThreadRunner:
    """Runs each job in a thread of its own.

    The engine can't be stopped: after the deadline the client gets its 504, but the thread goes on and keeps its
    place among the ``running`` until the engine is done, so that slow queries can't pile up without bound.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._running = 0
        self._turn: asyncio.Semaphore | None = None
        self._waiting = 0

    async def run(self, job: Callable[Concatenate[Store, P], T], /, *arguments: P.args, **keywords: P.kwargs) -> T:
        if self._turn is None:
            self._turn = asyncio.Semaphore(self._limits.running)
        if self._waiting >= self._limits.waiting:
            raise busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise busy() from None
        finally:
            self._waiting -= 1
        future = self._start(lambda: job(self._store, *arguments, **keywords), self._turn)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await future
        except TimeoutError:
            raise too_late(self._limits.seconds) from None

    def _start(self, job: Callable[[], T], turn: asyncio.Semaphore) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        context = contextvars.copy_context()

        def settle(answer: Any, error: BaseException | None) -> None:
            turn.release()
            if future.done():
                return
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)

        def work() -> None:
            answer, error = None, None
            try:
                answer = context.run(job)
            except BaseException as caught:  # noqa: BLE001  whatever it is, the event loop raises it to the caller
                error = caught
            # The loop may be gone when the server was stopped meanwhile.
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, answer, error)

        # A daemon: a query that never ends must not keep the server from stopping.
        threading.Thread(target=work, name="query", daemon=True).start()
        return future

    def close(self) -> None:
        """Nothing to do: the threads end with their jobs."""


def too_late(seconds: float) -> Refusal:
    return Refusal(
        504,
        f"The query was not answered in {seconds:g} seconds; ask for less: bind more of it, "
        "add a LIMIT, or leave out ORDER BY and text search",
    )


def busy() -> Refusal:
    COUNTERS.turned_away("queue")
    return Refusal(503, "Too many queries are running; try again in a few seconds", headers={"retry-after": "5"})


async def body_of(request: Request, limits: Limits, *, most: int | None = None) -> bytes:
    """Return the request's body; Refusal 413 as soon as it is longer than the bound, 408 when it comes too slowly."""
    most = limits.body if most is None else most
    too_long = Refusal(413, f"The body is longer than {most:,} bytes; send less")
    if (length := request.headers.get("content-length", "")).isdigit() and int(length) > most:
        raise too_long
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise too_long
                chunks.append(chunk)
    except TimeoutError:
        raise Refusal(408, f"The body did not arrive within {limits.body_seconds:g} seconds; send it again") from None
    return b"".join(chunks)
