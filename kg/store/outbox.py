"""What changed enters, in the order it was committed; events leave, for whoever reads on from where they stopped.

An append-only table in the journal's file. Triggers write it in the journal's own transactions, so that an edition is
committed together with its event or not at all, whoever commits it. Readers see an event only when the generation that
holds its data is published, so what an event names can be read. Events have rising numbers without reuse: a reader who
remembers the last number misses none and gets none twice.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
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
    statements TEXT,
    time TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_iri ON outbox (iri, seq);
CREATE INDEX IF NOT EXISTS outbox_unread ON outbox (seq) WHERE statements IS NULL;
CREATE TABLE IF NOT EXISTS published (generation INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS claim (iri TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS edition_committed AFTER UPDATE ON edition WHEN NEW.state = 'committed' BEGIN
    INSERT INTO outbox (kind, iri, change, statements, time) VALUES ('edition', NEW.iri, CASE
        WHEN (SELECT change FROM outbox WHERE iri = NEW.iri ORDER BY seq DESC LIMIT 1) IN ('added', 'changed')
        THEN 'changed' ELSE 'added' END, NULL, NEW.time);
END;
CREATE TRIGGER IF NOT EXISTS edition_refused AFTER UPDATE ON edition WHEN NEW.state = 'quarantined'
    AND (SELECT change FROM outbox WHERE iri = NEW.iri ORDER BY seq DESC LIMIT 1) IN ('added', 'changed') BEGIN
    INSERT INTO outbox (kind, iri, change, statements, time) VALUES ('edition', NEW.iri, 'removed', '[]', NEW.time);
END;
CREATE TRIGGER IF NOT EXISTS edition_forgotten AFTER DELETE ON edition
    WHEN (SELECT change FROM outbox WHERE iri = OLD.iri ORDER BY seq DESC LIMIT 1) IN ('added', 'changed') BEGIN
    INSERT INTO outbox (kind, iri, change, statements, time)
    VALUES ('edition', OLD.iri, 'removed', '[]', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));
END;
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


class Outbox:
    """The outbox of one journal. May be used from several threads. Raises StoreError when it can't be read or written.

    A journal that was made before there was an outbox reads as an empty one until its next writer comes.
    """

    def __init__(self, connection: sqlite3.Connection, lock: threading.Lock, name: str) -> None:
        self._connection = connection
        self._lock = lock
        self._name = name

    def claims(self, digests: Mapping[str, str], *, removed: Iterable[str] | None = None) -> int:
        """Append an event for each claim that is new, gone, or other than at the last call; returns how many.

        Call it before the linking graph is put: an event whose data are lost by a cut is repaired by the next linking,
        an event that was never written is not. ``digests`` are of all claims, and the others that were known are gone;
        with ``removed`` they are of some, and those named are gone.
        """
        try:
            with self._lock, self._connection:
                if removed is None:
                    known = dict(self._connection.execute("SELECT iri, digest FROM claim"))
                else:
                    one = "SELECT iri, digest FROM claim WHERE iri = ?"
                    asked = (self._connection.execute(one, (iri,)).fetchone() for iri in {*digests, *removed})
                    known = dict(row for row in asked if row)
                changes: list[tuple[str, Change]] = [(iri, "removed") for iri in known.keys() - digests.keys()]
                for iri, digest in digests.items():
                    if iri not in known:
                        changes.append((iri, "added"))
                    elif known[iri] != digest:
                        changes.append((iri, "changed"))
                now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
                for iri, change in sorted(changes):
                    self._connection.execute(
                        "INSERT INTO outbox (kind, iri, change, statements, time) VALUES ('claim', ?, ?, '[]', ?)",
                        (iri, change, now),
                    )
                    if change == "removed":
                        self._connection.execute("DELETE FROM claim WHERE iri = ?", (iri,))
                    else:
                        row = (iri, digests[iri])
                        self._connection.execute("INSERT OR REPLACE INTO claim (iri, digest) VALUES (?, ?)", row)
                return len(changes)
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be written: {error}") from error

    def publish(self, generation: int, statements: Callable[[str], Iterable[str]]) -> None:
        """Note that a generation holds all that happened up to now. Call it before readers are shown to it.

        ``statements`` returns the IRIs of an edition's statements in that generation: an event keeps them, so that the
        next event of the edition tells which are new.
        """
        try:
            with self._lock, self._connection:
                unread = "SELECT seq, iri FROM outbox WHERE statements IS NULL ORDER BY seq"
                for seq, iri in self._connection.execute(unread).fetchall():
                    # The edition's own IRI opens each of its statements' IRIs; it is kept once.
                    short = [name.removeprefix(iri) for name in sorted(statements(iri))]
                    self._connection.execute(
                        "UPDATE outbox SET statements = ? WHERE seq = ?", (orjson.dumps(short).decode(), seq)
                    )
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

        ``version`` is the number of a generation, as :meth:`Store.version` gives it to readers.
        """
        generation = int(version) if version.isdigit() else 2**62
        rows = self._read("SELECT COALESCE(MAX(seq), 0) FROM published WHERE generation <= ?", (generation,))
        return int(rows[0][0]) if rows else 0

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

    def _added(self, seq: int, iri: str, statements: str | None) -> tuple[str, ...]:
        """Return what an edition's event has and the event before it had not. Rows never change, so neither does it."""
        found = orjson.loads(statements or "[]")
        if not found:
            return ()
        before = self._read(
            "SELECT statements FROM outbox WHERE iri = ? AND seq < ? ORDER BY seq DESC LIMIT 1", (iri, seq)
        )
        old = frozenset(orjson.loads(before[0][0] or "[]")) if before else frozenset()
        return tuple(iri + name for name in found if name not in old)

    def _read(self, sql: str, values: tuple[object, ...], empty: list[tuple[object, ...]] | None = None) -> list[tuple]:  # type: ignore[type-arg]  # rows of SQLite
        try:
            with self._lock, closing(self._connection.execute(sql, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise StoreError(f"{self._name} can't be read: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be read: {error}") from error
