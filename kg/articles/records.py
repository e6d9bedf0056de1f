"""The pieces of a WARC or ARC file enter, its records leave; a broken record is told and the next one is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import ArticleError

# A record's block is held in memory; a longer one is skipped and told.
LONGEST = 64_000_000
_LONGEST_HEAD = 65_536
_VERSION = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\r?\n")
# URL (spaces are found in it), IP address, date, media type, length
_ARC = re.compile(
    rb"([a-zA-Z][^\r\n]{1,4000}?) ([\d.]{7,15}|[0-9a-fA-F:]{2,39}) (\d{8,20}) (\S{1,200}) (-?\w{1,20})\r?\n"
)
_BEGIN = re.compile(rb"(?:^|\n)(?:WARC/(?:0\.1[78]|1\.[01])\r?\n)")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``headers`` with names in lower case ("url", "type" and "date" of an ARC), and its block.

    ``cut`` is true where the file ends, or the next record begins, before the stated length is reached.
    """

    number: int
    headers: dict[str, str]
    block: bytes
    cut: bool = False


class Stream:
    """A window over pieces of bytes: only what is needed is held."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()
        self._broken: ArticleError | None = None

    def fill(self, size: int) -> bytearray:
        """Hold this many bytes, fewer at the end; what breaks off is an end."""
        while len(self._held) < size and self._broken is None:
            try:
                piece = next(self._pieces, None)
            except ArticleError as error:
                self._broken = error
                break
            if piece is None:
                break
            self._held += piece
        return self._held

    def drop(self, size: int) -> None:
        del self._held[:size]

    @property
    def broken(self) -> ArticleError | None:
        """Return what cut the pieces short, if something did."""
        return self._broken


def records(pieces: Iterator[bytes], *, origin: str) -> Iterator[Record | ArticleError]:
    """Yield the records of a WARC or ARC in order, and an ArticleError for each that can't be read."""
    stream = Stream(pieces)
    number = 0
    while _skip_blank(stream):
        number += 1
        place = f"{origin}, record {number}"
        is_arc = not stream.fill(16).startswith(b"WARC/")
        try:
            headers, size = _arc_head(stream, place) if is_arc else _warc_head(stream, place)
            block, cut = _block(stream, size, place, is_arc=is_arc)
            yield Record(number, headers, block, cut)
        except ArticleError as error:
            yield error
            if not _resume(stream, is_arc=is_arc):
                break
    if stream.broken is not None:
        yield stream.broken


def _skip_blank(stream: Stream) -> bool:
    while True:
        held = stream.fill(4096)
        if not held:
            return False
        blank = len(held) - len(held.lstrip(b"\r\n \t"))
        stream.drop(blank)
        if blank < len(held) or not blank:
            return True


def _warc_head(stream: Stream, place: str) -> tuple[dict[str, str], int]:
    held = stream.fill(_LONGEST_HEAD)
    if _VERSION.match(held) is None:
        raise ArticleError(f"{place}: no WARC record begins here; the records up to the next one are left out")
    ends = [(held.find(mark, 0, _LONGEST_HEAD), len(mark)) for mark in (b"\r\n\r\n", b"\n\n")]
    end, length = min((one for one in ends if one[0] >= 0), default=(-1, 0))
    if end < 0:
        raise ArticleError(f"{place}: the headers of the record never end; it is left out")
    headers: dict[str, str] = {}
    for line in bytes(held[:end]).decode("utf-8", "replace").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip().strip("<>")
    stated = headers.get("content-length", "")
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 16):
        raise ArticleError(f"{place}: its Content-Length is {stated[:40]!r}, no length; it is left out")
    stream.drop(end + length)
    return headers, int(stated)


def _arc_head(stream: Stream, place: str) -> tuple[dict[str, str], int]:
    found = _ARC.match(stream.fill(8192))
    if found is None:
        raise ArticleError(f"{place}: no ARC record begins here; what follows up to the next one is left out")
    url, _, day, kind, length = (part.decode("utf-8", "replace") for part in found.groups())
    if not length.isdecimal():
        raise ArticleError(f"{place}: its length is {length!r}; it is left out")
    stream.drop(found.end())
    return {"url": url, "date": day, "type": kind}, int(length)


def _block(stream: Stream, size: int, place: str, *, is_arc: bool) -> tuple[bytes, bool]:
    if size > LONGEST:
        # The length may be a lie: the next record is looked for from here on, not so far away.
        raise ArticleError(
            f"{place}: it states {size:,} bytes, more than the {LONGEST:,} of one record; it is left out"
        )
    held = stream.fill(size + 4)
    block = bytes(held[:size])
    after = bytes(held[size : size + 4])
    if len(block) == size and not (after.strip(b"\r\n") and not is_arc):
        stream.drop(size)
        return block, False
    # Cut off, or the length is a lie: the block ends where the next record begins.
    following = None if is_arc else _BEGIN.search(held)
    end = following.start() if following else len(held) if len(block) < size else size
    block = bytes(held[:end])
    stream.drop(end)
    return block.rstrip(b"\r\n") if following else block, True


def _resume(stream: Stream, *, is_arc: bool) -> bool:
    """Move on to where the next record seems to begin; False at the end."""
    first = True
    while True:
        held = stream.fill(1 << 20)
        start = 1 if first else 0
        found = re.compile(rb"\n" + _ARC.pattern).search(held, start) if is_arc else _BEGIN.search(held, start)
        if found:
            stream.drop(found.start() + 1)
            return True
        before = len(held)
        if before < 1 << 20:
            return False
        stream.drop(before - 8192)
        first = False
