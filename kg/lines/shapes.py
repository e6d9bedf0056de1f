"""Single lines enter; what they look like leaves: capitals, names, dates alone, bylines, datelines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kg.lines.cutting import ends_sentence
from kg.lines.dates import full_date
from kg.lines.words import lists, plain
from kg.outlets import by_name

_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(r"\w+(?:[.'’-]\w+)*\.?|\S")
# "Oleksiy Surname", "J. R. Name", "MARY O’NEIL", "Ana de la Torre", "Jean-Luc Name"; 2 to 5 words
_PARTICLES = r"(?:de|da|do|dos|du|del|della|di|la|le|van|von|der|den|ter|bin|ibn|al|el|y|e|af|av|zu)"
_NAME_WORD = rf"(?:{_LETTER}\.|(?:{_LETTER}\.)+|(?-i:[^\W\d_a-zß-öø-ÿ]){_LETTER}*(?:['’-]{_LETTER}+)*\.?)"
_NAME = re.compile(rf"{_NAME_WORD}(?:\s+(?:{_PARTICLES}\s+)*{_NAME_WORD}){{1,4}}")
_AND = re.compile(r"\s*(?:,\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*|\s*;\s*)", re.IGNORECASE)
_DASH = r"(?:\s*[—–]+|\s*--+|\s+-)"
_QUOTE = re.compile(r"[“”\"«»„]|''|``")
_TIME_OF_DAY = re.compile(r"\b\d{1,2}[:.]\d{2}(?:\s?[aApP]\.?[mM]\.?)?(?:\s(?!BY\b)[A-Z]{2,4}\b)?")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?::\d{2})?")


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline says: the names in it and the date, if it prints one."""

    names: tuple[str, ...]
    date: str | None = None


def bare(words: str) -> str:
    """Return a line without the marks that Markdown puts around it (headings, bold)."""
    return words.strip().lstrip("*_#> \t").rstrip("*_ \t")


def is_quoting(words: str) -> bool:
    """Tell whether double quotation marks stand in these words."""
    return _QUOTE.search(words) is not None


def in_capitals(words: str) -> bool:
    """Tell whether a line is set in capitals: three words and ten letters at the least, no lower-case word in it."""
    if len(words) < 12 or words.islower():
        return False
    letters = sum(1 for sign in words if sign.isalpha())
    upper = sum(1 for sign in words if sign.isupper())
    return letters >= 10 and len(words.split()) >= 3 and upper >= letters * 0.95


def is_capitalised(words: str) -> bool:
    """Tell whether every longer word opens with a capital or a digit, as in names of outlets."""
    longer = [word for word in words.split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and not words[0].islower() and all(word[0].isupper() for word in longer)


def names_in(words: str, language: str) -> tuple[str, ...] | None:
    """Return the personal names that a line is made of ("A Name and B Name, Staff Writer"), else None.

    Roles and outlets between them are let pass; a single word counts only if it is a known outlet or agency.
    """
    found: list[str] = []
    for part in _AND.split(words.strip(" .,;:|·•-–—")):
        # "A Name in London", "A Name on" (before the date)
        part = lists(language).byline_place.sub("", part).strip(" .()")
        if not part:
            continue
        known = by_name(part)
        if known is not None:
            if not found:
                found.append(part)
        elif _NAME.fullmatch(part) and not _has_date_word(part, language) and not _is_role(part, language):
            found.append(part)
        elif not (found and _is_role(part, language) and len(part.split()) <= 8):
            return None
    return tuple(found) or None


def _is_role(words: str, language: str) -> bool:
    return lists(language).byline_role.search(plain(words)) is not None


def _has_date_word(words: str, language: str) -> bool:
    known = lists(language).date_words
    return any(word.lower().strip(".") in known for word in words.split() if len(word) > 2)


def date_alone(words: str, language: str) -> str | None:
    """Return the full date of a line that prints nothing else than a date (weekday, time of day, "Published:")."""
    if len(words) > 90:
        return None
    found = full_date(words, language)
    if found is None:
        return None
    rest = words[: found.start] + " " + words[found.end :]
    second = full_date(rest, language)
    if second is not None:  # "Published … Updated …"
        rest = rest[: second.start] + " " + rest[second.end :]
    return found.iso if is_date_words(rest, language) else None


def is_date_words(words: str, language: str) -> bool:
    """Tell whether only words of dates, times of day, numbers and "Updated" stand here."""
    rest = lists(language).byline_date_inside.sub(" ", plain(words))
    known = lists(language).date_words
    return all(
        not token[0].isalpha() or token in known or token.replace(".", "") in known
        for token in _TOKEN.findall(_CLOCK.sub(" ", rest))
    )


def byline(words: str, language: str) -> Byline | None:
    """Return what a byline says, None when the line is none.

    Bylines are "By A Name[, role][ and B Name][, date]" and "A Name – February 27, 2022". A date may stand before or
    after; nothing else may be in the line, so "By Monday the army had left" is none.
    """
    if len(words) > 240 or len(words.split()) > 30:
        return None
    line = bare(words)
    when = full_date(line, language)
    date = when.iso if when else None
    opened = lists(language).byline_opens.match(plain(line))
    if when is not None:
        line = line[: when.start].rstrip(" ,|–—-(·•/\n\t") + " | " + line[when.end :]
    line = _TIME_OF_DAY.sub(" | ", line)
    pieces = [piece for piece in re.split(r"\s+[|–—·•/-]\s+|\s*[|\n]\s*|(?<=\w):\s", line) if piece.strip()]
    names: list[str] = []
    roles = 0
    for piece in pieces:
        rest = piece.strip(" ,.;:()–—-")
        start = lists(language).byline_opens.match(rest.lower())
        rest = rest[start.end() :].strip(" :") if start else rest
        if not rest or is_date_words(rest, language):
            continue
        found = names_in(rest, language)
        if found is None:
            if names and len(rest.split()) <= 8 and (_is_role(rest, language) or by_name(rest) is not None):
                continue
            if opened is None or len(rest.split()) > 4 or not _is_role(rest, language):
                return None
            found = ()  # "By staff reporters": nobody is named
            roles += 1
        names.extend(name for name in found if name not in names)
    persons = [name for name in names if not looks_like_outlet(name, language)]
    names = persons or names
    if not (names or roles) or (opened is None and when is None):
        return None
    return Byline(tuple(names), date)


_AGENCY = r"\((?-i:[^\W\d_a-z])[\w .&/-]{1,40}\)"
_PLACE = rf"{_LETTER}[\w.'’/-]*(?: {_LETTER}[\w.'’/-]*){{0,2}}"


def dateline(words: str, language: str) -> tuple[int, str | None] | None:
    """Return the length of the dateline that opens a paragraph and the full date in it, None when there is none.

    "PORT ALDA (MPA) —", "MOSCOW, Feb 27 (Agency) -", "Washington (AFP) –", "(Reuters) -", "NEW YORK —". Without an
    agency or a date the place must be in capitals and a sentence must open after the dash.
    """
    if len(words) < 6:
        return None
    opening = words[:120].split("\n")[0]
    found = _dateline_pattern(language).match(opening)
    if found is None or found.end() >= len(words):
        return None
    place, date, agency = found.group("place"), found.group("date"), found.group("agency")
    known = lists(language)
    if place and (plain(place) in known.boilerplate.whole or plain(place).split(",")[0] in known.date_words):
        return None  # "BREAKING NEWS —", "On October 1 -"
    after = words[found.end()]
    if not (place or agency) or (after.islower() and not (agency and place)):
        return None
    if agency is None and date is None:
        city, _, region = (place or "").partition(",")
        signs = [sign for sign in city if sign.isalpha()]
        if len(signs) < 4 or not all(sign.isupper() for sign in signs) or region.strip()[:1].islower():
            return None
    elif place and not place[0].isupper():
        return None
    printed = full_date(found.group(), language)
    return len(found.group().rstrip()), printed.iso if printed else None


@cache
def _dateline_pattern(language: str) -> re.Pattern[str]:
    month_day = lists(language).month_day.pattern
    return re.compile(
        rf"(?:(?P<place>{_PLACE}(?:,\s+{_PLACE}){{0,2}}?)(?:,?\s+(?P<date>{month_day}(?:,?\s+\d{{4}})?))?\s*,?\s*)?"
        rf"(?P<agency>{_AGENCY})?{_DASH}\s+(?=\S)",
        re.IGNORECASE,
    )


def looks_like_outlet(name: str, language: str) -> bool:
    """Tell whether a capitalised line is made like the name of a newspaper: "Alda Bay Gazette", "The Daily Lantern"."""
    words = plain(name).split()
    return (
        1 < len(words) <= 6
        and is_capitalised(name)
        and not any(sign.isdigit() or sign in ':;?!,"“”' for sign in name)
        and any(word in lists(language).mastheads for word in (words[-1], words[0], words[1]))
    )


def is_fragment(words: str) -> bool:
    """Tell whether a line is short and doesn't end like a sentence: a headline, a name, a link."""
    return len(words) <= 220 and not ends_sentence(words) and words[-1] not in ",;"
