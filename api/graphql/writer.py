"""A job that writes enters; it runs alone on a store that is open for writing, and what it returns leaves.

One writer at a time: in this process by a lock, among processes by the store's own. A server holds the store open for
writing only while a job runs, so that ``kg import`` can work beside it; whoever finds it taken waits a little and then
hears that the same call will do later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from kg.errors import StoreBusy
from kg.store import Store, open_store

T = TypeVar("T")
PATIENCE = 5.0  # seconds that a job waits for another writer


class Writer:
    """The writing end of one server's store. May be used from several threads; no job runs beside another."""

    def __init__(self, store: Store, *, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience
        self._turn = threading.Lock()

    def run(self, job: Callable[[Store], T]) -> T:
        """Return what the job returns. Raises what it raises, and StoreBusy while another process writes."""
        until = time.monotonic() + self._patience
        if not self._turn.acquire(timeout=self._patience):
            raise StoreBusy("Another change is being written; send this one again in a few seconds")
        try:
            if self._store.url.partition(":")[0] == "memory":
                return job(self._store)  # it lives in this process only
            with self._open(until) as store:
                return job(store)
        finally:
            self._turn.release()

    def _open(self, until: float) -> Store:
        while True:
            try:
                return open_store(self._store.url)
            except StoreBusy:
                if time.monotonic() > until:
                    raise StoreBusy("An import is writing to the store; send this again when it is done") from None
                time.sleep(0.1)
