"""Amounts of time, habits, clock times and vague references enter; their meanings leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kg.reading.times import calendar
from kg.reading.times.calendar import UNITS
from kg.reading.times.context import Context, Meaning, symbolic
from kg.reading.times.grammar import Found
from kg.reading.times.words import key

_AGE = re.compile(r"[\s-]*(?:old\b|of age\b)", re.IGNORECASE)
_AGED = re.compile(r"\b(?:aged|age)[ ]$", re.IGNORECASE)
_RATE = re.compile(
    r"(?:\b(?:times|time|once|twice|hours?|minutes?|percent|million|billion|dollars|people)|\d)[ ]$", re.IGNORECASE
)
_BARE = re.compile(
    r"\b(?:for|in|within|of|after|over|take|takes|took|taken|lasted|just|last|spent|many|spend|these|by)[ ]$",
    re.IGNORECASE,
)
_AT = re.compile(
    r"\b(?:at|by|until|till|from|before|after|around|about|since|to|between|and|of|circa|approximately)[ ]$",
    re.IGNORECASE,
)


def _amount(parts: dict[str, str], context: Context) -> str | None:
    """Return the number of units: "3", "1.5", "X" for "several"."""
    word = parts.get("count")
    if word is None:
        return "1"
    word = key(word)
    if word in context.words.kinds["vague"]:
        return "X"
    numbers = context.words.kinds["number"]
    if word in numbers:
        return numbers[word]
    digits = word.replace(",", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", digits):
        return digits
    tens, _, ones = word.replace("-", " ").partition(" ")
    return str(int(numbers[tens]) + int(numbers[ones]))


def _duration_value(unit: str, amount: str) -> str:
    """Return a TIMEX3 duration: three of P1W give P3W, of PT1H PT3H, of P10Y (decades) P30Y."""
    if amount == "X":
        return re.sub(r"\d+", "X", unit)
    head, number, letter = re.fullmatch(r"(PT?)(\d+)(\w+)", unit).groups()  # type: ignore[union-attr]
    count = float(amount) * int(number)
    if amount == "0.5":
        smaller = {"PT1H": "PT30M", "P1Y": "P6M", "P10Y": "P5Y", "P100Y": "P50Y", "P1D": "PT12H", "PT1M": "PT30S"}
        if unit in smaller:
            return smaller[unit]
    return f"{head}{count:g}{letter}" if count < 1e6 else f"{head}{int(count)}{letter}"


def _duration(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    if _AGE.match(context.after) or _AGED.search(context.before):
        return None
    unit_word = key(parts["unit"])
    unit = context.words.unit(unit_word)
    if unit_word in ("second", "min", "sec", "night", "weekend", "quarter") and "count" not in parts:
        return None
    # "two second-half goals", "10 quarter finalists", "$5 min"
    if unit_word in ("second", "quarter", "min", "sec") and not re.fullmatch(
        r"[\s-].*|.*-.*", parts.get("count", "x") + context.after[:1]
    ):
        return None
    if "count" not in parts and "one" in parts and _RATE.search(context.before):
        return Meaning(unit, None, "SET", "explicit")
    if re.match(r"[- ](?:finals?|finalist|term|olds?\b|back)", context.after):
        return None
    if "half3" in parts:
        return Meaning(_duration_value(unit, "0.5"), None, "DURATION", "explicit")
    amount = _amount(parts, context)
    if amount is None:
        return None
    if unit_word in context.words.kinds["unit"] and re.fullmatch(r"(?:19|20)\d\d", parts.get("count", "")):
        return None  # "the 2018 day"
    if unit_word == "quarters" and re.match(r"[ ]of (?!\w*(?:growth|loss|decline|negative|profit))", context.after):
        return None  # three quarters of its value
    if (
        key(parts.get("count", "")) in ("many", "some", "another")
        and parts["unit"].lower() in context.words.kinds["unit"]
        and key(parts["count"]) != "another"
    ):
        return None
    if (
        key(parts.get("count", "")) == "one"
        and unit_word == "day"
        and not re.match(r"-|[ ](?:after|before|later|of)", context.after)
    ):
        return None
    if ("half" in parts or "half2" in parts) and amount != "X":
        amount = f"{float(amount) + 0.5:g}"
    value = _duration_value(unit, amount)
    if re.match(r"[ ](?:after|before|since|into|following|prior)\b", context.after):
        return Meaning(value, None, "DURATION", "event-anchored")
    return Meaning(value, None, "DURATION", "explicit")


def _long(found: Found, context: Context) -> Meaning | None:
    """ "decades-long", and plurals without a number ("for years")."""
    word = found.parts.get("unit") or found.parts["bare"]
    if "bare" in found.parts and not (_BARE.search(context.before) and not _AGE.match(context.after)):
        return None
    if "bare" in found.parts and re.match(r"[ ](?:when|that|of|where)\b", context.after):
        return None
    many = key(word) in context.words.kinds["plural"]
    return Meaning(_duration_value(context.words.unit(word), "X" if many else "1"), None, "DURATION", "explicit")


def _window(found: Found, context: Context) -> Meaning | None:
    """ "the past five days", "the next few months": a duration that ends or begins now."""
    parts = found.parts
    unit = context.words.unit(parts["unit"])
    amount = _amount(parts, context) if "count" in parts else "X"
    if amount is None:
        return None
    value = _duration_value(unit, amount)
    move = key(parts["move"])
    if move in ("first", "final") or unit not in UNITS or context.today is None:
        return Meaning(value, None, "DURATION", "unresolved" if context.today is None else "explicit")
    if move in ("previous", "preceding", "following"):
        return Meaning(value, None, "DURATION", "anaphoric", context.focus.edtf if context.focus else None)
    step = -1 if move in ("last", "past") else 1
    if amount == "X" or "." in amount:
        edtf = f"../{context.today}" if step < 0 else f"{context.today}/.."
    else:
        other = calendar.shift(context.today, unit, step * int(amount))
        edtf = f"{other}/{context.today}" if step < 0 else f"{context.today}/{other}"
    return Meaning(value, edtf, "DURATION", context.how, context.today.isoformat())


def _ago(found: Found, context: Context) -> Meaning | None:
    """ "N units ago" at the unit's own precision; "later" and "earlier" count from the time named before."""
    parts = found.parts
    if "unit3" in parts:
        amount: str | None = "X"
    else:
        amount = _amount(parts, context)
    unit = context.words.unit(parts.get("unit") or parts.get("unit2") or parts["unit3"])
    way = context.words.value("ago", parts["way"])
    if amount is None:
        return None
    duration = _duration_value(unit, amount)
    if way in ("before", "after"):
        if "unit3" in parts and not re.search(r"\b(?:just|only)[ ]$", context.before):
            return None
        return Meaning(duration, None, "DURATION", "event-anchored")
    if way == "earlier" and re.match(r"[ ]than\b", context.after):
        return Meaning(duration, None, "DURATION", "event-anchored")
    sign = -1 if way in ("ago", "earlier") else 1
    if way in ("ago", "hence"):
        if context.today is None:
            return symbolic("PAST_REF" if sign < 0 else "FUTURE_REF")
        if amount == "X" or "." in amount:
            return Meaning(
                "PAST_REF" if sign < 0 else "FUTURE_REF",
                f"../{context.today}" if sign < 0 else f"{context.today}/..",
                "DATE", context.how, context.today.isoformat(),
            )  # fmt: skip
        if unit not in UNITS:
            return _hours_ago(unit, amount, sign, context)
        point = calendar.around(calendar.shift(context.today, unit, sign * int(amount)), _precision(unit))
        return context.counted(point)
    focus = context.focus
    if amount == "X" or "." in amount or unit not in UNITS or focus is None:
        return Meaning(duration, None, "DURATION", "event-anchored")
    point = calendar.around(calendar.shift(focus.start, unit, sign * int(amount)), _precision(unit))
    return context.referred(point, focus)


def _precision(unit: str) -> calendar.Precision:
    # "a decade ago" names a year, not a decade.
    return "year" if unit in ("P10Y", "P100Y") else UNITS[unit]


def _hours_ago(unit: str, amount: str, sign: int, context: Context) -> Meaning:
    assert context.today is not None
    hours = int(amount) if unit == "PT1H" else 0
    other = context.today + timedelta(days=sign * -(-hours // 24) if hours else 0)
    first, last = sorted((other, context.today))
    value = _duration_value(unit, amount)
    edtf = f"{first}/{last}" if first != last else str(first)
    return Meaning(value, edtf, "DURATION", context.how, context.today.isoformat())


def _each(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    each = key(parts["each"])
    if "weekday" in parts:
        return Meaning(f"XXXX-WXX-{context.words.weekdays[key(parts['weekday'])]}", None, "SET", "explicit")
    if "season" in parts:
        return Meaning(f"XXXX-{context.words.value('season', parts['season'])}", None, "SET", "explicit")
    word = key(parts["unit"])
    if word in ("morning", "afternoon", "evening", "night"):
        return Meaning(
            f"XXXX-XX-XXT{ {'morning': 'MO', 'afternoon': 'AF', 'evening': 'EV', 'night': 'NI'}[word] }",
            None,
            "SET",
            "explicit",
        )
    unit = context.words.unit(word)
    amount = _amount(parts, context) if "count" in parts else context.words.value("each", each)
    if amount is None or (word == "second" and each in ("every", "each")):
        return None
    return Meaning(_duration_value(unit, amount), None, "SET", "explicit")


def _often(found: Found, context: Context) -> Meaning | None:
    word = found.parts["often"]
    named = word[0].isupper() and re.search(r"\w[ ]$", context.before)
    if named or (word[0].isupper() and re.match(r"[ ][A-Z]", context.after)):
        return None  # the Daily Planet, Nature Weekly
    return Meaning(context.words.value("often", word), None, "SET", "explicit")


def _reference(found: Found, context: Context) -> Meaning | None:
    value = context.words.value("reference", found.parts["reference"])
    if re.match(r"-\w", context.after):
        return None
    if context.today is None:
        return symbolic(value)
    today = context.today.isoformat()
    if value == "PRESENT_REF":
        return Meaning(value, None, "DATE", context.how, today)
    return Meaning(value, None, "DATE", "unresolved", today)


def _clock(found: Found, context: Context) -> Meaning | None:
    parts = found.parts
    marked = parts.keys() & {"half", "half2", "half4", "zone", "zone2", "minute3", "minute4", "word"}
    if not marked and not _AT.search(context.before):
        return None
    if "word" in parts and not (_AT.search(context.before) or re.search(r"\b(?:past|shortly)[ ]$", context.before)):
        return None
    read = clock_time(parts, context)
    if read is None:
        return None
    value, edtf = read
    if context.today is None and context.focus is None:
        return symbolic(f"XXXX-XX-XXT{value}", "TIME")
    # The day is the one of the sentence; else that of publication.
    focus = context.focus if context.focus is not None and context.focus.precision == "day" else None
    if focus is not None:
        result = context.referred(focus, focus)
    elif context.today is not None:
        result = replace(context.counted(calendar.day(context.today)), resolution="inferred")
    else:
        return symbolic(f"XXXX-XX-XXT{value}", "TIME")
    assert result.point is not None
    return replace(result, value=f"{result.value}T{value}", edtf=f"{result.point.value}T{edtf}", type="TIME")


def clock_time(parts: dict[str, str], context: Context) -> tuple[str, str] | None:
    """Return a clock time as TIMEX3 writes it ("16:08Z") and as EDTF does ("16:08:00Z")."""
    if "word" in parts:
        hour, minute = (12, 0) if parts["word"].lower() == "noon" else (0, 0)
    else:
        hour = int(next(parts[name] for name in ("hour", "hour2", "hour3", "hour4") if name in parts))
        minute = int(parts.get("minute") or parts.get("minute3") or parts.get("minute4") or 0)
        half = (parts.get("half") or parts.get("half2") or parts.get("half4") or "").lower()
        if half.startswith("p") and hour < 12:
            hour += 12
        elif half.startswith("a") and hour == 12:
            hour = 0
    if hour > 23:
        return None
    zone = context.words.kinds["zone"].get(key(parts.get("zone") or parts.get("zone2", "")), "")
    return f"{hour:02}:{minute:02}{zone}", f"{hour:02}:{minute:02}:00{zone}"


MEANINGS: dict[str, Callable[[Found, Context], Meaning | None]] = {
    "window": _window,
    "ago": _ago,
    "duration": _duration,
    "long": _long,
    "each": _each,
    "often": _often,
    "clock": _clock,
    "reference": _reference,
}
