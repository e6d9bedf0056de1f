"""Years, decades, centuries, quarters and seasons enter; their meanings leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kg.reading.times import calendar
from kg.reading.times.context import Context, Meaning, explicit, symbolic
from kg.reading.times.direction import AHEAD
from kg.reading.times.grammar import Found
from kg.reading.times.parts import century_of, move_of
from kg.reading.times.words import key

_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|until|till|by|of|from|to|through|during|for|before|after|and|between|or|the|circa|year|early|late|mid"
    r"|around|about|than|as of|our|its|their|his|her|back in|a)[ \n]+$|[-–—/(,;:.—][ ]*$|\bmid-$|^[ ]*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"[ -](?:people|persons?|men|women|children|troops|soldiers|fighters|workers|employees|jobs|dollars|euros|pounds"
    r"|miles|kilomet|meters|metres|feet|acres|hectares|tons|tonnes|votes|points|cases|deaths|copies|units|seats|homes"
    r"|houses|cars|vehicles|others|students|members|delegates|protest[eo]rs|demonstrators|refugees|migrants|victims"
    r"|passengers|residents|km|kg|mph|mm|cm|mw|am|pm|or so|percent|per cent|million|billion|times|pages|words|hours"
    r"|days|years|block|street|avenue|road)",
    re.IGNORECASE,
)


def _decade(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    if "decade" in parts:
        return explicit(calendar.decade(int(parts["decade"])))
    tens = ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"]
    short = int(parts["short"]) if "short" in parts else 20 + 10 * tens.index(key(parts["word"]))
    if "short" in parts and re.match(r"[ ](?:and|or|percent)\b", context.after) and "'" not in parts["short"]:
        return None
    return explicit(calendar.decade(1900 + short))


def _century(found: Found, context: Context) -> Meaning | None:
    word = key(found.parts["nth"])
    number = int(re.sub(r"\D", "", word)) if word[0].isdigit() else int(context.words.value("ordinal", word))
    if word in ("last", "final"):
        return None
    if re.match(r"[ ]*B\.?C", context.after):
        return Meaning(f"BC{number - 1:02}", None, "DATE", "explicit")
    return explicit(calendar.century(number)) if number > 0 else None


def _quarter(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    nth = key(parts.get("nth", "")) or parts["number"]
    number = int(nth[0]) if nth[0].isdigit() else int(context.words.value("ordinal", nth))
    if not 1 <= number <= 4:
        return None
    if "year" in parts:
        return explicit(calendar.quarter(int(parts["year"]), number))
    if context.today is None:
        return symbolic(f"XXXX-Q{number}")
    move = move_of(parts, context)
    if move is not None:
        return context.counted(calendar.quarter(context.today.year + move, number))
    # Figures of a quarter are published after it, unless the sentence looks ahead.
    now = (context.today.month + 2) // 3
    if context.ahead() == AHEAD:
        return context.counted(calendar.quarter(context.today.year + (number < now), number))
    return context.counted(calendar.quarter(context.today.year - (number > now), number))


def _half(found: Found, context: Context) -> Meaning | None:
    number = 1 if key(found.parts["nth"]) == "first" else 2
    if "year" in found.parts:
        return explicit(calendar.half(int(found.parts["year"]), number))
    if context.today is None:
        return symbolic(f"XXXX-H{number}")
    return context.counted(calendar.half(context.today.year + (move_of(found.parts, context) or 0), number))


def _fiscal(found: Found, context: Context) -> Meaning | None:
    digits = found.parts.get("year") or found.parts["short"]
    year = int(digits) if len(digits) == 4 else century_of(digits)
    # A financial year is not the calendar's: about that year.
    return Meaning(f"FY{year}", f"{year:04}~", "DATE", "explicit", None, calendar.year(year))


def _season(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    code = context.words.value("season", parts["season"])
    if "year" in parts:
        return explicit(calendar.season(int(parts["year"]), code))
    move = move_of(parts, context)
    named = move is not None
    if not named and not (
        ("the" in parts or found.edge)
        and re.search(r"\b(?:in|during|since|by|until|over|through|of|for)[ ]$", context.before)
    ):
        return None
    if parts["season"][0].isupper() and re.match(r"[ ][A-Z]", context.after):
        return None  # the Winter Carnival
    if context.today is None:
        return symbolic(f"XXXX-{code}")
    today = context.today
    first = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}[code]
    began = date(today.year, first, 1)
    inside = began <= today < began + timedelta(days=92) or (code == "WI" and today.month < 3)
    latest = today.year if began <= today else today.year - 1
    if "move2" in parts:
        year = today.year + (move or 0)
    elif move == -1:
        year = latest - inside
    elif move == 1 or (move is None and context.ahead() == AHEAD and not inside):
        year = latest + 1
    elif move == 0 and not inside:
        # "this summer" before the summer is the one to come, after it the one that was.
        year = today.year
    else:
        year = latest
    return context.counted(calendar.season(year, code))


def _year(found: Found, context: Context) -> Meaning | None:
    if "short" in found.parts:
        if not re.search(
            r"\b(?:in|since|of|from|until|by|and|to|class of|the|during|before|after)[ ]$", context.before
        ):
            return None
        return explicit(calendar.year(century_of(found.parts["short"])))
    number = int(found.parts["year"])
    if not context.marked and not 1950 <= number <= 2039 and re.match(r" [a-z]+s\b", context.after):
        return None  # a survey of 1709 schoolchildren
    if _COUNTED.match(context.after) or re.search(r"(?:[$€£¥#№]|\bNo\.?|\bnumber|US\$)[ ]?$", context.before):
        return None
    if re.match(r"[/-]\d{3,}|\s?[-–]\d{4,}-|:\d|\s?(?:hrs|GMT|UTC)\b", context.after):
        return None
    if not 1900 <= number <= 2059 and not (
        1500 <= number < 2100 and re.search(r"\b(?:in|since|of|from|until|by)[ ]$", context.before)
    ):
        return None
    if not (_YEAR_BEFORE.search(context.before) or context.marked or re.match(r"\W*$|\W*[.,;)\n]", context.after)):
        if not 1950 <= number <= 2039:
            return None
        if not re.search(r"[A-Z][\w']+ $", context.before) and not re.match(r" [A-Z]", context.after):
            return None
    return explicit(calendar.year(number))


def _year_end(found: Found, context: Context) -> Meaning | None:
    if context.today is None:
        return symbolic("XXXX")
    point = calendar.year(context.today.year)
    return replace(context.counted(point), edtf=f"{point.value}-12-31", value=f"{point.value}-12-31")


MEANINGS: dict[str, Callable[[Found, Context], Meaning | None]] = {
    "decade": _decade,
    "century": _century,
    "quarter": _quarter,
    "half": _half,
    "fiscal": _fiscal,
    "season": _season,
    "year": _year,
    "year_end": _year_end,
}
