"""What the rules share: the year that an expression prints, and its "last", "this", "next"."""

from __future__ import annotations

from kg.reading.times.context import Context
from kg.reading.times.words import key


def written_year(parts: dict[str, str]) -> int | None:
    if "year" in parts:
        return int(parts["year"])
    return century_of(parts["short"]) if "short" in parts else None


def century_of(short: str) -> int:
    number = int(short.lstrip("'’"))
    return number + (2000 if number < 30 else 1900)


def move_of(parts: dict[str, str], context: Context) -> int | None:
    for name in ("move", "move2"):
        if name in parts:
            word = key(parts[name])
            return int(context.words.kinds["move"].get(word) or context.words.kinds["back"][word])
    return None
