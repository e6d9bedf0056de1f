"""Raw bytes go in and are durable under their sha256; the store can be rebuilt from spool and journal alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kg import crash
from kg.errors import NotFound, StoreError


class Spool(Protocol):
    """The bytes that were received, by the hexadecimal sha256 of exactly those bytes."""

    def put(self, raw: bytes) -> str:
        """Keep these bytes, durable when it returns, and return their sha256. The same bytes twice cost nothing."""

    def get(self, sha256: str) -> bytes:
        """Return the bytes. Raises NotFound when there are none, StoreError when they are not what was received."""

    def drop(self, sha256: str) -> None:
        """Forget these bytes, if they are there."""

    def __contains__(self, sha256: object) -> bool: ...

    def __iter__(self) -> Iterator[str]:
        """Yield the sha256 of all that is kept, sorted."""


class MemorySpool:
    """A spool that lives and dies with the process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, raw: bytes) -> str:
        sha256 = hashlib.sha256(raw).hexdigest()
        self._kept[sha256] = raw
        return sha256

    def get(self, sha256: str) -> bytes:
        if sha256 not in self._kept:
            raise NotFound(f"The spool holds no bytes with the sha256 {sha256}")
        return self._kept[sha256]

    def drop(self, sha256: str) -> None:
        self._kept.pop(sha256, None)

    def __contains__(self, sha256: object) -> bool:
        return sha256 in self._kept

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._kept))


class DiskSpool:
    """A spool of one file each: ``DIR/spool/<sha256>``."""

    def __init__(self, root: Path) -> None:
        self._root = root / "spool"

    def put(self, raw: bytes) -> str:
        sha256 = hashlib.sha256(raw).hexdigest()
        if sha256 not in self:
            self._root.mkdir(exist_ok=True)
            write_durably(self._root / sha256, raw)
        return sha256

    def get(self, sha256: str) -> bytes:
        try:
            raw = (self._root / sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"{self._root} holds no bytes with the sha256 {sha256}") from None
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise StoreError(f"{self._root / sha256} was changed since it was received; give the file again")
        return raw

    def drop(self, sha256: str) -> None:
        (self._root / sha256).unlink(missing_ok=True)
        if self._root.exists():
            fsync_directory(self._root)

    def __contains__(self, sha256: object) -> bool:
        return isinstance(sha256, str) and (self._root / sha256).is_file()

    def __iter__(self) -> Iterator[str]:
        if not self._root.exists():
            return iter(())
        return iter(sorted(path.name for path in self._root.iterdir() if path.suffix != ".tmp"))


def write_durably(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary file, fsync, rename, fsync of the directory. Raises StoreError."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with scratch.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        crash.point("spool-written")
        scratch.replace(path)
        fsync_directory(path.parent)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise StoreError(f"{path} can't be written: {error.strerror or error}") from error


def fsync_directory(path: Path) -> None:
    """Make renames inside a directory durable. Does nothing where directories can't be opened (Windows)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
