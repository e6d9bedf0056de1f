"""What happens in a server is counted here, in Prometheus' counters; :mod:`api.metrics` writes them out."""

from __future__ import annotations

from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Why a reader process was killed: its time was up, its memory was, it died by itself, nobody waited any more,
#: or others waited behind a query that was not quick.
Kill = Literal["deadline", "memory", "crash", "cancelled", "stalled"]
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
        self._answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        for kill in get_args(Kill):
            self._kills.labels(kill)
        for reason in get_args(Turned):
            self._turned.labels(reason)

    def answered(self, door: str, status: int, seconds: float) -> None:
        """Count a request that was answered, whatever the answer was."""
        found = self._answered.get((door, status))
        if found is None:
            # Looking up labels takes longer than counting.
            found = self._answered[door, status] = self._requests.labels(door, str(status)), self._seconds.labels(door)
        found[0].inc()
        found[1].observe(seconds)

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
