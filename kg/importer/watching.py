"""A folder or addresses are looked at again and again; what is new there is imported as it comes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from kg.articles import sources
from kg.errors import KgError, UsageError
from kg.importer import ImportReport

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORTEST = 1.0  # seconds between two looks at a folder
Source = tuple[str, bytes | KgError]
Look = Callable[[Sequence[str | Path]], Iterable[Source]]


class Watched(Protocol):
    """Something that has news now and then."""

    def news(self) -> Sequence[str | Path]:
        """Return the paths or addresses that are to be loaded now; empty when there is nothing new."""


class Folder:
    """The files of a folder that some format reads, once they stand still.

    A file is news when its size and time are the same at two looks, so that one that is still being written waits, and
    are not those that it was imported with.
    """

    def __init__(self, root: Path, find: Callable[[Path], Iterable[Path]]) -> None:
        if not root.is_dir():
            raise UsageError(f"--watch: {root} is no folder; make it first")
        self._root = root
        self._find = find
        self._last: dict[Path, tuple[int, int]] = {}
        self._taken: dict[Path, tuple[int, int]] = {}

    def news(self) -> Sequence[Path]:
        now = dict(self._look())
        settled = [
            file for file, stamp in now.items() if self._last.get(file) == stamp and self._taken.get(file) != stamp
        ]
        self._last = now
        self._taken |= {file: now[file] for file in settled}
        return sorted(settled)

    def _look(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        try:
            files = list(self._find(self._root))
        except KgError:
            return  # an empty folder is no error while one waits for files
        for file in files:
            try:
                found = file.stat()
            except OSError:
                continue  # gone between the two looks
            yield file, (found.st_size, found.st_mtime_ns)


class Addresses:
    """Feeds and pages: all of them, at every look. What they had the last time is there unchanged."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = tuple(urls)

    def news(self) -> Sequence[str]:
        return self._urls


def watch(
    watched: Sequence[Watched],
    take: Callable[[Iterable[Source]], ImportReport],
    *,
    every: float,
    private: bool = False,
    rounds: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ImportReport]:
    """Look every so many seconds and yield what each import that had something to do gave; ``rounds`` None: for ever;
    ``private`` lets addresses of private networks be fetched.

    ``take`` imports; it opens and closes the store itself, so that others may write between two looks.
    """
    number = 0
    while rounds is None or number < rounds:
        if number:
            sleep(max(every, _SHORTEST))
        number += 1
        news = [item for one in watched for item in one.news()]
        if news:
            yield take(sources(news, private=private))


def seconds(words: str) -> float:
    """Read "90", "90s", "15m", "2h" or "1d". Raises UsageError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", words.strip())
    if match is None or not float(match[1]):
        raise UsageError(f"--every: {words!r} is no span of time; write it like 90s, 15m or 2h")
    return float(match[1]) * _UNITS[match[2] or "s"]
