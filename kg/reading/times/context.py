"""What a time expression is counted from, and what it was found to mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kg.model import Resolution, TimexType
from kg.reading.times.calendar import Point
from kg.reading.times.words import Words


@dataclass(frozen=True, slots=True)
class Context:
    """``today`` is the day that "yesterday" counts from, ``focus`` the time last named, ``ahead`` the sentence's tense.

    ``before`` and ``after`` are the text around the expression, as far as its paragraph goes; ``how`` is the
    resolution of what counts from today.
    """

    words: Words
    today: date | None
    how: Resolution
    focus: Point | None
    ahead: Callable[[], int]
    before: str
    after: str
    marked: bool  # the model took the words for a time

    def counted(self, point: Point) -> Meaning:
        """Return the meaning of what counts from today."""
        assert self.today is not None
        return Meaning(point.value, point.edtf, "DATE", self.how, self.today.isoformat(), point)

    def referred(self, point: Point, anchor: Point) -> Meaning:
        """Return the meaning of what counts from a time named before."""
        return Meaning(point.value, point.edtf, "DATE", "anaphoric", anchor.edtf, point)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A TIMEX3 value with its EDTF; ``point`` is what later expressions may refer to."""

    value: str
    edtf: str | None
    type: TimexType
    resolution: Resolution
    anchor: str | None = None
    point: Point | None = None


def explicit(point: Point) -> Meaning:
    """Return the meaning of what the text gives in full."""
    return Meaning(point.value, point.edtf, "DATE", "explicit", None, point)


def symbolic(value: str, kind: TimexType = "DATE") -> Meaning:
    """Return the meaning of what nothing in the text resolves."""
    return Meaning(value, None, kind, "unresolved")
