"""A meaning and the words before it enter; the meaning leaves with the EDTF that "since", "until" or "about" make."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

from kg.dates import bounds
from kg.reading.times.context import Meaning
from kg.reading.times.words import either, key, words


@cache
def _limit(language: str) -> re.Pattern[str]:
    limits = either(words(language).kinds["limit"])
    return re.compile(
        rf"(?<!\w)(?P<limit>{limits})[ \n]+(?:(?:at least|about|around|roughly|the)[ \n]+)?$", re.IGNORECASE
    )


def limited(meaning: Meaning, before: str, after: str, language: str) -> Meaning:
    """Open or close the EDTF: "since 2014" is 2014/.., "as early as Monday" begins there, "about 1990" is 1990~.

    The words stand outside of the expression's span, and TIMEX3 keeps the value as it is.
    """
    if meaning.edtf is None or meaning.type not in ("DATE", "TIME"):
        return meaning
    found = _limit(language).search(before[-40:])
    if found is None:
        return meaning
    kind = words(language).kinds["limit"][key(found["limit"])]
    earliest, latest = bounds(meaning.edtf)
    start, _, end = meaning.edtf.partition("/")
    match kind:
        case "from" if start != "..":
            return replace(meaning, edtf=f"{start}/..")
        case "until" if end != ".." and earliest is not None:
            return replace(meaning, edtf=f"../{end or start}")
        case "before" if earliest is not None:
            whole = len(start) == 4 and start.isdigit() and int(start) > 1
            return replace(meaning, edtf=f"../{int(start) - 1:04}" if whole else f"../{earliest - timedelta(days=1)}")
        case "after" if latest is not None:
            whole = len(start) == 4 and start.isdigit() and not end
            return replace(meaning, edtf=f"{int(start) + 1:04}/.." if whole else f"{latest + timedelta(days=1)}/..")
        case "about" if not end and re.fullmatch(r"[\d-]+", start):
            return replace(meaning, edtf=f"{start}~")
    return meaning
