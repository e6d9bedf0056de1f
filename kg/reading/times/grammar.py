"""A text and a place in it enter; the longest time expression that begins there leaves, with its parts named."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from kg.reading.times.words import Words, either, key, words

_YEAR = r"(?P<year>[12]\d{3})(?![\d%]|[.,]\d)"
_SHORT_YEAR = r"['’]\d\d(?![\w%])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\w%]|[.:]\d|,\d{3})"
_CLOCK = r"""
    (?:(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:%])(?:\s?(?P<half>[ap]\.?\s?m\b\.?))?
     |(?P<hour4>[01]?\d|2[0-3])[.h](?P<minute4>[0-5]\d)(?=\s?(?:[ap]\.?\s?m\b|(?:utc|gmt|hours)\b))(?:\s?(?P<half4>[ap]\.?\s?m\b\.?))?
     |(?P<hour2>1[0-2]|0?[1-9])\s?(?P<half2>[ap]\.?\s?m\b\.?)
     |(?P<hour3>[01]\d|2[0-3])(?P<minute3>[0-5]\d)(?=\s?(?:utc|gmt|hours|z)\b)
     |(?P<word>noon|midnight)\b)
    (?:\s?\((?P<zone2>{zone})\)|\s?(?P<zone>{zone})(?!\w))?
"""
# Rules that name one day, which a part of the day or a clock time may follow.
DAYS = frozenset({"iso", "numeric", "month_day", "day_month", "weekday", "holiday", "today", "back"})


@dataclass(frozen=True, slots=True)
class Found:
    """An expression: the rule that knows it, its parts, and what narrows it ("late", "the end of", a part of a day)."""

    rule: str
    start: int
    end: int
    parts: dict[str, str]
    edge: str = ""
    part: str = ""
    clock: dict[str, str] | None = None
    the: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled rules of one language, in order of preference among equally long ones."""

    words: Words
    digits: tuple[tuple[str, re.Pattern[str]], ...]  # the rules that an expression in figures may follow
    letters: tuple[tuple[str, re.Pattern[str]], ...]
    edge: re.Pattern[str]
    side: re.Pattern[str]
    part_of: re.Pattern[str]
    part: re.Pattern[str]
    clock: re.Pattern[str]

    def at(self, text: str, pos: int) -> Found | None:
        """Return the longest expression that begins at ``pos``."""
        best = self._narrowed(text, pos)
        core = self._core(text, pos)
        if core is not None and (best is None or core.end > best.end):
            best = self._extended(text, core)
        return best

    def _narrowed(self, text: str, pos: int) -> Found | None:
        for pattern in (self.edge, self.side, self.part_of):
            found = pattern.match(text, pos)
            if found is None:
                continue
            inner = self._core(text, found.end())
            if inner is None or inner.rule in ("duration", "long", "often", "each", "clock", "reference", "ago"):
                continue
            if inner.rule == "the_unit" and "way" in inner.parts:
                # "late in the day after falling": the way belongs to what follows.
                unit = inner.parts["unit"]
                inner = replace(inner, end=text.index(unit, inner.start) + len(unit), parts={"unit": unit})
            if pattern is self.part_of:
                return replace(inner, start=pos, part=found["word"])
            if pattern is self.side and inner.rule == "today" and inner.end - pos > 30:
                continue
            inner = self._extended(text, inner)
            return replace(inner, start=pos, edge=key(found["word"]))
        return None

    def _core(self, text: str, pos: int) -> Found | None:
        best: Found | None = None
        for name, pattern in self.digits if text[pos : pos + 1].isdigit() else self.letters:
            found = pattern.match(text, pos)
            if found is not None and found.end() > pos and (best is None or found.end() > best.end):
                parts = {part: words for part, words in found.groupdict().items() if words is not None}
                best = Found(name, pos, found.end(), parts, the=text[pos : pos + 4].lower() == "the ")
        return best

    def _extended(self, text: str, core: Found) -> Found:
        if core.rule == "clock":
            joint = re.compile(r"(?:,?\s+(?:on|of)\s+|,?\s+)").match(text, core.end)
            day = self._core(text, joint.end()) if joint else None
            if day is not None and (day.rule in DAYS or day.rule == "unit") and day.parts.get("unit", "day") == "day":
                return replace(day, start=core.start, clock=core.parts)
        elif core.rule in DAYS:
            part = self.part.match(text, core.end)
            if part is not None:
                return replace(core, end=part.end(), part=part["word"])
            clock = self.clock.match(text, core.end)
            if clock is not None:
                parts = {part: words for part, words in clock.groupdict().items() if words is not None}
                return replace(core, end=clock.end(), clock=parts)
        return core


@cache
def grammar(language: str) -> Grammar:
    """Compile the rules over the tables of a language. They have the word order of English."""
    known = words(language)
    kinds = known.kinds
    names = {kind: either(of) for kind, of in kinds.items()}
    numerals = {word: int(value) for word, value in kinds["number"].items() if value.isdigit() and " " not in word}
    tens = either(word for word, value in numerals.items() if value % 10 == 0 and value >= 20)
    ones = either(word for word, value in numerals.items() if value < 10)
    long_months = either(word for word in known.months if len(word) > 4)
    short_months = either(word for word in known.months if len(word) <= 4)
    names |= {
        # Only an abbreviation takes a full stop with it.
        "month": rf"(?:{long_months}\b|{short_months}\b\.?)",
        "weekday": either(word for word in known.weekdays if len(word) > 5),
        "any_weekday": either(known.weekdays) + r"\b\.?",
        "holiday": either(known.holidays),
        "unit": either([*kinds["unit"], *kinds["plural"]]),
        "plural": either(kinds["plural"]),
        "singular": either(kinds["unit"]),
        "count": rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,4}}(?:\.\d{{1,2}})?|{tens}[- ]{ones}|{either(kinds['number'])})",
        "year": _YEAR,
        "short_year": _SHORT_YEAR,
        "day": _DAY,
        "dash": r"\s?[-–—]\s?",
    }
    names["clock"] = _CLOCK.format(zone=names["zone"])
    names["more"] = r"(?:(?:more|less|fewer|or\s+more)\s+)?"

    def rule(template: str) -> re.Pattern[str]:
        for name, words_of in names.items():
            template = template.replace("{" + name + "}", words_of)
        return re.compile(template, re.IGNORECASE | re.VERBOSE)

    rules = tuple((name, rule(_spaced(template))) for name, template in _RULES)
    return Grammar(
        words=known,
        digits=tuple((name, pattern) for name, pattern in rules if name in _IN_FIGURES),
        letters=tuple((name, pattern) for name, pattern in rules if name not in _ONLY_IN_FIGURES),
        edge=rule(_spaced(r"(?:the\ )?(?:very\ )?(?P<word>{edge})\ of\ ")),
        side=rule(_spaced(r"(?:very\ )?(?P<word>{side})(?:\ (?:on|in)\ |\ |-)")),
        part_of=rule(_spaced(r"(?:the\ )?(?P<word>{part})\ of\ ")),
        part=rule(_spaced(r"(?:\ |,\ in\ the\ |\ at\ |\ in\ the\ |'s\ |’s\ )(?P<word>{part})(?!\w)(?!\ +[A-Z][a-z])")),
        clock=rule(_spaced(r"(?:,?\ (?:at\ |by\ |from\ )(?:about\ |around\ )?|,?\ ){clock}")),
    )


def _spaced(template: str) -> str:
    """Let an escaped space of a template match any white space but an empty line's."""
    return template.replace(r"\ ", r"[ \t\n\u00a0]{1,3}")


_ONLY_IN_FIGURES = frozenset({"iso", "numeric", "attacks"})
_IN_FIGURES = _ONLY_IN_FIGURES | {
    "day_month", "decade", "century", "quarter", "window", "ago", "duration", "clock", "year",
}  # fmt: skip
_RULES: tuple[tuple[str, str], ...] = (
    (
        "iso",
        r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-3]\d)(?![\d-])(?:T[0-2]\d:[0-5]\d"
        r"(?::[0-5]\d)?(?:Z|[+-]\d\d:?\d\d)?)?",
    ),
    (
        "numeric",
        r"(?P<first>\d{1,2})(?P<sign>[./])(?P<second>\d{1,2})(?P=sign)(?P<year>(?:19|20)\d\d)(?!\d)",
    ),
    (
        "month_day",
        r"(?:{any_weekday},?\ )?(?P<month>{month})\ (?:the\ )?(?P<day>{day})(?:{dash}(?P<last>{day}))?"
        r"(?:,?\ {year})?",
    ),
    (
        "day_month",
        r"(?:{any_weekday},?\ )?(?:the\ )?(?P<day>{day})(?:(?:{dash}|\ and\ )(?P<last>{day}))?\ (?:of\ )?"
        r"(?P<month>{month})(?!\w)(?:,?\ {year})?",
    ),
    (
        "month",
        r"(?:(?P<move>{move})\ )?(?P<month>{month})(?!\w)(?:,?\ (?:of\ )?{year}|\ (?P<short>{short_year})"
        r"|,?\ (?:of\ )?(?P<move2>last|this|next)\ year(?!\w))?",
    ),
    (
        "weekday",
        r"(?:(?:the\ )?(?P<move>{move}|{back})\ )?(?P<weekday>{weekday})(?P<many>s)?(?!\w)",
    ),
    (
        "holiday",
        r"(?P<holiday>{holiday})(?!\w)(?:,?\ (?:of\ )?{year})?",
    ),
    (
        "today",
        r"(?P<today>{today})(?!\w)",
    ),
    (
        "tonight",
        r"(?P<tonight>{tonight})(?!\w)",
    ),
    (
        "decade",
        r"(?:the\ )?(?P<decade>1[0-9]\d0|20\d0)['’]?s\b|(?:the\ )['’]?(?P<short>[2-9]0)['’]?s\b|(?:the\ )"
        r"(?P<word>twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)\b",
    ),
    (
        "century",
        r"(?:the\ )?(?P<nth>\d{1,2}(?:st|nd|rd|th)|{ordinal})[ -]century(?!\w)",
    ),
    (
        "quarter",
        r"(?:the\ )?(?:(?P<nth>{ordinal}|[1-4](?:st|nd|rd|th))[ -]quarter|Q(?P<number>[1-4]))(?!\w|-?final)"
        r"(?:\ (?:of\ )?{year}|\ of\ (?P<move>{move})\ year)?",
    ),
    (
        "half",
        r"(?:the\ )?(?P<nth>first|second|latter)\ half\ of\ (?:{year}|(?P<move>{move})\ year|the\ year)",
    ),
    (
        "fiscal",
        r"(?:the\ )?(?:fiscal|financial)(?:\ year)?\ {year}|FY\ ?(?P<short>\d\d|\d{4})(?!\w)",
    ),
    (
        "season",
        r"(?:(?:the\ )?(?P<move>{move}|{back})\ )?(?P<the>the\ )?(?P<season>{season})(?!\w)(?:\ (?:of\ )?"
        r"(?:{year}|(?P<move2>{move})\ year))?",
    ),
    (
        "unit",
        r"(?:the\ )?(?P<move>{move})\ (?:calendar\ |school\ |financial\ |fiscal\ )?(?P<unit>{singular})(?!\w)",
    ),
    (
        "part_of_day",
        r"(?:the\ )?(?P<move>{back}|next)\ (?P<part>{part})(?!\w)",
    ),
    (
        "part_of_day",
        r"the\ (?P<part>morning|afternoon|evening)(?!\w)",
    ),
    (
        "back",
        r"(?:the\ )?(?P<move>{back})\ (?P<unit>{singular})(?!\w)",
    ),
    (
        "the_unit",
        r"the\ (?P<unit>{singular})(?!\w)(?:\ (?P<way>before|after|earlier|later)(?!\w))?",
    ),
    (
        "window",
        r"(?:(?:the|these|this|those)\ )?(?P<move>last|past|next|coming|previous|preceding|following|first"
        r"|final)\ (?:{vague}\ )?(?P<count>{count}|{vague})[ -](?:{unit_adjective}\ )?(?P<unit>{unit})(?!\w)",
    ),
    (
        "window",
        r"(?:the|these|those)\ (?P<move>last|past|next|coming|previous|preceding|following)\ "
        r"(?P<unit>{plural})(?!\w)",
    ),
    (
        "ago",
        r"(?:(?P<count>{count}|{vague})(?:\ or\ (?:so|more)|\ and\ a\ half)?[ -](?P<unit>{unit})|"
        r"(?P<one>an?\ (?:full\ |whole\ )?)(?P<unit2>{singular})|(?P<unit3>{plural}))\ (?:or\ so\ )?"
        r"(?P<way>{ago})(?!\w)",
    ),
    (
        "duration",
        r"(?:between\ )?(?P<count>{count}|{vague})(?:(?:\ to\ |\ or\ |{dash})(?P<count2>{count}))?"
        r"(?P<half>\ and\ (?:a\ half|one-half))?(?:\ or\ (?:so|more)|\ plus|\+)?[ -]?"
        r"(?:{more}{unit_adjective}[ -])?{more}(?P<unit>{unit})(?!\w)(?P<long>[ -]long(?!\w))?"
        r"(?P<half2>\ and\ a\ half)?",
    ),
    (
        "duration",
        r"(?P<one>an?)\ (?:{unit_adjective}\ |single\ |good\ |couple\ )?(?P<unit>{singular})(?!\w)"
        r"(?P<half2>\ and\ a\ half)?(?P<long>[ -]long(?!\w))?",
    ),
    (
        "duration",
        r"(?P<single>single)[ -](?P<unit>{singular})(?!\w)",
    ),
    (
        "duration",
        r"(?P<half3>half(?:\ an?|-an?|\ of\ an?)?)[ -](?P<unit>{singular})(?!\w)",
    ),
    (
        "long",
        r"(?P<unit>{unit})-?[ -]?long(?!\w)",
    ),
    (
        "long",
        r"(?P<bare>{plural})(?!\w)",
    ),
    (
        "each",
        r"(?P<each>{each})\ (?:(?P<count>{count})\ )?(?:single\ )?(?P<unit>{unit}|(?P<weekday>{weekday})|"
        r"(?P<season>{season})|morning|afternoon|evening)(?!\w)",
    ),
    (
        "often",
        r"(?P<often>{often})(?!\w)",
    ),
    (
        "clock",
        r"{clock}(?!\w)",
    ),
    (
        "reference",
        r"(?P<reference>{reference})(?!\w)",
    ),
    (
        "year_end",
        r"(?:the\ )?year(?:'s|’s)?[ -]end(?!\w)",
    ),
    (
        "attacks",
        r"(?P<month>9)/(?P<day>11)(?![\d/])",
    ),
    (
        "year",
        r"{year}(?![\w]|['’]s?\d)",
    ),
    (
        "year",
        r"(?P<short>{short_year})",
    ),
)
