"""What counts from a day enters ("last week", "that day", "the next morning"); its meaning leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kg.reading.times import calendar
from kg.reading.times.calendar import UNITS, Point
from kg.reading.times.context import Context, Meaning, symbolic
from kg.reading.times.direction import AHEAD
from kg.reading.times.grammar import Found
from kg.reading.times.words import key


def _unit(found: Found, context: Context) -> Meaning | None:
    word = key(found.parts["unit"])
    unit = context.words.unit(word)
    move = key(found.parts["move"])
    if unit not in UNITS:
        return None
    if move == "next" and (found.the or unit == "P1D"):
        return _from_focus(unit, 1, context)
    step = int(context.words.value("move", move))
    if word == "night" or (word == "day" and move in ("past", "last")):
        return None
    if (word in ("decade", "century") and step == -1) or (
        move in ("past",) and word not in ("year", "weekend", "week")
    ):
        if word == "century":
            return context.counted(calendar.century(context.today.year // 100)) if context.today else symbolic("XX")
        if context.today is None:
            return symbolic(unit, "DURATION")
        since = calendar.shift(context.today, unit, -1)
        return Meaning(unit, f"{since}/{context.today}", "DURATION", context.how, context.today.isoformat())
    if context.today is None:
        return symbolic(
            {"P1W": "XXXX-WXX", "P1WE": "XXXX-WXX-WE", "P1M": "XXXX-XX", "P1Y": "XXXX"}.get(unit, "XXXX-XX-XX")
        )
    return context.counted(_stretch(unit, step, context))


def _stretch(unit: str, step: int, context: Context) -> Point:
    today = context.today
    assert today is not None
    if unit == "P1WE":
        return _weekend(step, today, context)
    return calendar.around(calendar.shift(today, unit, step), UNITS[unit])


def _weekend(step: int, today: date, context: Context) -> Point:
    # From Monday to Wednesday "the weekend" and "this weekend" are the one that was, unless the sentence looks ahead.
    early = today.isoweekday() <= 3
    if step == 0 and early and context.ahead() != AHEAD:
        return calendar.weekend(today - timedelta(days=7))
    return calendar.weekend(today + timedelta(days=7 * step))


def _back(found: Found, context: Context) -> Meaning | None:
    unit = context.words.unit(found.parts["unit"])
    if unit not in UNITS or key(found.parts["unit"]) in ("night",):
        return None
    step = int(context.words.value("back", found.parts["move"]))
    return _from_focus(unit, step, context)


def _part_of_day(found: Found, context: Context) -> Meaning | None:
    """ "the next morning", "that night"; "in the evening" is the one of the day named before."""
    move = key(found.parts.get("move", ""))
    if not move and not re.search(r"\b(?:in|during|later in|earlier in)[ ]$", context.before):
        return None
    part = context.words.value("part", found.parts["part"])
    step = 1 if move == "next" else int(context.words.kinds["back"][move]) if move else 0
    result = _from_focus("P1D", step, context)
    return replace(result, value=f"{result.value}T{part}", type="TIME") if result is not None else None


def _from_focus(unit: str, step: int, context: Context) -> Meaning | None:
    fine = ("day",) if unit == "P1D" else ("day", "week", "weekend", "month", "quarter", "half", "season", "year")
    if context.focus is None or context.focus.precision not in fine:
        if step == 0 and unit == "P1D" and context.today is not None:
            return replace(context.counted(calendar.day(context.today)), resolution="inferred")
        return symbolic({"P1W": "XXXX-WXX", "P1M": "XXXX-XX", "P1Y": "XXXX"}.get(unit, "XXXX-XX-XX"))
    point = calendar.around(calendar.shift(context.focus.start, unit, step), UNITS[unit])
    return context.referred(point, context.focus)


_DAY_TAKERS = re.compile(
    r"\b(?:in|ends?|ended|ending|of|for|during|on|through|throughout|finish|finished|finishing|closed?|close out|start"
    r"|started|into)[ ]$",
    re.IGNORECASE,
)


def _the_unit(found: Found, context: Context) -> Meaning | None:
    """ "the weekend", "the year before", and "the day" where it stands like a time, not like a thing."""
    word = key(found.parts["unit"])
    unit = context.words.unit(word)
    if unit not in UNITS or word in ("night", "quarter", "century"):
        return None
    way = found.parts.get("way")
    if way is not None:
        if found.edge or re.match(
            r"[ ](?:the|an?|his|her|its|their|they|he|she|it|we|\w+ing|[A-Z]\w*)\b", context.after
        ):
            return symbolic({"P1W": "XXXX-WXX", "P1M": "XXXX-XX", "P1Y": "XXXX"}.get(unit, "XXXX-XX-XX"))
        return _from_focus(unit, -1 if way in ("before", "earlier") else 1, context)
    if unit == "P1WE":
        if context.today is None:
            return symbolic("XXXX-WXX-WE")
        return context.counted(_weekend(0, context.today, context))
    if not found.edge and not (
        _DAY_TAKERS.search(context.before) and re.match(r"\W*(?:$|[.,;]|at |with |on |down|up )", context.after)
    ):
        return None
    if unit == "P1D":
        return _from_focus(unit, 0, context)
    if context.today is None:
        return symbolic({"P1W": "XXXX-WXX", "P1M": "XXXX-XX", "P1Y": "XXXX"}.get(unit, "XXXX"))
    return replace(context.counted(_stretch(unit, 0, context)), resolution="inferred")


MEANINGS: dict[str, Callable[[Found, Context], Meaning | None]] = {
    "unit": _unit,
    "back": _back,
    "part_of_day": _part_of_day,
    "the_unit": _the_unit,
}
