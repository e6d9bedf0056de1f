"""Articles enter, results leave, read on the machines of a Dask cluster in tasks of twenty (extra ``dask``).

The files are loaded here and one writer puts the graphs here; only reading is spread. A task may run twice when its
worker dies: the same bytes give the same graph, so it does no harm.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from kg.articles import Options
from kg.errors import UsageError
from kg.importer.bounds import Bounds
from kg.importer.children import SPARES, TaskFailed
from kg.importer.loading import Item, Loaded
from kg.importer.pool import Pool
from kg.importer.work import Done, open_reader

logger = logging.getLogger("kg")
Tag = TypeVar("Tag")
TASK = 20  # articles a task: one alone costs more to send than to read
AHEAD = 3  # tasks a worker that wait or run
LOOK, FETCH = 2.0, 60.0  # seconds between two looks whether there are workers; to fetch the results of a task
TRIES = 5  # how often a task whose worker died is given to another, before its articles are read here
# A local worker that was killed is started again; a busy machine needs more than the 15 s after which distributed
# takes it for lost for good.
REBORN = "300s"
LOCAL = "local"


class Cluster:
    """A Dask cluster: that of a scheduler's address, or one of ``jobs`` processes of this machine.

    ``patience`` is in seconds: for the scheduler's first answer, and for a worker where there is none left.
    """

    def __init__(self, address: str, *, jobs: int, reader: str, gate: str, bounds: Bounds, patience: int = 20) -> None:
        dask = _distributed()
        import_module("dask.config").set(
            {"distributed.scheduler.allowed-failures": TRIES, "distributed.deploy.lost-worker-timeout": REBORN}
        )
        self.local: Any = None
        if address == LOCAL:
            self.local = dask.LocalCluster(
                n_workers=max(jobs, 1), threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
            )  # fmt: skip
        try:
            self.client = dask.Client(self.local or address, timeout=patience)
        except OSError as error:
            raise UsageError(
                f"--dask: no scheduler answers at {address} ({error}); start one: dask scheduler"
            ) from error
        self._patience = patience
        self._deserted: float | None = None  # since when nobody is left
        self._loader = Pool(1, reader=reader, gate=gate, bounds=bounds)
        self._how = (reader, gate, bounds)
        self._reader = f"{open_reader(reader).name} {open_reader(reader).version}"

    def load(self, raw: bytes, *, origin: str, options: Options, base_iri: str, reader: str) -> Iterator[list[Item]]:
        return self._loader.load(raw, origin=origin, options=options, base_iri=base_iri, reader=reader)

    def process(self, items: Iterable[tuple[Tag, Loaded]], *, ordered: bool = True) -> Iterator[tuple[Tag, Done]]:
        waiting: deque[tuple[list[tuple[Tag, Loaded]], Any]] = deque()
        source = iter(items)
        while part := list(islice(source, TASK)):
            waiting.append((part, self._submit([item for _, item in part])))
            if len(waiting) > AHEAD * max(1, self._workers()):
                yield from self._next(waiting, ordered)
        while waiting:
            yield from self._next(waiting, ordered)

    def _next(self, waiting: deque[tuple[list[tuple[Tag, Loaded]], Any]], ordered: bool) -> Iterator[tuple[Tag, Done]]:
        first = 1 if ordered else len(waiting)
        at, results = self._answer([future for _, future in islice(waiting, first)])
        part, future = waiting[at]
        del waiting[at]
        if results is None:
            # Here each article is read alone, in a child with its bounds.
            if future is not None:
                future.cancel()
            results = work_many([item for _, item in part], *self._how)
        for (tag, item), done in zip(part, results, strict=True):
            if done.graph is not None and not item.record and done.reader != self._reader:
                raise UsageError(
                    f"A worker of the cluster reads with {done.reader}, this machine with {self._reader}; install the "
                    "same version on all"
                )
            yield tag, done

    def _submit(self, items: list[Loaded]) -> Any:
        """Give a task to the cluster; returns its future, None when there is no scheduler any more."""
        if self.client.status not in ("running", "connecting"):
            return None
        return self.client.submit(work_many, items, *self._how, pure=False)

    def _workers(self) -> int:
        """Return how many threads read; 0 when there are none, or no scheduler."""
        try:
            return sum(self.client.nthreads().values()) if self.client.status == "running" else 0
        except OSError:
            return 0

    def _answer(self, futures: list[Any]) -> tuple[int, list[Done] | None]:
        """Wait until one of these tasks is done; returns its place and results, None for one to be read here.

        That is one with which worker after worker died, and the first one where nobody is left: a worker that dies
        while it starts is not replaced, and its task would wait for ever.
        """
        dask = _distributed()
        at = 0
        while futures[0] is not None:
            try:
                sent = [future for future in futures if future is not None]
                ready = dask.wait(sent, timeout=LOOK, return_when="FIRST_COMPLETED").done
                at = next(i for i, future in enumerate(futures) if future in ready)
                results: list[Done] = futures[at].result(timeout=FETCH)
                return at, results
            except (dask.KilledWorker, dask.client.FutureCancelledError):
                return at, None
            except (TimeoutError, OSError):
                # Nothing is done yet, or the worker died before its results were fetched.
                at, now = 0, time.monotonic()
                # Waited for once, not again for each task behind the first.
                self._deserted = None if self._workers() else self._deserted or now
                if self._deserted is not None and now - self._deserted >= self._patience:
                    logger.warning("no worker is left in the cluster; its articles are read here")
                    return 0, None
        return 0, None

    def close(self) -> None:
        self._loader.close()
        self.client.close()
        if self.local is not None:
            self.local.close()


def _distributed() -> Any:
    """Import the package, which is partly untyped, when it is first needed: it takes a second."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise UsageError("--dask needs the package; install it with: pip install 'on-the-record[dask]'") from error


def work_many(items: list[Loaded], reader: str, gate: str, bounds: Bounds) -> list[Done]:
    """Work on a task's articles, each in a bounded child of the worker; runs on the worker."""
    results: list[Done] = []
    for item in items:
        for last_try in (False, True):
            child = SPARES.take("read", bounds)
            try:
                results.append(child.call("work", item.content, reader, gate, not item.record))
                break
            except TaskFailed as error:
                if not error.outside or last_try:
                    results.append(Done(None, f"{item.origin}: {error}"))
                    break
            finally:
                SPARES.give(child, bounds)
    return results
