"""A store enters; an object leaves that asks it for one request, counts how often, and keeps to the request's time."""

from __future__ import annotations

import time
from typing import Any

from graphql import GraphQLError

from kg.store import Store
from kg.store.base import Rows
from kg.store.index.watch import UNWATCHED, Read, Watch

#: What stands for a node inside one request: its IRI where SPARQL answers, its number where the index does.
Key = Any


class Asking:
    """What readers share. ``names`` are those of the reads so far: a SPARQL query or an SQL statement is one."""

    def __init__(self, store: Store, watch: Watch = UNWATCHED) -> None:
        self.store = store
        self.watch = watch
        self.names: list[str] = []

    @property
    def reads(self) -> int:
        return len(self.names)

    def select(self, sparql: str) -> Rows:
        """Ask the store a query that this package made."""
        self.note("sparql")
        began = time.perf_counter()
        rows = self.store.select(sparql, trusted=True)
        if self.watch.told is not None:
            self.watch.told(Read("sparql", sparql, (), len(rows), (time.perf_counter() - began) * 1000))
        return rows

    def note(self, what: str) -> None:
        """Count a read; refuse it when the time of the request is over."""
        deadline = self.watch.deadline
        if deadline is not None and time.perf_counter() > deadline:
            raise too_late()
        self.names.append(what)


def too_late() -> GraphQLError:
    return GraphQLError("The answer took too long; ask in parts, or for less", extensions={"code": "DEADLINE_EXCEEDED"})
