"""A place in the outbox enters; the events behind it leave, as soon as their data can be read.

One look at the store every tenth of a second serves all who wait: what another process publishes is heard of here, and
a thousand subscribers cost no more looks than one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from kg.store.base import Store
from kg.store.outbox import Event, Kind

INTERVAL = 0.1  # seconds between two looks
BATCH = 50  # events that are read at once


class Feed:
    """The news of one store, for one event loop."""

    def __init__(self, store: Store, *, interval: float = INTERVAL) -> None:
        self._store = store
        self._interval = interval
        self._seen = 0
        self._look: asyncio.Task[None] | None = None

    async def batches(self, kind: Kind, behind: int, iri: str | None = None) -> AsyncIterator[list[Event]]:
        """Yield the events of one kind behind a number, a batch at a time, for as long as somebody listens."""
        while True:
            until = await self._news(behind)
            found = await asyncio.to_thread(
                self._store.journal.outbox.after, behind, until=until, kind=kind, iri=iri, limit=BATCH
            )
            if found:
                yield found
            # A whole batch may have more behind it; else nothing of this kind is left up to ``until``.
            behind = found[-1].seq if len(found) == BATCH else until

    async def _news(self, behind: int) -> int:
        """Return the number of the last event that can be read, once it is greater."""
        while self._seen <= behind:
            if self._look is None or self._look.done():
                self._look = asyncio.create_task(self._look_again())
            await asyncio.shield(self._look)
        return self._seen

    async def _look_again(self) -> None:
        found = await asyncio.to_thread(position, self._store)
        if found <= self._seen:
            await asyncio.sleep(self._interval)
        self._seen = max(self._seen, found)


def position(store: Store) -> int:
    """Return the number of the last event whose data this store's readers see."""
    return store.journal.outbox.visible(store.version())
