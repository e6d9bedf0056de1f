"""A language enters; the word lists by which its lines are told apart leave, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kg.resources import table

_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases that open a line, are the line, head the next one, end it or stand in it; for :func:`plain` words."""

    opens: re.Pattern[str]
    whole: frozenset[str]
    heads: frozenset[str]
    closes: frozenset[str]
    ends: re.Pattern[str]
    holds: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lists:
    """The word lists of one language: ``kg/reading/lexicon/<language>/*.tsv``."""

    promotions: Phrases
    outlet_before: re.Pattern[str]
    boilerplate: Phrases
    caption_opens: re.Pattern[str]
    caption_credit: re.Pattern[str]
    caption_agency: re.Pattern[str]
    caption_photo: re.Pattern[str]
    biography_opens: re.Pattern[str]
    biography_job: re.Pattern[str]
    biography_small: frozenset[str]
    biography_phrase: re.Pattern[str]
    byline_opens: re.Pattern[str]
    byline_date_inside: re.Pattern[str]
    byline_role: re.Pattern[str]
    byline_place: re.Pattern[str]
    byline_credit: re.Pattern[str]
    mastheads: frozenset[str]
    months: dict[str, int]
    date_words: frozenset[str]
    month_day_year: re.Pattern[str]
    day_month_year: re.Pattern[str]
    month_day: re.Pattern[str]


def plain(words: str) -> str:
    """Return words as the lists write them: lower case, straight apostrophes, single spaces."""
    return " ".join(words.lower().replace("’", "'").replace("‘", "'").split())


@cache
def lists(language: str) -> Lists:
    """Return the lists of a language; those of English where it has none of its own."""
    if not (language.isalpha() and language.islower()):
        return lists(_FALLBACK)
    folder = files("kg") / "reading" / "lexicon" / language
    if not (folder / "promotions.tsv").is_file():
        return lists(_FALLBACK)

    def rows(name: str, of: str) -> list[str]:
        return [row["phrase"] for row in table(folder / f"{name}.tsv") if row["match"] == of]

    def phrases(name: str) -> Phrases:
        return Phrases(
            opens=_opening(rows(name, "opens")),
            whole=frozenset([*rows(name, "is"), *rows(name, "heads")]),
            heads=frozenset(rows(name, "heads")),
            closes=frozenset(rows(name, "closes")),
            ends=re.compile(f"(?<!\\w)(?:{_any(rows(name, 'ends'))})[.!)]*$"),
            holds=_inside(rows(name, "holds")),
        )

    dates = table(folder / "datelines.tsv")
    months = {row["word"]: int(row["value"]) for row in dates if row["kind"] == "month"}
    month = f"({_any(months)})\\.?"
    day = r"(\d{1,2})(?:st|nd|rd|th|\.)?"
    return Lists(
        promotions=phrases("promotions"),
        outlet_before=re.compile(f"(?<!\\w)(?:{_any(rows('promotions', 'outlet'))})(?:\\s+the)?$"),
        boilerplate=phrases("boilerplate"),
        caption_opens=_opening(rows("captions", "opens")),
        caption_credit=_inside(rows("captions", "credit")),
        caption_agency=_inside(rows("captions", "agency") + rows("captions", "photo")),
        caption_photo=_inside(rows("captions", "photo")),
        biography_opens=_opening(rows("biographies", "opens")),
        # "A Name is the senior political editor …": a name of up to five words, a copula, up to six words, the job
        biography_job=re.compile(
            rf"(?:\S+ ){{1,5}}?(?:{_any(rows('biographies', 'copula'))}) (?:[\w',&-]+ ){{0,6}}?"
            rf"(?:\w+-)?(?:{_any(rows('biographies', 'job'))})s?(?!\w)"
        ),
        biography_small=frozenset(rows("biographies", "small")),
        biography_phrase=_inside(rows("biographies", "phrase")),
        byline_opens=_opening(rows("bylines", "opens")),
        byline_date_inside=_inside(rows("bylines", "date")),
        byline_place=re.compile(
            rf"\s(?:(?:{_any(rows('bylines', 'place'))})\s\S.*|(?:{_any(rows('bylines', 'end'))}))$", re.IGNORECASE
        ),
        byline_role=_inside(rows("bylines", "role")),
        byline_credit=_opening(rows("bylines", "credit")),
        mastheads=frozenset(row["word"] for row in table(folder / "mastheads.tsv")),
        months=months,
        date_words=frozenset(row["word"] for row in dates),
        month_day_year=re.compile(rf"(?<!\w){month}\s+{day}\s*,?\s+(\d{{4}})(?!\d)", re.IGNORECASE),
        day_month_year=re.compile(rf"(?<![\w.]){day}\s+(?:of\s+)?{month}\s*,?\s+(\d{{4}})(?!\d)", re.IGNORECASE),
        month_day=re.compile(rf"(?<!\w)(?:{month}\s+{day}|{day}\s+{month})(?!\w)", re.IGNORECASE),
    )


def _any(phrases: Iterable[str]) -> str:
    """Return an alternation of the phrases, longest first; one that never matches when there is none."""
    found = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(map(re.escape, found)) or r"(?!)"


def _opening(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{_bounded(phrases)})")


def _inside(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?<!\\w)(?:{_bounded(phrases)})")


def _bounded(phrases: Iterable[str]) -> str:
    """Return an alternation in which a phrase that ends with a letter ends at the end of a word."""
    found = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase) + (r"(?!\w)" if phrase[-1].isalpha() else "") for phrase in found) or r"(?!)"
