"""The importer tells what became of every article; the journal remembers it through crashes.

Each edition has exactly one state: ``received`` (its raw bytes are in the spool), then ``committed`` (its graph is in
the store, with this digest) or ``quarantined`` (refused, with the reason; no quads). The store's own log can lose its
tail without a word, so the journal is the truth about what must be there: data first, flush, journal after.

SQLite in WAL mode with ``synchronous=FULL``: a call that returned survives a power loss.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from kg.errors import StoreError
from kg.store import hand, outbox

State = Literal["received", "committed", "quarantined"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS edition (
    iri TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('received', 'committed', 'quarantined')),
    raw_sha256 TEXT NOT NULL,
    text_sha256 TEXT,
    origin TEXT,
    outlet TEXT,
    given TEXT NOT NULL,
    reader TEXT,
    triples INTEGER,
    digest TEXT,
    reason TEXT,
    time TEXT NOT NULL,
    CHECK ((state = 'committed') = (digest IS NOT NULL AND triples IS NOT NULL)),
    CHECK ((state = 'quarantined') = (reason IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edition_raw ON edition (raw_sha256);
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An edition whose raw bytes are in the spool. ``given`` is JSON: the options it came with (``--outlet`` …).

    A file that holds no article yet is known by ``urn:sha256:<raw sha256>``.
    """

    iri: str
    raw_sha256: str
    text_sha256: str | None = None
    origin: str | None = None
    outlet: str | None = None
    given: str = "{}"


@dataclass(frozen=True, slots=True)
class Commit:
    """An edition whose graph is in the store and flushed; ``reader`` names reader and version ("rules-en 0.1.0")."""

    iri: str
    triples: int
    digest: str
    reader: str


@dataclass(frozen=True, slots=True)
class Entry:
    """All that the journal knows of an edition; ``time`` is that of its last change, in UTC (xsd:dateTime)."""

    iri: str
    state: State
    raw_sha256: str
    text_sha256: str | None
    origin: str | None
    outlet: str | None
    given: str
    reader: str | None
    triples: int | None
    digest: str | None
    reason: str | None
    time: str


_COLUMNS = ", ".join(field.name for field in fields(Entry))


class Journal:
    """The journal of one store: ``DIR/journal.sqlite``, or in memory when there is no folder.

    Each writing method is one transaction and durable when it returns. May be used from several threads.
    Raises StoreError when the file can't be read or written.
    """

    def __init__(self, folder: Path | None, *, read_only: bool = False) -> None:
        self._lock = threading.Lock()
        self._name = str(folder / "journal.sqlite") if folder else "the journal in memory"
        try:
            if folder and read_only:
                # A store that nobody wrote to has no journal yet: an empty one answers the same.
                path = folder / "journal.sqlite"
                target = f"{path.resolve().as_uri()}?mode=ro" if path.exists() else ":memory:"
                self._connection = sqlite3.connect(target, uri=True, check_same_thread=False)
                if path.exists():
                    return
            else:
                self._connection = sqlite3.connect(
                    folder / "journal.sqlite" if folder else ":memory:", check_same_thread=False
                )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            with self._connection:
                self._connection.executescript(_SCHEMA + outbox.SCHEMA + hand.SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be opened: {error}") from error

    def received(self, receipts: Iterable[Receipt]) -> None:
        """Note editions whose bytes are in the spool. What was known of an edition before is forgotten."""
        now = _now()
        self._write(
            "INSERT OR REPLACE INTO edition (iri, state, raw_sha256, text_sha256, origin, outlet, given, time) "
            "VALUES (?, 'received', ?, ?, ?, ?, ?, ?)",
            [(r.iri, r.raw_sha256, r.text_sha256, r.origin, r.outlet, r.given, now) for r in receipts],
        )

    def committed(self, commits: Iterable[Commit]) -> None:
        """Note editions whose graphs are in the store and flushed: all of them or, at an error, none.

        Raises StoreError for an edition that was never received.
        """
        now = _now()
        self._write(
            "UPDATE edition SET state = 'committed', triples = ?, digest = ?, reader = ?, reason = NULL, time = ? "
            "WHERE iri = ?",
            [(c.triples, c.digest, c.reader, now, c.iri) for c in commits],
        )

    def settled(self, commits: Iterable[Commit], refused: Mapping[str, str], *, reader: str | None = None) -> None:
        """Note a whole batch at once, or none of it: what is in the store and flushed, and what was refused and why.

        Raises StoreError for an edition that was never received.
        """
        now = _now()
        self._write(
            "UPDATE edition SET state = ?, triples = ?, digest = ?, reason = ?, reader = ?, time = ? WHERE iri = ?",
            [
                *(("committed", c.triples, c.digest, None, c.reader, now, c.iri) for c in commits),
                *(("quarantined", None, None, reason, reader, now, iri) for iri, reason in refused.items()),
            ],
        )

    def quarantined(self, iri: str, reason: str, *, reader: str | None = None) -> None:
        """Note that an edition was refused, and why. Its graph, if it had one, must be gone from the store by then."""
        self._write(
            "UPDATE edition SET state = 'quarantined', reason = ?, reader = ?, triples = NULL, digest = NULL, time = ? "
            "WHERE iri = ?",
            [(reason, reader, _now(), iri)],
        )

    def forget(self, iris: Iterable[str]) -> None:
        """Take editions out of the journal, as if they had never come."""
        gone = [(iri,) for iri in iris]
        self._write("DELETE FROM hand WHERE iri = ?", list(gone), must_hit=False)
        self._write("DELETE FROM edition WHERE iri = ?", list(gone), must_hit=False)

    @property
    def outbox(self) -> outbox.Outbox:
        """What changed, for those who want to hear of it."""
        return outbox.Outbox(self._connection, self._lock, self._name)

    @property
    def hand(self) -> hand.Hand:
        """Whose changes the graphs of editions are that are not as an import made them."""
        return hand.Hand(self._connection, self._lock, self._name)

    def entry(self, iri: str) -> Entry | None:
        """Return what is known of an edition, or None."""
        found = self._read("WHERE iri = ?", iri)
        return found[0] if found else None

    def state(self, iri: str) -> State | None:
        """Return an edition's state, or None when it never came."""
        entry = self.entry(iri)
        return entry.state if entry else None

    def by_raw(self, sha256: str) -> list[Entry]:
        """Return the editions that came in these raw bytes, sorted by IRI."""
        return self._read("WHERE raw_sha256 = ? ORDER BY iri", sha256)

    def all(self, state: State | None = None) -> list[Entry]:
        """Return all editions, or those in one state, sorted by IRI."""
        return self._read("WHERE state = ? ORDER BY iri", state) if state else self._read("ORDER BY iri")

    @property
    def changes(self) -> int:
        """How many rows this process wrote; the same number means the same journal, as one process writes at a time."""
        return self._connection.total_changes

    def snapshot(self, path: Path) -> None:
        """Write a copy of the whole journal, as of one moment, to a new file."""
        scratch = path.with_name(f"{path.name}.tmp")
        scratch.unlink(missing_ok=True)
        try:
            with self._lock, closing(sqlite3.connect(scratch)) as copy:
                self._connection.backup(copy)
            scratch.replace(path)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self._name} can't be copied to {path}: {error}") from error

    def restore(self, path: Path) -> None:
        """Take the place of a snapshot: what was known here before is forgotten."""
        try:
            with self._lock, closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
                copy.backup(self._connection)
                # The snapshot may be of a version that had fewer tables.
                self._connection.executescript(_SCHEMA + outbox.SCHEMA + hand.SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(f"{path} can't be read: {error}") from error

    def scrub(self) -> None:
        """Overwrite what was forgotten: a deleted row stays in the file's free pages and its log until then."""
        try:
            with self._lock:
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be written: {error}") from error

    def fault(self) -> str | None:
        """Return what SQLite finds wrong with the file; None when it is whole."""
        try:
            with self._lock:
                found = [row[0] for row in self._connection.execute("PRAGMA quick_check(3)")]
        except sqlite3.Error as error:
            return str(error)
        return None if found == ["ok"] else "; ".join(map(str, found))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _write(self, sql: str, rows: list[tuple[object, ...]], *, must_hit: bool = True) -> None:
        try:
            with self._lock, self._connection:
                for row in rows:
                    cursor = self._connection.execute(sql, row)
                    if must_hit and not cursor.rowcount:
                        raise StoreError(f"{self._name} knows no edition {row[-1]}; call received() first")
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be written: {error}") from error

    def _read(self, where: str, *values: str) -> list[Entry]:
        try:
            with (
                self._lock,
                closing(self._connection.execute(f"SELECT {_COLUMNS} FROM edition {where}", values)) as cursor,
            ):
                return [Entry(*row) for row in cursor]
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be read: {error}") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
