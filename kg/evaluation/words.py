"""Spans enter, the words in them leave, and the best pairing of two lists of such word sets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.model import Span

Overlap = tuple[float, int, int]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    r"""The words (``\w+``) of a text, in order."""

    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> Words:
        found = list(_WORD.finditer(text))
        return cls([word.start() for word in found], [word.end() for word in found])

    def within(self, spans: Iterable[Span]) -> frozenset[int]:
        """Return the numbers of the words that share a character with one of the spans."""
        numbers: set[int] = set()
        for span in spans:
            numbers.update(range(bisect_right(self.ends, span.start), bisect_left(self.starts, span.end)))
        return frozenset(numbers)


def pair(gold: Sequence[frozenset[int]], predicted: Sequence[frozenset[int]]) -> list[Overlap]:
    """Pair gold and predicted word sets one to one, the largest overlap first.

    The overlap is the intersection over the union (IoU). Of equal overlaps the later gold, then the later prediction
    goes first, as in the published scorers, so that their figures can be compared digit for digit.
    """
    overlaps = sorted(
        (
            (len(one & other) / len(one | other), i, j)
            for i, one in enumerate(gold)
            for j, other in enumerate(predicted)
            if one & other
        ),
        reverse=True,
    )
    taken_gold: set[int] = set()
    taken: set[int] = set()
    pairs = []
    for overlap in overlaps:
        _, i, j = overlap
        if i not in taken_gold and j not in taken:
            taken_gold.add(i)
            taken.add(j)
            pairs.append(overlap)
    return pairs
