"""Editions that somebody changed by hand enter, with who and when; what verifying and reading again must know leaves.

A change over HTTP to an edition's graph is no import: the journal gets the new digest, so that nothing takes the change
for damage, and this table beside it says whose it is, so that no later version of the reader overwrites it unasked.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from kg.errors import StoreError

SCHEMA = """
CREATE TABLE IF NOT EXISTS hand (
    iri TEXT PRIMARY KEY,
    change TEXT NOT NULL,
    by TEXT NOT NULL,
    digest TEXT,
    time TEXT NOT NULL
) WITHOUT ROWID;
"""
# An import that commits the edition anew makes it its own again.
_VALID = (
    "SELECT hand.iri, hand.by, hand.time FROM hand JOIN edition USING (iri) "
    "WHERE edition.state = 'committed' AND edition.digest = hand.digest"
)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edition's graph after a change by hand; ``digest`` is None when the graph was dropped."""

    iri: str
    triples: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class ByHand:
    """Whose change an edition's graph is: the name of the token, and when (UTC, xsd:dateTime)."""

    iri: str
    by: str
    time: str


class Hand:
    """The changes by hand of one journal. Raises StoreError when it can't be read or written.

    A journal that was made before there was this table reads as one without such changes.
    """

    def __init__(self, connection: sqlite3.Connection, lock: threading.Lock, name: str) -> None:
        self._connection = connection
        self._lock = lock
        self._name = name

    def edited(self, edits: Iterable[Edit], *, by: str, change: str) -> None:
        """Note what a change made of editions that the journal knows: all of it or, at an error, nothing.

        A dropped one goes into quarantine, so that importing its file again doesn't bring it back unasked. The outbox
        tells subscribers of each in the same transaction.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        try:
            with self._lock, self._connection:
                for edit in edits:
                    if edit.digest is None:
                        reason = f"removed by hand by {by} on {now}; kg import --replace takes it in again"
                        self._connection.execute(
                            "UPDATE edition SET state = 'quarantined', reason = ?, triples = NULL, digest = NULL, "
                            "time = ? WHERE iri = ?",
                            (reason, now, edit.iri),
                        )
                    else:
                        self._connection.execute(
                            "UPDATE edition SET state = 'committed', reason = NULL, triples = ?, digest = ?, time = ? "
                            "WHERE iri = ?",
                            (edit.triples, edit.digest, now, edit.iri),
                        )
                    self._connection.execute(
                        "INSERT OR REPLACE INTO hand (iri, change, by, digest, time) VALUES (?, ?, ?, ?, ?)",
                        (edit.iri, change, by, edit.digest, now),
                    )
        except sqlite3.Error as error:
            raise StoreError(f"{self._name} can't be written: {error}") from error

    def of(self, iri: str) -> ByHand | None:
        """Return whose change an edition's graph is; None when it is as an import made it."""
        found = self._read(f"{_VALID} AND hand.iri = ?", (iri,))
        return ByHand(*found[0]) if found else None

    def all(self) -> dict[str, ByHand]:
        """Return the editions whose graphs are somebody's change, by IRI."""
        return {row[0]: ByHand(*row) for row in self._read(f"{_VALID} ORDER BY hand.iri", ())}

    def knows(self, change: str) -> bool:
        """Tell whether a change of this id was noted, and no later one of the same editions."""
        return bool(self._read("SELECT 1 FROM hand WHERE change = ? LIMIT 1", (change,)))

    def _read(self, sql: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
        try:
            with self._lock, closing(self._connection.execute(sql, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return []
            raise StoreError(f"{self._name} can't be read: {error}") from error
