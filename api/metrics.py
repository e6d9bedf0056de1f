"""What was counted, and how the store is, enter; Prometheus' text format leaves at /metrics.

With several server processes ``kg serve`` names a folder in PROMETHEUS_MULTIPROC_DIR: each process keeps its figures
in files there, and whichever answers adds all of them up.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from api.counters import COUNTERS, Counters
from api.service import service_of
from kg.store import Store


class _StoreFigures(Collector):
    """What is looked up in the store at each scrape: nothing that needs a query."""

    def __init__(self, store: Store, size: int | None, published: float | None) -> None:
        self._store = store
        self._size = size
        self._published = published

    def collect(self) -> Iterator[GaugeMetricFamily]:
        number = self._store.version().partition("+")[0]
        if number.isdigit():
            yield GaugeMetricFamily("kg_generation", "Number of the generation that is served.", int(number))
        if self._published is not None:
            age = max(0.0, time.time() - self._published)
            yield GaugeMetricFamily("kg_generation_age_seconds", "Seconds since that generation was published.", age)
        if self._size is not None:
            yield GaugeMetricFamily("kg_store_bytes", "Bytes of the store's folder; hard links count once.", self._size)


def exposition(store: Store, counters: Counters = COUNTERS) -> bytes:
    """Return all figures in the text format. Walks the store's folder (milliseconds): call it off the event loop."""
    registry = CollectorRegistry()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        forget_dead(Path(folder))
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    size = folder_bytes(store.root) if store.root else None
    registry.register(_StoreFigures(store, size, published_at(store.root) if store.root else None))
    counted = b"" if folder else generate_latest(counters.registry)
    return counted + generate_latest(registry)


def forget_dead(folder: Path) -> None:
    """Remove what killed processes said of their present: queries that wait in none of them wait no more."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            pass  # it lives


def published_at(root: Path) -> float | None:
    """Return when the current generation was published, in seconds since the epoch; None when none was."""
    with suppress(FileNotFoundError):
        return (root / "CURRENT").stat().st_mtime
    return None


def folder_bytes(root: Path) -> int:
    """Return the bytes of a folder's files; a file with several hard links (generations share them) counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for folder, _, files in os.walk(root):
        for name in files:
            try:
                found = os.lstat(os.path.join(folder, name))
            except FileNotFoundError:  # the writer removed it meanwhile
                continue
            if (found.st_dev, found.st_ino) not in seen:
                seen.add((found.st_dev, found.st_ino))
                total += found.st_size
    return total


async def metrics(request: Request) -> Response:
    """Answer with all figures (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    # Not a job for the runner: a reader process would answer with counters of its own.
    body = await asyncio.to_thread(exposition, service_of(request).store)
    return Response(body, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})
