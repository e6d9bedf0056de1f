"""JSON Lines enter: one article or one reading record a line; Articles and RecordLines leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from kg.articles.clean import check_size, decode
from kg.articles.objects import item_of
from kg.articles.values import Given, Item
from kg.errors import ArticleError

# Escapes ("\u2019") make a line up to six times as long as its text.
_LONGEST_LINE = 12_000_000


@dataclass(frozen=True, slots=True)
class JsonLinesFormat:
    """Files of one JSON object a line, UTF-8; empty lines are let pass."""

    name: str = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")

    def sniff(self, source: bytes, origin: str) -> bool:
        """Tell by a first line that is an object with another one after it; by an object where the name says so."""
        start = source.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith(b"{"):
            return False
        if origin.lower().endswith(self.suffixes):
            return True
        first, _, rest = start.partition(b"\n")
        return first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{"

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        found = False
        for number, (start, end) in enumerate(_lines(source), start=1):
            if end - start < 100 and not source[start:end].strip():
                continue
            found = True
            try:
                yield _item(source, start, end, number, given)
            except ArticleError as error:
                yield error
        if not found:
            yield ArticleError(f"{given.origin}: the file is empty; write one JSON object a line")


FORMAT = JsonLinesFormat()


def _lines(source: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each line begins and ends; only LF ends one (U+2028 may stand inside a JSON string)."""
    start = len(b"\xef\xbb\xbf") if source.startswith(b"\xef\xbb\xbf") else 0
    while start < len(source):
        end = source.find(b"\n", start)
        end = len(source) if end < 0 else end
        yield start, end
        start = end + 1


def _item(source: bytes, start: int, end: int, number: int, given: Given) -> Item:
    place = f"{given.origin}, line {number}"
    if end - start > _LONGEST_LINE:  # before the line is copied: it may be a gigabyte
        check_size(end - start, origin=place)
    line = source[start:end]
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        decode(line, origin=given.origin, offset=start)  # names the byte, when that is what is wrong
        raise ArticleError(
            f"{place}, character {error.pos + 1}: this is no JSON ({error.msg}); mend the line"
        ) from None
    return item_of(data, given.at(f"{given.origin}:{number}"), place=place, number=number)
