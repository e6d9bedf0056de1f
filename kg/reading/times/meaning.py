"""A found expression and its context enter; its meaning leaves, or None when the words name no time after all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kg.reading.times import calendar
from kg.reading.times.amounts import MEANINGS as AMOUNTS
from kg.reading.times.calendar import UNITS, Point
from kg.reading.times.context import Context, Meaning, explicit, symbolic
from kg.reading.times.direction import AHEAD, OPEN
from kg.reading.times.grammar import Found
from kg.reading.times.words import key

# "Mar. 3" without a year lies in the anchor's year unless that is so far off (measured on TempEval-3).
AHEAD_DAYS, BACK_DAYS = 120, 240
_AFTER_PREPOSITION = re.compile(
    r"\b(?:in|since|until|till|by|of|last|next|this|early|late|mid|from|to|through|during|for|before|after|and|between"
    r"|or|late in|as of|starting|beginning|around|ending|ended)[ \n]+$|[-–—/(][ ]?$|mid-$",
    re.IGNORECASE,
)
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
_MAY_BE_NAMES = frozenset({"may", "march", "april", "june", "august", "mar", "jun", "dec", "sun", "sat", "jan"})


def meaning(found: Found, context: Context) -> Meaning | None:
    """Resolve an expression. Never counts from today's clock: without an anchor the value stays symbolic."""
    try:
        core = MEANINGS[found.rule](found, context)
    except (ValueError, OverflowError):
        return None  # Feb. 30, or beyond the calendar
    if core is None:
        return None
    for part in (found.edge, found.part):
        if part:
            core = _narrow(core, part, context)
    if found.clock is not None:
        core = _clocked(core, found.clock, context)
    return core


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
    year = _written_year(parts)
    if not parts["month"][0].isupper() or (
        "." not in parts["month"] and len(word) <= 4 and word not in ("may", "june", "july")
    ):
        # "mar", "dec": a verb, an initial; with its full stop or a year it is the month.
        if year is None or not parts["month"][0].isupper():
            return None
    if year is not None:
        return explicit(calendar.month(year, number))
    move = _move(parts, context)
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


def _written_year(parts: dict[str, str]) -> int | None:
    if "year" in parts:
        return int(parts["year"])
    return _century_of(parts["short"]) if "short" in parts else None


def _century_of(short: str) -> int:
    number = int(short.lstrip("'’"))
    return number + (2000 if number < 30 else 1900)


def _move(parts: dict[str, str], context: Context) -> int | None:
    for name in ("move", "move2"):
        if name in parts:
            word = key(parts[name])
            return int(context.words.kinds["move"].get(word) or context.words.kinds["back"][word])
    return None


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
    move = _move(found.parts, context)
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
    move = _move(parts, context)
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
    return context.counted(calendar.half(context.today.year + (_move(found.parts, context) or 0), number))


def _fiscal(found: Found, context: Context) -> Meaning | None:
    digits = found.parts.get("year") or found.parts["short"]
    year = int(digits) if len(digits) == 4 else _century_of(digits)
    # A financial year is not the calendar's: about that year.
    return Meaning(f"FY{year}", f"{year:04}~", "DATE", "explicit", None, calendar.year(year))


def _season(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    code = context.words.value("season", parts["season"])
    if "year" in parts:
        return explicit(calendar.season(int(parts["year"]), code))
    move = _move(parts, context)
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
    if (word in ("decade", "century") and step == -1) or (move in ("past",) and word not in ("year", "weekend", "week")):
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
    r"\b(?:in|end|ended|ending|ends|of|for|during|on|through|throughout|finish|finished|finishing|close|closed|close out|start|started|into)[ ]$",
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


def _year_end(found: Found, context: Context) -> Meaning | None:
    if context.today is None:
        return symbolic("XXXX")
    point = calendar.year(context.today.year)
    return replace(context.counted(point), edtf=f"{point.value}-12-31", value=f"{point.value}-12-31")


def _attacks(found: Found, context: Context) -> Meaning | None:
    return replace(explicit(calendar.day(date(2001, 9, 11))), resolution="inferred")


def _year(found: Found, context: Context) -> Meaning | None:
    if "short" in found.parts:
        if not re.search(
            r"\b(?:in|since|of|from|until|by|and|to|class of|the|during|before|after)[ ]$", context.before
        ):
            return None
        return explicit(calendar.year(_century_of(found.parts["short"])))
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


def _narrow(core: Meaning, word: str, context: Context) -> Meaning:
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


def _clocked(core: Meaning, clock: dict[str, str], context: Context) -> Meaning:
    from kg.reading.times.amounts import clock_time

    read = clock_time(clock, context)
    if read is None:
        return core
    value, edtf = read
    if core.point is None or core.edtf is None:
        return replace(core, value=f"{core.value}T{value}", type="TIME")
    return replace(core, value=f"{core.point.value}T{value}", edtf=f"{core.point.value}T{edtf}", type="TIME")


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
    "decade": _decade,
    "century": _century,
    "quarter": _quarter,
    "half": _half,
    "fiscal": _fiscal,
    "season": _season,
    "unit": _unit,
    "back": _back,
    "part_of_day": _part_of_day,
    "the_unit": _the_unit,
    "year_end": _year_end,
    "attacks": _attacks,
    "year": _year,
    **AMOUNTS,
}
