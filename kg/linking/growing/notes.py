"""What was gathered and found enters, and is there again at the next linking: tables of JSON, read lazily.

A rebuildable cache beside the store (``DIR/linking.sqlite``). All that one linking changed is committed in one
transaction, under a stamp that says what had been linked; with any other stamp than the store's it is of no use.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

FILE = "linking.sqlite"
FORMAT = "1"  # another one whenever linking finds other things in the same editions, or notes them otherwise


class Table:
    """One table: key -> anything JSON can say, None for nothing. What was read or put stays in memory."""

    def __init__(self, connection: sqlite3.Connection, name: str, *, empty: bool) -> None:
        self._connection = connection
        self._name = name
        self._empty = empty
        self._seen: dict[str, Any] = {}
        self._changed: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key. Change it only to put it back."""
        if key not in self._seen:
            row = None
            if not self._empty:
                row = self._connection.execute(f'SELECT value FROM "{self._name}" WHERE key = ?', (key,)).fetchone()
            self._seen[key] = orjson.loads(row[0]) if row else None
        value = self._seen[key]
        return default if value is None else value

    def put(self, key: str, value: Any) -> None:
        """Set or, with None or an empty container, remove."""
        self._seen[key] = value or None
        self._changed.add(key)

    def keys(self) -> Iterator[str]:
        """Yield all keys, in no order."""
        if not self._empty:
            for (key,) in self._connection.execute(f'SELECT key FROM "{self._name}"').fetchall():
                if key not in self._seen:
                    yield key
        yield from (key for key, value in self._seen.items() if value is not None)

    def flush(self) -> None:
        gone = [(key,) for key in self._changed if self._seen[key] is None]
        if gone and not self._empty:
            self._connection.executemany(f'DELETE FROM "{self._name}" WHERE key = ?', gone)
        rows = ((key, orjson.dumps(self._seen[key])) for key in sorted(self._changed) if self._seen[key] is not None)
        self._connection.executemany(f'INSERT OR REPLACE INTO "{self._name}" (key, value) VALUES (?, ?)', rows)
        self._changed.clear()
        self._empty = False


class Notes:
    """The tables of one store; ``folder`` None keeps them in memory."""

    def __init__(self, folder: Path | None, names: Iterable[str]) -> None:
        self.path = folder / FILE if folder else None
        names = [*names, "about"]
        try:
            self._connection = self._open()
            whole = self._have(names)
            if whole:
                row = self._connection.execute("SELECT value FROM about WHERE key = 'format'").fetchone()
                whole = row is not None and orjson.loads(row[0]) == FORMAT
            if not whole:
                self._start_anew(names)
        except sqlite3.Error:
            # A damaged cache is worth nothing and costs one linking from scratch.
            if self.path is not None:
                self.path.unlink(missing_ok=True)
            self._connection = self._open()
            self._start_anew(names)
            whole = False
        self._tables = {name: Table(self._connection, name, empty=not whole) for name in names}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    @property
    def stamp(self) -> str | None:
        """Return what :meth:`commit` was last told."""
        found = self["about"].get("stamp")
        return str(found) if found else None

    def clear(self) -> None:
        """Forget everything."""
        names = list(self._tables)
        self._start_anew(names)
        self._tables = {name: Table(self._connection, name, empty=True) for name in names}

    def commit(self, stamp: str) -> None:
        """Keep what was put, all of it or nothing. Raises sqlite3.Error."""
        self["about"].put("stamp", stamp)
        self["about"].put("format", FORMAT)
        with self._connection:
            self._connection.execute("BEGIN")
            for table in self._tables.values():
                table.flush()

    def close(self) -> None:
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path or ":memory:", isolation_level=None, check_same_thread=False)
        # It may be lost at any time, but must never be half of one linking and half of another.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _have(self, names: list[str]) -> bool:
        there = {row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return there >= set(names)

    def _start_anew(self, names: list[str]) -> None:
        for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            self._connection.execute(f'DROP TABLE "{name}"')
        for name in names:
            self._connection.execute(f'CREATE TABLE "{name}" (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID')
