"""Words enter; the full calendar date that they print leaves, as YYYY-MM-DD."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from kg.lines.words import lists

_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DOTS = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_SLASHES = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as printed: its ISO form and where it stands in the words given."""

    iso: str
    start: int
    end: int


def full_date(words: str, language: str = "en") -> PrintedDate | None:
    """Return the first full date in these words: day, month and year, else None.

    "27.2.2022" is day before month; "02/27/2022" counts only if one of the two numbers can't be a month, since
    nothing says which comes first.
    """
    for pattern, order in (
        (lists(language).month_day_year, ("m", "d", "y")),
        (lists(language).day_month_year, ("d", "m", "y")),
        (_ISO, ("y", "m", "d")),
        (_DOTS, ("d", "m", "y")),
        (_SLASHES, ("?", "?", "y")),
    ):
        for found in pattern.finditer(words):
            parts = dict(zip(order, found.groups(), strict=True)) if "?" not in order else _order(*found.groups())
            iso = _iso(parts, language)
            if iso:
                return PrintedDate(iso, found.start(), found.end())
    return None


def _order(first: str, second: str, year: str) -> dict[str, str]:
    if int(first) > 12:
        return {"d": first, "m": second, "y": year}
    if int(second) > 12:
        return {"m": first, "d": second, "y": year}
    return {"m": first, "d": second, "y": year} if first == second else {}


def _iso(parts: dict[str, str], language: str) -> str | None:
    if not parts:
        return None
    month = lists(language).months.get(parts["m"].lower().rstrip(".")) or (
        int(parts["m"]) if parts["m"].isdigit() else 0
    )
    try:
        return date(int(parts["y"]), month, int(parts["d"])).isoformat()
    except ValueError:
        return None
