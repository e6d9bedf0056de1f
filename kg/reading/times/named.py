"""Days and months that have names enter (dates, weekdays, feasts, "yesterday"); their meanings leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kg.reading.times import calendar
from kg.reading.times.context import Context, Meaning, explicit, symbolic
from kg.reading.times.direction import AHEAD, OPEN
from kg.reading.times.grammar import Found
from kg.reading.times.parts import move_of, written_year
from kg.reading.times.words import key

# "Mar. 3" without a year lies in the anchor's year unless that is so far off (measured on TempEval-3).
AHEAD_DAYS = 120
BACK_DAYS = 240
_AFTER_PREPOSITION = re.compile(
    r"\b(?:in|since|until|till|by|of|last|next|this|early|late|mid|from|to|through|during|for|before|after|and|between"
    r"|or|late in|as of|starting|beginning|around|ending|ended)[ \n]+$|[-–—/(][ ]?$|mid-$",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"\b(?!(?:On|In|By|This|Last|Next|Since|Until|After|Before|The|At|For|Every) )[A-Z]\w*\.? $")
_MAY_BE_NAMES = frozenset({"may", "march", "april", "june", "august", "mar", "jun", "dec", "sun", "sat", "jan"})


def _full(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    return explicit(calendar.day(date(int(parts["year"]), int(parts["month"]), int(parts["day"]))))


def _numeric(found: Found, context: Context) -> Meaning | None:
    first, second, year = (int(found.parts[name]) for name in ("first", "second", "year"))
    if found.parts["sign"] == "." or first > 12:
        return explicit(calendar.day(date(year, second, first)))
    if second > 12 or first == second:
        return explicit(calendar.day(date(year, first, second)))
    # 02/03/2022 is February in one country and March in the other.
    return Meaning(f"{year:04}", f"{year:04}", "DATE", "explicit", None, calendar.year(year))


def _month_day(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    word = key(parts["month"]).rstrip(".")
    if not parts["month"][0].isupper() and word in _MAY_BE_NAMES:
        return None
    month = context.words.months[word]
    day = int(re.sub(r"\D", "", parts["day"]))
    if "year" in parts:
        result = explicit(calendar.day(date(int(parts["year"]), month, day)))
    else:
        if context.today is None:
            _ = date(2000, month, day)
            return symbolic(f"XXXX-{month:02}-{day:02}")
        attacks = (month, day) == (9, 11) and re.match(r"[ ](?:terror|attack|hijack)", context.after, re.IGNORECASE)
        of = date(2001, 9, 11) if attacks else _nearest(month, day, context.today, context.ahead())
        result = context.counted(calendar.day(of))
    if "last" in parts and result.point is not None:
        last = result.point.start.replace(day=int(re.sub(r"\D", "", parts["last"])))
        if last > result.point.start:
            result = replace(result, edtf=f"{result.point.edtf}/{last}")
    return result


def _nearest(month: int, day: int, today: date, ahead: int) -> date:
    year = today.year
    if (month, day) == (2, 29):
        # The nearest year that has the day.
        return min(
            (date(y, 2, 29) for y in range(max(year - 4, 1), year + 5) if _leap(y)), key=lambda d: abs((d - today).days)
        )
    of = date(year, month, day)
    if ahead == AHEAD:
        return of if of >= today or (today - of).days < 60 else of.replace(year=year + 1)
    if (of - today).days > AHEAD_DAYS:
        return of.replace(year=year - 1)
    return of.replace(year=year + 1) if (today - of).days > BACK_DAYS else of


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    word = key(parts["month"]).rstrip(".")
    number = context.words.months[word]
    year = written_year(parts)
    # "mar", "dec": a verb, an initial; with its full stop or a year it is the month.
    clear = "." in parts["month"] or len(word) > 4 or word in ("may", "june", "july")
    if not parts["month"][0].isupper() or not (clear or year is not None):
        return None
    if year is not None:
        return explicit(calendar.month(year, number))
    move = move_of(parts, context)
    if move is None and word in _MAY_BE_NAMES and not found.edge and not _AFTER_PREPOSITION.search(context.before):
        return None
    if (
        move is None
        and word in ("april", "june", "may", "august", "march")
        and not found.edge
        and re.match(r"[ ][A-Z][a-z]", context.after)
    ):
        return None  # "for June Smith"
    today = context.today
    if today is None:
        return symbolic(f"XXXX-{number:02}")
    if "move2" in parts:
        return context.counted(calendar.month(today.year + (move or 0), number))
    if move == -1:
        return context.counted(calendar.month(today.year - (number >= today.month), number))
    if move == 1:
        return context.counted(calendar.month(today.year + (number <= today.month), number))
    if move == 0:
        return context.counted(calendar.month(today.year, number))
    if context.ahead() == AHEAD:
        return context.counted(calendar.month(today.year + (number < today.month), number))
    return context.counted(calendar.month(today.year - (number > today.month), number))


def _weekday(found: Found, context: Context) -> Meaning | None:
    if not found.parts["weekday"][0].isupper():
        return None
    number = context.words.weekdays[key(found.parts["weekday"])]
    if "many" in found.parts or re.search(r"\bon (?:an?|any)[ ]$", context.before):
        return Meaning(f"XXXX-WXX-{number}", None, "SET", "explicit")
    word = key(found.parts.get("move", ""))
    if word in context.words.kinds["back"] and context.focus is not None and context.focus.precision == "day":
        focus = context.focus.start
        step = int(context.words.kinds["back"][word])
        if step == 0:
            near = min(
                (focus + timedelta(days=n) for n in range(-6, 1)),
                key=lambda d: (d.isoweekday() != number, -d.toordinal()),
            )
        else:
            away = (number - focus.isoweekday()) * step % 7 or 7
            near = focus + timedelta(days=step * away)
        return context.referred(calendar.day(near), context.focus)
    today = context.today
    if today is None:
        return symbolic(f"XXXX-WXX-{number}")
    move = move_of(found.parts, context)
    back = (today.isoweekday() - number) % 7
    on = (number - today.isoweekday()) % 7
    if move == -1:
        of = today - timedelta(days=back or 7)
    elif move == 1:
        coming = "coming" in word
        monday = today - timedelta(days=today.isoweekday() - 1)
        of = today + timedelta(days=on or 7) if coming else monday + timedelta(days=6 + number)
    elif move == 0:
        of = today + timedelta(days=number - today.isoweekday())
    else:
        of = today + timedelta(days=on) if context.ahead() == AHEAD else today - timedelta(days=back)
    return context.counted(calendar.day(of))


def _holiday(found: Found, context: Context) -> Meaning | None:
    if not found.parts["holiday"][0].isupper():
        return None
    if re.match(r"[ ][A-Z]", context.after) or _NAME_BEFORE.search(context.before):
        return None  # the Christmas Island Council; Mr. Christmas
    rule = context.words.holidays[key(found.parts["holiday"])]
    if "year" in found.parts:
        return explicit(calendar.day(_feast(rule, int(found.parts["year"]), context)))
    if context.today is None:
        return symbolic(f"XXXX-{rule}" if re.fullmatch(r"\d\d-\d\d", rule) else "XXXX-XX-XX")
    today = context.today
    years = range(max(today.year - 1, 1), min(today.year + 2, 10000))
    days = [_feast(rule, year, context) for year in years]
    ahead = context.ahead()
    if ahead == AHEAD:
        return context.counted(calendar.day(next((of for of in days if of >= today), days[-1])))
    near = [of for of in days if (of - today).days <= (AHEAD_DAYS if ahead == OPEN else 0)]
    return context.counted(calendar.day(near[-1] if near else days[0]))


def _feast(rule: str, year: int, context: Context) -> date:
    if rule.startswith("easter"):
        return calendar.easter(year) + timedelta(days=int(rule[6:]))
    rule, _, after = rule.partition("+")
    fixed = rule.split("-", 1)
    if fixed[1].isdigit():
        return date(year, int(fixed[0]), int(fixed[1]))
    weekday, nth = fixed[1].split("-", 1)
    of = calendar.nth_weekday(year, int(fixed[0]), context.words.weekdays[weekday], int(nth))
    return of + timedelta(days=int(after or 0))


def _today(found: Found, context: Context) -> Meaning | None:
    if context.today is None:
        return symbolic("XXXX-XX-XX")
    steps = int(context.words.value("today", found.parts["today"]))
    return context.counted(calendar.day(context.today + timedelta(days=steps)))


def _tonight(found: Found, context: Context) -> Meaning | None:
    steps, part = context.words.value("tonight", found.parts["tonight"]).split()
    if context.today is None:
        return symbolic(f"XXXX-XX-XXT{part}", "TIME")
    of = calendar.day(context.today + timedelta(days=int(steps)))
    return replace(context.counted(of), value=f"{of.value}T{part}", type="TIME")


def _attacks(found: Found, context: Context) -> Meaning | None:
    return replace(explicit(calendar.day(date(2001, 9, 11))), resolution="inferred")


MEANINGS: dict[str, Callable[[Found, Context], Meaning | None]] = {
    "iso": _full,
    "numeric": _numeric,
    "month_day": _month_day,
    "day_month": _month_day,
    "month": _month,
    "weekday": _weekday,
    "holiday": _holiday,
    "today": _today,
    "tonight": _tonight,
    "attacks": _attacks,
}
