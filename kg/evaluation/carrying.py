"""A record whose text was cleaned enters, its spans in the original text leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any

from kg.model import Span

# Enough of an article to know it again: its head and its first paragraphs.
HEAD = 1500


def closest(records: Sequence[Any], text: str) -> Any:
    """Return the record whose text is this one, else the one whose head resembles it most."""
    for record in reversed(records):
        if record["article"]["text"] == text:
            return record
    return max(records, key=lambda record: _likeness(record["article"]["text"], text))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:HEAD], other[:HEAD], autojunk=False).quick_ratio()


class Carrier:
    """Carries offsets of one text over to another by the stretches that both have."""

    def __init__(self, text: str, original: str) -> None:
        if text == original:
            self._blocks = [(0, 0, len(text))]
        else:
            matcher = SequenceMatcher(None, text, original, autojunk=False)
            self._blocks = [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]

    def spans(self, spans: Iterable[Any]) -> list[Span]:
        """Return the spans in the original; those with an end that is not in it, and empty ones, are left out."""
        carried = []
        for span in spans:
            start, end = self._offset(span["start"]), self._offset(span["end"])
            if start is not None and end is not None and end > start:
                carried.append(Span(start, end))
        return carried

    def _offset(self, offset: int) -> int | None:
        return next((b + offset - a for a, b, size in self._blocks if a <= offset <= a + size), None)
