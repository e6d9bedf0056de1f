"""What changed enters, in the order it was committed; events leave, for whoever reads on from where they stopped.

An append-only table in the journal's file, written in the journal's own transactions: an edition that is committed and
its event are one. Readers see an event only when the generation that holds its data is published, so what an event
names can be read. Events have rising numbers without reuse; a reader who remembers the last number misses none.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import orjson

from kg.errors import StoreError

Kind = Literal["edition", "claim"]
Change = Literal["added", "changed", "removed"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('edition', 'claim')),
    iri TEXT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('added', 'changed', 'removed')),
    statements TEXT NOT NULL DEFAULT '[]',
    time TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_iri ON outbox (iri, seq);
CREATE TABLE IF NOT EXISTS published (generation INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS claim (iri TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One change. ``added`` are the IRIs of an edition's statements that it did not have before; ``time`` is UTC."""

    seq: int
    kind: Kind
    iri: str
    change: Change
    time: str
    added: tuple[str, ...] = ()


def record_editions(connection: sqlite3.Connection, committed: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    """Append an event for each committed edition with its statements. Runs inside the caller's transaction."""
    for iri, statements in committed:
        before = _last(connection, iri)
        change: Change = "added" if before is None or before[0] == "removed" else "changed"
        # The edition's own IRI opens each of its statements' IRIs; it is kept once.
        short = [name.removeprefix(iri) for name in sorted(statements)]
        _append(connection, "edition", iri, change, orjson.dumps(short).decode())


def record_removals(connection: sqlite3.Connection, editions: Iterable[str]) -> None:
    """Append an event for each edition that is gone and was there. Runs inside the caller's transaction."""
    for iri in editions:
        before = _last(connection, iri)
        if before is not None and before[0] != "removed":
            _append(connection, "edition", iri, "removed", "[]")


def _last(connection: sqlite3.Connection, iri: str) -> tuple[str] | None:
    found = connection.execute("SELECT change FROM outbox WHERE iri = ? ORDER BY seq DESC LIMIT 1", (iri,)).fetchone()
    return None if found is None else (str(found[0]),)


def _append(connection: sqlite3.Connection, kind: Kind, iri: str, change: Change, statements: str = "[]") -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    connection.execute(
        "INSERT INTO outbox (kind, iri, change, statements, time) VALUES (?, ?, ?, ?, ?)",
        (kind, iri, change, statements, now),
    )


class Outbox:
    """The outbox of one journal. May be used from several threads. Raises StoreError when it can't be read or written.

    A journal that was made before there was an outbox reads as an empty one until its next writer comes.
    """

    def __init__(self, connection: sqlite3.Connection, lock: threading.Lock, name: str) -> None:
        self._connection = connection
        self._lock = lock
        self._name = name

    def claims(self, digests: Mapping[str, str]) -> int:
        """Append an event for each claim that is new, gone, or other than at the last call; returns how many.

        Call it before the linking graph is put: an event whose data are lost by a cut is repaired by the next linking,
        an event that was never written is not. Compares all claims: linear in them.
        """
        try:
            with self._lock, self._connection:
                known = dict(self._connection.execute("SELECT iri, digest FROM claim"))
                changes: list[tuple[str, Change]] = [(iri, "removed") for iri in known.keys() - digests.keys()]
                for iri, digest in digests.items():
                    if iri not in known:
                        changes.append((iri, "added"))
                    elif known[iri] != digest:
                        changes.append((iri, "changed"))
                for iri, change in sorted(changes):
                    _append(self._connection, "claim", iri, change)
                    if change == "removed":
                        self._connection.execute("DELETE FROM claim WHERE iri = ?", (iri,))
                    else:
                        row = (iri, digests[iri])
                        self._connection.execute("INSERT OR REPLACE INTO claim (iri, digest) VALUES (?, ?)", row)
                return len(changes)
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be written: {error}") from error

    def publish(self, generation: int) -> None:
        """Note that a generation holds all that happened up to now. Call it before readers are shown to it."""
        try:
            with self._lock, self._connection:
                self._connection.execute(
                    "INSERT OR REPLACE INTO published (generation, seq) SELECT ?, COALESCE(MAX(seq), 0) FROM outbox",
                    (generation,),
                )
                # Readers ask for the newest generation; a few are kept for those that are still moving on.
                self._connection.execute("DELETE FROM published WHERE generation < ?", (generation - 10,))
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be written: {error}") from error

    def visible(self, version: str) -> int:
        """Return the number of the last event whose data a reader at this version of the store sees; 0 for none.

        A store without generations (in memory) shows everything at once.
        """
        generation = int(version) if version.isdigit() else None
        rows = self._read("SELECT generation, seq FROM published ORDER BY generation", ())
        if not rows or generation is None:
            return int(self._read("SELECT COALESCE(MAX(seq), 0) FROM outbox", (), [(0,)])[0][0])
        return max((int(seq) for number, seq in rows if number <= generation), default=0)

    def after(self, seq: int, *, until: int, kind: Kind, iri: str | None = None, limit: int = 100) -> list[Event]:
        """Return the next events of one kind behind a number, the oldest first, up to and including ``until``."""
        narrowed, more = ("", ()) if iri is None else ("AND iri = ?", (iri,))
        rows = self._read(
            "SELECT seq, iri, change, statements, time FROM outbox "
            f"WHERE seq > ? AND seq <= ? AND kind = ? {narrowed} ORDER BY seq LIMIT ?",
            (seq, until, kind, *more, limit),
        )
        return [
            Event(int(number), kind, name, change, time, self._added(int(number), name, statements))
            for number, name, change, statements, time in rows
        ]

    def _added(self, seq: int, iri: str, statements: str) -> tuple[str, ...]:
        """Return what an edition's event has and the event before it had not. Rows never change, so neither does it."""
        found = orjson.loads(statements)
        if not found:
            return ()
        before = self._read(
            "SELECT statements FROM outbox WHERE iri = ? AND seq < ? ORDER BY seq DESC LIMIT 1", (iri, seq)
        )
        old = frozenset(orjson.loads(before[0][0])) if before else frozenset()
        return tuple(iri + name for name in found if name not in old)

    def _read(self, sql: str, values: tuple[object, ...], empty: list[tuple[object, ...]] | None = None) -> list[tuple]:  # type: ignore[type-arg]  # rows of SQLite
        try:
            with self._lock, closing(self._connection.execute(sql, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return empty or []
            raise StoreError(f"{self._name} can't be read: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be read: {error}") from error
