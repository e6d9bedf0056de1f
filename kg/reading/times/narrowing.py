"""A meaning and what narrows it enter ("late", "the end of", a part of the day, a clock time); the narrower leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kg.reading.times import calendar
from kg.reading.times.amounts import clock_time
from kg.reading.times.calendar import Point
from kg.reading.times.context import Context, Meaning
from kg.reading.times.words import key


def narrow(core: Meaning, word: str, context: Context) -> Meaning:
    """Narrow a time by "late", "the end of" or a part of the day. TIMEX3 keeps the value and says it in ``mod``."""
    kinds = context.words.kinds
    word = key(word)
    code = kinds["part"].get(word) or kinds["edge"].get(word) or kinds["side"][word]
    point = core.point
    if point is None:
        if code in ("MO", "MI", "AF", "EV", "NI") and core.type == "DATE":
            return replace(core, value=f"{core.value}T{code}", type="TIME")
        return core
    if code in ("MO", "MI", "AF", "EV", "NI"):
        return replace(core, value=f"{point.value}T{code}", type="TIME") if point.precision == "day" else core
    edges = _EDGES.get(point.precision)
    if edges is None or code not in edges:
        return core
    if code == "END" and word in ("end", "close"):
        last = _end(point)
        return replace(core, edtf=f"{last - timedelta(days=0)}~") if last is not None else core
    return replace(core, edtf=_third(point, *edges[code]))


_EDGES: dict[str, dict[str, tuple[int, int]]] = {
    # By thirds: days of a month, months of a year, years of a decade or century.
    "month": {"START": (1, 10), "MID": (11, 20), "END": (21, 31)},
    "year": {"START": (1, 4), "MID": (5, 8), "END": (9, 12)},
    "decade": {"START": (0, 3), "MID": (4, 6), "END": (7, 9)},
    "century": {"START": (0, 33), "MID": (34, 66), "END": (67, 99)},
}


def _third(point: Point, first: int, last: int) -> str:
    start = point.start
    if point.precision == "month":
        end = _end(point)
        assert end is not None
        return f"{start.replace(day=first)}/{min(end, start + timedelta(days=last - 1))}"
    if point.precision == "year":
        return f"{start.year:04}-{first:02}/{start.year:04}-{last:02}"
    return f"{start.year + first:04}/{start.year + last:04}"


def _end(point: Point) -> date | None:
    unit = {"month": "P1M", "year": "P1Y"}.get(point.precision)
    return calendar.shift(point.start, unit, 1) - timedelta(days=1) if unit else None


def clocked(core: Meaning, clock: dict[str, str], context: Context) -> Meaning:
    read = clock_time(clock, context)
    if read is None:
        return core
    value, edtf = read
    if core.point is None or core.edtf is None:
        return replace(core, value=f"{core.value}T{value}", type="TIME")
    return replace(core, value=f"{core.point.value}T{value}", edtf=f"{core.point.value}T{edtf}", type="TIME")
