"""What happens in the server is counted here; Prometheus' text format leaves at /metrics.

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
from typing import Literal, get_args

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from api.service import service_of
from kg.store import Store

#: Why a reader process was killed: its time was up, its memory was, it died by itself, nobody waited any more.
Kill = Literal["deadline", "memory", "crash", "cancelled"]
#: Why a request was turned away at the door: too many wait, the client sends too many, its body was too long …
Turned = Literal["queue", "rate", "body", "slow", "host", "origin", "url"]
DOORS = ("sparql", "graphql", "queries", "graphs", "data", "page", "operations", "other")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)  # seconds


class Counters:
    """The counters of one process. All methods may be called from any thread and cost some microseconds."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._requests = Counter(
            "kg_requests", "Requests answered, by door and status.", ["door", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "kg_request_seconds",
            "Seconds until the last byte of an answer.",
            ["door"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._kills = Counter(
            "kg_worker_kills", "Reader processes killed, by reason.", ["reason"], registry=self.registry
        )
        self._turned = Counter(
            "kg_refused", "Requests turned away unread, by reason.", ["reason"], registry=self.registry
        )
        self._waiting = Gauge(
            "kg_queue_waiting", "Queries that wait.", registry=self.registry, multiprocess_mode="livesum"
        )
        self._running = Gauge(
            "kg_queue_running", "Queries that run.", registry=self.registry, multiprocess_mode="livesum"
        )
        for kill in get_args(Kill):
            self._kills.labels(kill)
        for reason in get_args(Turned):
            self._turned.labels(reason)

    def answered(self, door: str, status: int, seconds: float) -> None:
        """Count a request that was answered, whatever the answer was."""
        self._requests.labels(door, str(status)).inc()
        self._seconds.labels(door).observe(seconds)

    def killed(self, reason: Kill) -> None:
        """Count a reader process that was killed or died."""
        self._kills.labels(reason).inc()

    def turned_away(self, reason: Turned) -> None:
        """Count a request that was refused before it was read."""
        self._turned.labels(reason).inc()

    def waits(self, by: int) -> None:
        """Note that a query begins (1) or ends (-1) to wait for its turn."""
        self._waiting.inc(by)

    def runs(self, by: int) -> None:
        """Note that a query begins (1) or ends (-1) to run."""
        self._running.inc(by)


#: The process's own; pass another to a pool or a door in a test.
COUNTERS = Counters()


def door_of(path: str) -> str:
    """Return the door that a path belongs to: one of DOORS. Never the path itself, which would grow without bound."""
    first = path.lstrip("/").partition("/")[0]
    if first in DOORS:
        return first
    match first:
        case "" | "static" | "graphiql" | "ontology":
            return "page"
        case "health" | "metrics":
            return "operations"
        case "edition" | "actor" | "document" | "place" | "event" | "claim" | "article" | "link" | "relation" | "run":
            return "data"
    return "other"


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
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    size = folder_bytes(store.root) if store.root else None
    registry.register(_StoreFigures(store, size, published_at(store.root) if store.root else None))
    counted = b"" if folder else generate_latest(counters.registry)
    return counted + generate_latest(registry)


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
