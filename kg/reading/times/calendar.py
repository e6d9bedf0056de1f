"""Dates enter, times of the calendar leave: the TIMEX3 value of a day, week, month … beside its EDTF."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Precision = Literal[
    "day", "week", "weekend", "month", "quarter", "half", "season", "year", "decade", "century", "other"
]
# EDTF's season codes without a hemisphere.
_SEASON = {"SP": 21, "SU": 22, "FA": 23, "WI": 24}
_SEASON_MONTH = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the calendar: its TIMEX3 value, its EDTF, how fine it is and its first day."""

    value: str
    edtf: str
    precision: Precision
    start: date


def day(of: date) -> Point:
    return Point(of.isoformat(), of.isoformat(), "day", of)


def week(of: date) -> Point:
    """ISO week: Monday to Sunday."""
    year, number, weekday = of.isocalendar()
    monday = of - timedelta(days=weekday - 1)
    return Point(f"{year:04}-W{number:02}", f"{monday}/{monday + timedelta(days=6)}", "week", monday)


def weekend(of: date) -> Point:
    """Saturday and Sunday of the ISO week."""
    whole = week(of)
    saturday = whole.start + timedelta(days=5)
    return Point(f"{whole.value}-WE", f"{saturday}/{saturday + timedelta(days=1)}", "weekend", saturday)


def month(year: int, number: int) -> Point:
    """``number`` may lie outside 1 to 12: 0 is December of the year before."""
    year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
    return Point(f"{year:04}-{number:02}", f"{year:04}-{number:02}", "month", date(year, number, 1))


def quarter(year: int, number: int) -> Point:
    """``number`` may lie outside 1 to 4."""
    year, number = year + (number - 1) // 4, (number - 1) % 4 + 1
    return Point(f"{year:04}-Q{number}", f"{year:04}-{32 + number}", "quarter", date(year, number * 3 - 2, 1))


def half(year: int, number: int) -> Point:
    first = number * 6 - 5
    return Point(f"{year:04}-H{number}", f"{year:04}-{first:02}/{year:04}-{first + 5:02}", "half", date(year, first, 1))


def season(year: int, code: str) -> Point:
    return Point(f"{year:04}-{code}", f"{year:04}-{_SEASON[code]}", "season", date(year, _SEASON_MONTH[code], 1))


def year(number: int) -> Point:
    return Point(f"{number:04}", f"{number:04}", "year", date(number, 1, 1))


def decade(first: int) -> Point:
    return Point(f"{first // 10:03}", f"{first // 10:03}X", "decade", date(max(first, 1), 1, 1))


def century(number: int) -> Point:
    """The 20th is ``19`` in TIMEX3 and 19XX in EDTF."""
    return Point(f"{number - 1:02}", f"{number - 1:02}XX", "century", date(max((number - 1) * 100, 1), 1, 1))


def around(of: date, precision: Precision) -> Point:
    """Return the stretch of this precision that holds a day."""
    match precision:
        case "week":
            return week(of)
        case "weekend":
            return weekend(of)
        case "month":
            return month(of.year, of.month)
        case "quarter":
            return quarter(of.year, (of.month + 2) // 3)
        case "half":
            return half(of.year, 1 if of.month < 7 else 2)
        case "year":
            return year(of.year)
        case "decade":
            return decade(of.year // 10 * 10)
        case "century":
            return century(of.year // 100 + 1)
        case _:
            return day(of)


UNITS: dict[str, Precision] = {
    "P1D": "day", "P1W": "week", "P2W": "week", "P1WE": "weekend", "P1M": "month", "P1Q": "quarter", "P1Y": "year",
    "P10Y": "decade", "P100Y": "century",
}  # fmt: skip


def shift(of: date, unit: str, count: int) -> date:
    """Return the day ``count`` units of a TIMEX3 duration away; a month has no 31st: its last day.

    OverflowError or ValueError where the calendar ends.
    """
    match unit:
        case "P1D":
            return of + timedelta(days=count)
        case "P1W" | "P1WE":
            return of + timedelta(weeks=count)
        case "P2W":
            return of + timedelta(weeks=2 * count)
        case "P1M":
            return _months(of, count)
        case "P1Q":
            return _months(of, 3 * count)
        case "P1Y":
            return _months(of, 12 * count)
        case "P10Y":
            return _months(of, 120 * count)
        case "P100Y":
            return _months(of, 1200 * count)
    raise ValueError(unit)


def _months(of: date, count: int) -> date:
    years, number = divmod(of.year * 12 + of.month - 1 + count, 12)
    if not 1 <= years <= 9999:
        raise ValueError(f"the calendar has no year {years}")
    return date(years, number + 1, min(of.day, monthrange(years, number + 1)[1]))


def easter(year: int) -> date:
    """Return Easter Sunday of the Western churches (the anonymous Gregorian algorithm, Meeus 1991)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    n = (2 * e + 2 * i - k - h + m + 32) % 7
    number = (h - m + n + 90) // 25
    return date(year, number, (h - m + n + number + 19) % 32)


def nth_weekday(year: int, number: int, weekday: int, nth: int) -> date:
    """Return the nth such weekday (1 is Monday) of a month; ``nth`` -1 is the last."""
    if nth > 0:
        first = date(year, number, 1)
        return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (nth - 1))
    last = date(year, number, monthrange(year, number)[1])
    return last - timedelta(days=(last.isoweekday() - weekday) % 7)
