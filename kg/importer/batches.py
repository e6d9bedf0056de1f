"""Articles that were read enter; their graphs are in the store and their states in the journal, a batch at a time.

Data first, flush, journal after: what the journal calls committed is there whatever happens (docs/design.md, "Import").
One batch is written by a thread while the next is read: the engine computes without holding the interpreter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from pyoxigraph import NamedNode

from kg import crash
from kg.graph import ArticleGraph
from kg.importer.given import Task
from kg.importer.plan import Plan
from kg.importer.report import ImportReport, Outcome
from kg.importer.work import Done
from kg.store.base import Store
from kg.store.journal import Commit

Batch = list[tuple[Task, Done]]


class Batches:
    """What is read and not yet written. ``changed`` tells whether the store's data are others than at the start.

    ``reader`` names who reads and in which version; ``tell`` hears what became of each article, on the thread of the
    caller, when that is so.
    """

    def __init__(
        self, store: Store, plan: Plan, report: ImportReport, *, reader: str, tell: Callable[[Outcome], None]
    ) -> None:
        self.changed = False
        self._store = store
        self._plan = plan
        self._report = report
        self._reader = reader
        self._tell = tell
        self._batch: Batch = []
        self._quads = 0
        self._begun = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._under_way: tuple[Batch, Future[float]] | None = None

    def add(self, task: Task, done: Done) -> None:
        """Take one more article, and write the batch when it is large or old enough."""
        if not self._batch:
            self._begun = time.perf_counter()
        self._batch.append((task, done))
        self._quads += len(done.graph or ())
        if self._under_way and self._under_way[1].done():
            self._settle()
        if self._plan.ends_batch(len(self._batch), self._quads, time.perf_counter() - self._begun):
            self._write()

    def finish(self) -> None:
        """Write what is left and wait until all is written. Raises StoreError."""
        self._write()
        self._settle()

    def close(self) -> None:
        """Wait for what is under way, so that the store can be closed; what failed was told or will never be."""
        self._thread.shutdown()

    def _write(self) -> None:
        """Begin to write the batch, when the one before is written."""
        self._settle()
        batch, self._batch, self._quads = self._batch, [], 0
        if batch and self._plan.dry_run:
            self._tell_all(batch)
        elif batch:
            self.changed = True
            self._under_way = batch, self._thread.submit(self._put, batch)

    def _settle(self) -> None:
        """Wait for the batch that is under way, and tell what became of it."""
        if self._under_way is not None:
            (batch, future), self._under_way = self._under_way, None
            self._report.spend("put", future.result())
            self._tell_all(batch)

    def _put(self, batch: Batch) -> float:
        """Put a batch, flush, and say so in the journal; returns the seconds that it took. Runs on the thread."""
        started = time.perf_counter()
        graphs = [done.graph for _, done in batch if done.graph is not None]
        refused = [NamedNode(task.loaded.iri) for task, done in batch if done.graph is None and task.known]
        crash.point("before-put")
        self._store.put(graphs, drop=refused)
        crash.point("put-done")
        self._store.journal.settled(
            [
                Commit(done.graph.name.value, len(done.graph), done.digest, done.reader)
                for _, done in batch
                if done.graph is not None
            ],
            {task.loaded.iri: _reason(done) for task, done in batch if done.graph is None},
            reader=self._reader,
        )
        crash.point("journalled")
        return time.perf_counter() - started

    def _tell_all(self, batch: Batch) -> None:
        for task, done in batch:
            self._tell(_outcome(task, done))

    def drop(self, editions: list[str]) -> None:
        """Take editions out of the store and the journal."""
        self._settle()
        self._store.put([], drop=[NamedNode(iri) for iri in editions])
        self._store.journal.forget(editions)
        self.changed = True

    def put(self, graph: ArticleGraph) -> None:
        """Put a graph that is no edition."""
        self._settle()
        self._store.put([graph])
        self.changed = True

    def quarantine(self, edition: str, reason: str) -> None:
        """Take an edition out of the store, and note why in the journal."""
        self._settle()
        self._store.put([], drop=[NamedNode(edition)])
        self._store.journal.quarantined(edition, reason, reader=self._reader)
        self.changed = True


def _reason(done: Done) -> str:
    return done.refusal or "refused without a reason"


def _outcome(task: Task, done: Done) -> Outcome:
    item = task.loaded
    if done.graph is None:
        return Outcome("refused", item.origin, item.iri, item.title, _reason(done))
    known = task.known is not None and task.known.state == "committed"
    return Outcome(
        "replaced" if known else "imported",
        item.origin,
        item.iri,
        item.title,
        statements=done.statements,
        triples=len(done.graph),
        warnings=done.warnings,
    )
