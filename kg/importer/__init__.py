"""Files enter, a store that holds their graphs leaves: the Python interface of ``kg import`` (docs/importing.md).

with kg.open_store("mystore") as store:
    report = kg.import_files(["news/"], store=store, plan=kg.Plan(jobs=2))
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kg.articles import Options, sources
from kg.errors import KgError
from kg.importer.added import Added
from kg.importer.bounds import Bounds
from kg.importer.journey import Journey
from kg.importer.plan import Plan
from kg.importer.pool import Here, Pool, Workers
from kg.importer.report import ImportReport, Outcome, Progress
from kg.store.base import Store

__all__ = [
    "Added",
    "Bounds",
    "ImportReport",
    "Outcome",
    "Plan",
    "Progress",
    "import_files",
    "import_files_async",
    "import_sources",
    "reread",
]

Notify = Callable[[Outcome], None]
Watch = Callable[[Progress], None]
_PLAN = Plan()
_OPTIONS = Options()


def import_files(
    paths: Iterable[str | Path],
    *,
    store: Store,
    options: Options = _OPTIONS,
    plan: Plan = _PLAN,
    notify: Notify | None = None,
    progress: Watch | None = None,
) -> ImportReport:
    """Import files and folders ("-" is standard input) and link what the store then holds.

    Args:
        options: What holds for files that carry no metadata of their own (outlet, published, url …).
        plan: How it is to go: jobs, dry run, limits; see :class:`Plan`.
        notify: Called with each outcome as it is known, on this thread.
        progress: Called with the stage and the counts after each article.

    A bad article is refused and kept in the journal as quarantined; the others go on. What an earlier import was cut
    off from is taken up first. Raises UsageError for a reader that does not exist and StoreError when the store can't
    be written.
    """
    given = sources(paths, private=bool(options and options.private))
    return import_sources(given, store=store, options=options, plan=plan, notify=notify, progress=progress)


def import_sources(
    given: Iterable[tuple[str, bytes | KgError]],
    *,
    store: Store,
    options: Options = _OPTIONS,
    plan: Plan = _PLAN,
    notify: Notify | None = None,
    progress: Watch | None = None,
) -> ImportReport:
    """Import (origin, bytes) pairs; see :func:`import_files`. An error in place of bytes is a refused source."""

    def go(journey: Journey) -> None:
        journey.unfinished()
        journey.receive(given, options)

    return run(go, store=store, plan=plan, notify=notify, progress=progress)


async def import_files_async(
    paths: Iterable[str | Path],
    *,
    store: Store,
    options: Options = _OPTIONS,
    plan: Plan = _PLAN,
    notify: Notify | None = None,
    progress: Watch | None = None,
) -> ImportReport:
    """Import without blocking the event loop; the callbacks are called on it. See :func:`import_files`.

    When the task is cancelled the import stops before its next article, and the next import takes up the rest.
    """
    loop = asyncio.get_running_loop()
    stopped = False

    def told(outcome: Outcome) -> None:
        if notify is not None:
            loop.call_soon_threadsafe(notify, outcome)

    def seen(step: Progress) -> None:
        if stopped:
            raise asyncio.CancelledError
        if progress is not None:
            loop.call_soon_threadsafe(progress, step)

    work = asyncio.ensure_future(
        asyncio.to_thread(import_files, paths, store=store, options=options, plan=plan, notify=told, progress=seen)
    )
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stopped = True
        # The store must not be closed under the thread: it ends first.
        await asyncio.wait([work])
        raise


def reread(
    store: Store,
    *,
    plan: Plan = _PLAN,
    everything: bool = False,
    notify: Notify | None = None,
    progress: Watch | None = None,
) -> ImportReport:
    """Read again, from the spool, the files whose editions another version of the reader read; then link and publish.

    Batch by batch, while readers of the store go on with the generation before; a cut is taken up by the next import.
    Records that came ready-made stay, but with ``everything``: then all is loaded, mapped and checked anew. Human
    decisions stay, since the nodes that they speak of are named by their place in the text.
    """

    def go(journey: Journey) -> None:
        journey.unfinished()
        journey.take(journey.outdated(everything=everything))

    return run(go, store=store, plan=plan, notify=notify, progress=progress)


def run(
    go: Callable[[Journey], None],
    *,
    store: Store,
    plan: Plan,
    notify: Notify | None = None,
    progress: Watch | None = None,
) -> ImportReport:
    """Open the workers, let an import go, link and publish, and return its report."""
    started = time.perf_counter()
    workers = open_workers(plan)
    try:
        journey = Journey(store, plan, workers, notify=notify, progress=progress)
        try:
            go(journey)
            journey.finish()
        finally:
            journey.close()
    finally:
        workers.close()
    journey.report.elapsed = time.perf_counter() - started
    journey.report.peak_bytes = _peak_bytes()
    return journey.report


def open_workers(plan: Plan) -> Workers:
    """Return where a plan's articles are read: on a Dask cluster, in bounded children, or here."""
    if plan.dask is not None:
        from kg.importer.cluster import Cluster

        return Cluster(plan.dask, jobs=plan.jobs, reader=plan.reader, gate=plan.gate, bounds=plan.bounds)
    if plan.jobs == 0:
        return Here(reader=plan.reader, gate=plan.gate, bounds=plan.bounds)
    return Pool(plan.jobs, reader=plan.reader, gate=plan.gate, bounds=plan.bounds)


def _peak_bytes() -> int:
    """Return the largest resident size of this process and its children, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * unit
