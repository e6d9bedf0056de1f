"""A language enters; the words that its time expressions are made of leave, with their values and as alternations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from kg.reading.lexicon import table


@dataclass(frozen=True, slots=True)
class Words:
    """Word -> value by kind (``time_words.tsv``); months and weekdays by number, feasts by rule; guards."""

    kinds: dict[str, dict[str, str]]
    months: dict[str, int]
    weekdays: dict[str, int]
    holidays: dict[str, str]
    guards: re.Pattern[str]
    first: re.Pattern[str]

    def value(self, kind: str, word: str) -> str:
        """Return what a word of this kind stands for; KeyError when it is none of them."""
        return self.kinds[kind][key(word)]

    def unit(self, word: str) -> str:
        """Return the TIMEX3 duration of one such unit, singular or plural: "weeks" gives P1W."""
        word = key(word)
        return self.kinds["unit"][self.kinds["plural"].get(word, word)]


def key(word: str) -> str:
    """Return a word as the tables write it: lower case, straight apostrophes, single spaces."""
    return " ".join(word.lower().replace("’", "'").replace("‘", "'").split())


def either(words: Iterable[str]) -> str:
    """Return an alternation, longest word first; spaces match any white space, apostrophes either shape."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    escaped = (re.escape(word).replace(r"\ ", r"[ \n]+").replace("'", "['’]") for word in ordered)
    return "(?:" + "|".join(escaped) + ")"


@cache
def words(language: str) -> Words:
    """Load the tables of a language; FileNotFoundError when it has none."""
    kinds: dict[str, dict[str, str]] = {}
    for row in table(language, "time_words"):
        kinds.setdefault(row["kind"], {})[row["word"]] = "" if row["value"] == "-" else row["value"]
    dates = table(language, "datelines")
    months = {row["word"]: int(row["value"]) for row in dates if row["kind"] == "month"}
    weekdays = {row["word"]: int(row["value"]) for row in dates if row["kind"] == "weekday"}
    holidays = {row["name"]: row["rule"] for row in table(language, "holidays")}
    guards = either(row["phrase"] for row in table(language, "time_guards"))
    opening = [
        *months, *weekdays, *holidays,
        *(word for kind in kinds if kind not in ("unit", "unit_adjective", "ago", "zone", "edge", "limit", "back")
          for word in kinds[kind]),
        "the", "this", "that", "a", "an", "half", "q", "h", "fy", "fiscal", "financial", "mid", "once", "noon",
        "midnight",         "those", "these", "single", "year", "same", "following", "previous", "preceding",
    ]  # fmt: skip
    heads = sorted({re.split(r"[ -]", word)[0] for word in opening}, key=lambda word: (-len(word), word))
    return Words(
        kinds=kinds,
        months=months,
        weekdays=weekdays,
        holidays=holidays,
        guards=re.compile(rf"(?<!\w){guards}(?!\w)", re.IGNORECASE),
        first=re.compile(
            rf"(?<![\w.,$€£¥#])(?:['’]?\d|(?:{'|'.join(map(re.escape, heads))})s?(?![a-z]))", re.IGNORECASE
        ),
    )
