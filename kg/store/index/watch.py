"""A statement enters; its rows leave, or the error that its time is over; whoever watches is told what it took."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import StoreError

#: Instructions of SQLite's machine between two looks at the clock: some tenths of a millisecond.
BETWEEN = 5_000


class DeadlineError(StoreError):
    """A read was stopped because the time of its request is over."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read: ``what`` it was for ("sparql": of the store), its text and parameters, its rows and milliseconds."""

    what: str
    text: str
    parameters: tuple[Any, ...]
    rows: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """How a request watches its reads: ``deadline`` by time.perf_counter(), and who is told of each."""

    deadline: float | None = None
    told: Callable[[Read], None] | None = None


UNWATCHED = Watch()


def rows_of(
    database: sqlite3.Connection, what: str, sql: str, parameters: Sequence[Any], watch: Watch
) -> list[tuple[Any, ...]]:
    """Return all rows of a statement. Raises DeadlineError, at most a moment late, however long the statement is."""
    deadline = watch.deadline
    began = time.perf_counter()
    if deadline is None:
        rows = database.execute(sql, parameters).fetchall()
    else:
        database.set_progress_handler(lambda: time.perf_counter() > deadline, BETWEEN)
        try:
            rows = database.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            raise DeadlineError("The answer took too long; ask in parts, or for less") from None
        finally:
            database.set_progress_handler(None, 0)
    if watch.told is not None:
        watch.told(Read(what, sql, tuple(parameters), len(rows), (time.perf_counter() - began) * 1000))
    return rows
