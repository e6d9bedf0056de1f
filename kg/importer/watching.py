"""A folder or addresses are looked at again and again; what is new there is imported as it comes."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from kg.articles import sources
from kg.articles.fetch import Fetcher, GoneError, Page
from kg.errors import ArticleError, KgError, StoreBusy, UsageError
from kg.importer import ImportReport
from kg.importer.feedmemory import FeedMemory

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORTEST = 1.0  # seconds between two looks at a folder
Source = tuple[str, bytes | KgError]
News = Sequence[str | Path | Source]


class Watched(Protocol):
    """Something that has news now and then."""

    @property
    def over(self) -> bool:
        """Whether there will never be news again."""

    def news(self) -> News:
        """Return the paths that are to be loaded now, or what was fetched; empty when there is nothing new.

        What was not :meth:`taken` is news at the next look again.
        """

    def taken(self) -> None:
        """Hear that the last news were imported."""


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
        self._given: dict[Path, tuple[int, int]] = {}

    over = False

    def news(self) -> Sequence[Path]:
        now = dict(self._look())
        self._given = {
            file: stamp
            for file, stamp in now.items()
            if self._last.get(file) == stamp and self._taken.get(file) != stamp
        }
        self._last = now
        return sorted(self._given)

    def taken(self) -> None:
        self._taken |= self._given

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
    """Feeds and pages. A server is asked whether they are as at the last look; what is, is no news.

    Args:
        memory: What they had at the last look; None: every look fetches and gives all.
        fetcher: Makes what fetches, anew for each look, so that a robots.txt is asked for again.

    One that can't be had is told at each look and asked again at the next; one that is gone for good (410) is told
    once.
    """

    def __init__(
        self, urls: Sequence[str], *, memory: FeedMemory | None, fetcher: Callable[[], Fetcher] = Fetcher
    ) -> None:
        self._urls = list(dict.fromkeys(urls))
        self._memory = memory
        self._fetcher = fetcher
        self._given: dict[str, Page] = {}
        self._gone: set[str] = set()

    @property
    def over(self) -> bool:
        return not self._urls

    def news(self) -> Sequence[Source]:
        self._given, fetcher = {}, self._fetcher()
        found: list[Source] = []
        for url in self._urls:
            known = self._memory.known(url) if self._memory else None
            page = fetcher.ask(url, known.validators if known else None)
            if isinstance(page, ArticleError):
                found.append((url, page))
                if isinstance(page, GoneError):
                    self._gone.add(url)
            elif page.body is not None:
                self._given[url] = page
                if known is None or known.sha256 != hashlib.sha256(page.body).hexdigest():
                    found.append((url, page.body))
        return found

    def taken(self) -> None:
        self._urls = [url for url in self._urls if url not in self._gone]
        if self._memory is None or not (self._given or self._gone):
            return
        for url, page in self._given.items():
            self._memory.learn(url, page.body or b"", page.validators)
        for url in self._gone:
            self._memory.forget(url)
        self._memory.keep()


def watch(
    watched: Sequence[Watched],
    take: Callable[[Iterable[Source]], ImportReport],
    *,
    every: float,
    rounds: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
    busy: Callable[[StoreBusy], None] | None = None,
) -> Iterator[ImportReport]:
    """Look every so many seconds and yield what each import that had something to do gave; ``rounds`` None: as long as
    there can be news.

    ``take`` imports; it opens and closes the store itself, so that others may write between two looks. Where one
    writes just then, ``busy`` is told (None: it is raised) and the next look tries again.
    """
    number = 0
    while (rounds is None or number < rounds) and not all(one.over for one in watched):
        if number:
            sleep(max(every, _SHORTEST))
        number += 1
        found = [(one, one.news()) for one in watched if not one.over]
        news = [item for _, items in found for item in items]
        try:
            report = take(_opened(news)) if news else None
        except StoreBusy as error:
            if busy is None:
                raise
            busy(error)
            continue
        for one, _ in found:
            one.taken()
        if report is not None:
            yield report


def _opened(news: News) -> Iterator[Source]:
    for item in news:
        if isinstance(item, tuple):
            yield item
        else:
            yield from sources([item])


def seconds(words: str) -> float:
    """Read "90", "90s", "15m", "2h" or "1d". Raises UsageError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", words.strip())
    if match is None or not float(match[1]):
        raise UsageError(f"--every: {words!r} is no span of time; write it like 90s, 15m or 2h")
    return float(match[1]) * _UNITS[match[2] or "s"]
