"""Changes and jobs that write enter; one after another, in the order in which they came, their outcomes leave.

The one writer of a server: SPARQL updates and graphs come as a :class:`Change`, GraphQL's mutations as a job. Among
processes (other servers, `kg import`) the store's own queue gives the turns (:mod:`kg.store.queue`); a server holds the
store open for writing only while it has something to write, and makes way for whoever waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from api.counters import COUNTERS
from api.limits import Limits
from api.problems import Refusal
from kg import writing
from kg.store import Store, open_in_turn
from kg.store.unchecked import Notes
from kg.writing import Change, Outcome

T = TypeVar("T")
#: Seconds that a change waits for a `kg import` to end.
PATIENCE = 3.0


class Maker(Protocol):
    """Makes one change, in a process that its deadline can kill."""

    async def apply(self, change: Change) -> Outcome:
        """Make a change. Raises KgError or Refusal, whose words say whether anything was changed."""

    def close(self) -> None: ...


class Writer:
    """The writing end of one server. ``apply`` and ``run`` belong to its event loop, ``run_here`` to other threads.

    With a ``maker`` changes are made in its process, else, like jobs, on a thread of this one. ``store`` is one that
    lives in this process only; else the store of ``url`` is opened for each job.
    """

    def __init__(self, url: str, limits: Limits, *, store: Store | None = None, maker: Maker | None = None) -> None:
        self.patience = PATIENCE
        self._url = url
        self._limits = limits
        self._store = store
        self._maker = maker
        self._turn = asyncio.Lock()  # its waiters are served in their order
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    @property
    def waiting(self) -> int:
        """Return how many changes and jobs wait for their turn or are at work."""
        return self._waiting

    async def apply(self, change: Change) -> Outcome:
        """Make a change. Raises KgError or Refusal, whose words say whether anything was changed."""
        if self._maker is not None:
            return await self._in_turn(partial(self._maker.apply, change))
        job = partial(_apply, change=change)
        return await self._in_turn(partial(self._on_thread, job), seconds=self._limits.seconds)

    async def run(self, job: Callable[[Store], T]) -> T:
        """Return what a job returns that is given the store, open for writing. Raises what it raises, and StoreBusy."""
        return await self._in_turn(partial(self._on_thread, job))

    def run_here(self, loop: asyncio.AbstractEventLoop, job: Callable[[Store], T]) -> T:
        """Wait, on a thread that is not the event loop's, for what a job returns."""
        return asyncio.run_coroutine_threadsafe(self.run(job), loop).result()

    def close(self) -> None:
        if self._maker is not None:
            self._maker.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], Coroutine[Any, Any, T]], *, seconds: float | None = None) -> T:
        if self._waiting >= self._limits.waiting:
            raise _too_many()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._turn.acquire()
        except TimeoutError:
            self._waiting -= 1
            raise _too_many() from None
        except BaseException:
            self._waiting -= 1
            raise
        task = asyncio.ensure_future(work())
        # Whoever asked may leave or be told that it takes too long: the turn ends with the work.
        task.add_done_callback(self._done)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(task)
        except TimeoutError:
            if task.done():
                raise
            raise Refusal(
                504,
                f"The change is not made yet after {seconds:g} seconds, and is being made; ask the store for it before "
                "you send it again",
            ) from None

    def _done(self, task: asyncio.Future[T]) -> None:
        self._waiting -= 1
        self._turn.release()
        if not task.cancelled():
            task.exception()  # it was told, or nobody waits for it any more

    async def _on_thread(self, job: Callable[[Store], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, job)

    def _do(self, job: Callable[[Store], T]) -> T:
        if self._store is not None:
            return job(self._store)
        with open_in_turn(self._url, patience=self.patience) as store:
            return job(store)


def _apply(store: Store, *, change: Change) -> Outcome:
    notes = None if store.root is None else Notes(store.root)
    return writing.finish(store, writing.apply(store, change, notes=notes))


def _too_many() -> Refusal:
    COUNTERS.turned_away("queue")
    return Refusal(
        503,
        "Too many changes wait for their turn; nothing was changed. Send this one again in a few seconds",
        headers={"retry-after": "5"},
    )


def make_ready(url: str) -> None:
    """Make the local folder of a store, where there is none, so that those who read it see what will be written."""
    open_in_turn(url, patience=PATIENCE).close()
