"""Words for dates enter: EDTF strings leave with their first and last day, published dates become EDTF days."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from functools import lru_cache

from kg.errors import ArticleError
from kg.lines import full_date

_PLAIN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?[~?%]?", re.ASCII)
_CLOCK = re.compile(r"(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?")
_SYMBOLIC = re.compile(r"XXXX(?:-(?:\d{2}|XX))?(?:-(?:\d{2}|XX))?[~?%]?")
_OPEN = ("", "..")
# EDTF 21-24 name no hemisphere; these are the meteorological seasons of the northern one. A "winter 2022" may be
# the one that the year began with or the one that it ended with.
_SEASONS = {21: ((0, 3), (0, 5)), 22: ((0, 6), (0, 8)), 23: ((0, 9), (0, 11)), 24: ((0, 1), (1, 2))}

_COMPACT = re.compile(r"(\d{4})(/?)(\d{2})\2(\d{2})(?:T\d{4,6}(?:Z|[+-]\d{4})?)?")
_LONGEST = 80  # characters of an EDTF string: the package's parser is no place for a page of text
_SHORT = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?")


@lru_cache(maxsize=4096)
def bounds(edtf: str) -> tuple[date | None, date | None]:
    """Return the first and the last day that an EDTF string can mean; None where it is open, unknown or symbolic.

    Levels 0 to 2 of https://www.loc.gov/standards/datetime/ are read. ``XXXX-03-03`` (some year) has no bounds; of a
    timestamp both are its day as written, whatever its zone; years outside 1 to 9999 give None. ``~`` and ``?`` don't
    widen the days. Raises ValueError for what is no EDTF or names a day that no calendar has.
    """
    plain = _PLAIN.fullmatch(edtf)
    if plain is not None:
        return _whole(*(int(part) if part else None for part in plain.groups()))
    clock = _CLOCK.fullmatch(edtf)
    if clock is not None:
        day = date.fromisoformat(clock[1])
        return day, day
    if _SYMBOLIC.fullmatch(edtf):
        return _symbolic(edtf)
    if edtf.count("/") == 1:
        return _interval(edtf)
    return _by_package(edtf)


def valid(edtf: str) -> bool:
    """Tell whether :func:`bounds` can read it."""
    try:
        bounds(edtf)
    except ValueError:
        return False
    return True


def _whole(year: int | None, month: int | None, day: int | None) -> tuple[date | None, date | None]:
    assert year is not None
    if year == 0:
        return None, None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None and month in _SEASONS:
        (add, first), (more, last) = _SEASONS[month]
        return date(year + add, first, 1), _last_day(year + more, last)
    if day is None and not 1 <= month <= 12:
        return _by_package(f"{year:04}-{month:02}")
    if day is None:
        return date(year, month, 1), _last_day(year, month)
    return date(year, month, day), date(year, month, day)


def _last_day(year: int, month: int) -> date | None:
    return date(year, month, monthrange(year, month)[1]) if year <= 9999 else None


def _symbolic(edtf: str) -> tuple[None, None]:
    month, _, day = edtf.rstrip("~?%")[5:].partition("-")
    # 2000 is a leap year: some year has a Feb. 29.
    date(2000, 1 if month in ("", "XX") else int(month), 1 if day in ("", "XX") else int(day))
    return None, None


def _interval(edtf: str) -> tuple[date | None, date | None]:
    start, end = edtf.split("/")
    if start in _OPEN and end in _OPEN:
        raise ValueError(f"{edtf!r} is open at both ends")
    first = None if start in _OPEN else bounds(start)[0]
    last = None if end in _OPEN else bounds(end)[1]
    if first is not None and last is not None and first > last:
        raise ValueError(f"{edtf!r} ends before it begins")
    return first, last


def _by_package(edtf: str) -> tuple[date | None, date | None]:
    if len(edtf) > _LONGEST:
        raise ValueError(f"{edtf[:20]!r} … is {len(edtf)} characters long; a date has at most {_LONGEST}")
    # 0.2 s to import and 5 ms a string: only what is rare comes here.
    from edtf import EDTFParseException, parse_edtf

    try:
        found = parse_edtf(edtf)
        edges = found.lower_strict(), found.upper_strict()
    except (EDTFParseException, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"{edtf!r} is no EDTF: {error}") from error
    return _edge(edges[0]), _edge(edges[1])


def _edge(moment: object) -> date | None:
    year, month, day = (getattr(moment, name, None) for name in ("tm_year", "tm_mon", "tm_mday"))
    if year is None or month is None or day is None or not 1 <= year <= 9999:
        return None  # an open end is an infinite number there
    return date(year, month, day)


def parse_published(text: str) -> str:
    """Return the EDTF day of a publication date as options, metadata and feeds write it.

    ISO 8601 and RFC 3339 ("2022-02-27", "2022-02-27T23:30:00-05:00", "20220227"), RFC 822 ("Sun, 27 Feb 2022
    23:30:00 -0500") and words ("Feb. 27, 2022"). The day is the one written, not the one that it is in UTC: "today"
    in the article counts from it. "2022-02" and "2022" keep their precision. Raises ArticleError for anything else,
    also for "02/03/2022", of which nothing says which number is the month.
    """
    words = " ".join(text.split())
    compact = _COMPACT.fullmatch(words)
    try:
        if compact is not None:
            return date(int(compact[1]), int(compact[3]), int(compact[4])).isoformat()
        if _SHORT.fullmatch(words):
            bounds(words)
            return words
        if re.match(r"\d{4}-\d{2}-\d{2}(?=$|[T ])", words):
            _ = datetime.fromisoformat(words[:10])
            return words[:10]
    except ValueError:
        pass
    else:
        printed = full_date(words)
        if printed is not None:
            return printed.iso
    raise ArticleError(f"there is no date {words[:60]!r}; give one as YYYY-MM-DD (--published 2022-02-27)")
