"""Tokens of a sentence enter; the noun phrase that begins at one of them leaves: its words, its name, its noun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.model import Span
from kg.reading.plain.sentences import MARKS, Tok
from kg.reading.plain.words import Noun, Words

ADJECTIVES = 4  # lower-case words between article and noun
LONGEST = 14  # tokens of a phrase with its attributes


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase [first, end) of a sentence. ``name`` is the range of a proper name in it, ``noun`` the role."""

    toks: tuple[Tok, ...]
    first: int
    end: int
    noun: Noun | None = None
    noun_at: int = -1
    name: tuple[int, int] | None = None
    pronoun: bool = False
    definite: bool = False
    number: int | None = None
    role: tuple[int, int] | None = None
    beside: Phrase | None = None

    @property
    def span(self) -> Span:
        return Span(self.toks[self.first].start, self.toks[self.end - 1].end)

    def part(self, which: tuple[int, int]) -> Span:
        return Span(self.toks[which[0]].start, self.toks[which[1] - 1].end)


def phrase_at(toks: Sequence[Tok], i: int, words: Words, *, alone: bool = False) -> Phrase | None:
    """Return the noun phrase that begins at a token; ``alone`` leaves its attributes out ("des Ministeriums")."""
    toks = tuple(toks)
    if i >= len(toks) or toks[i].quote >= 0 or not toks[i].is_word:
        return None
    start = i
    lower = toks[i].lower
    nextup = toks[i + 1] if i + 1 < len(toks) else None
    is_article = lower in words.of("determiner")
    if lower in words.of("pronoun") and not (is_article and nextup is not None and nextup.is_capital):
        return Phrase(toks, i, i + 1, pronoun=True, number=None)
    number: int | None = None
    definite = is_article and lower not in words.of("indefinite")
    if is_article:
        number = 1 if lower in words.of("one") else None
        i += 1
    elif lower in words.numbers:
        number = words.numbers[lower]
        i += 1
    elif lower in words.of("preposition") or lower in words.of("adverb") or lower.endswith(words.adverbial):
        return None
    head = _head(toks, i, words, counted=is_article or number is not None)
    if head is None:
        return None
    stop = head
    while stop < len(toks) and _is_nominal(toks, stop, words):
        stop += 1
    noun_at = _noun_at(toks, head, stop, words)
    noun = words.noun(toks[noun_at].text) if noun_at >= 0 else None
    name = _name(toks, head, noun_at, stop, words, article=is_article or number is not None)
    role = (start + (1 if is_article else 0), name[0]) if name is not None and noun is not None and name[0] > noun_at \
        else None  # fmt: skip
    end = stop
    if not alone and noun is not None and name is None:
        end = _attributes(toks, stop, words, start)
        quoted = _quoted_name(toks, end)
        if quoted > end and noun.kind in ("outlet", "organization"):
            return Phrase(toks, start, quoted, noun, noun_at, (end + 1, quoted - 1), False, definite, number)
        behind = phrase_at(toks, stop, words, alone=True) if end > stop else None
        if behind is not None and behind.end < end and _is_proper(toks, behind.end, end, words):
            # "der Sprecher des Ministeriums Jan Berg"
            name, role = (behind.end, end), (start + (1 if is_article else 0), behind.end)
    return Phrase(toks, start, end, noun, noun_at, name, False, definite, number, role)


def _head(toks: tuple[Tok, ...], i: int, words: Words, *, counted: bool) -> int | None:
    """Return the first capitalised word, past the adjectives before it."""
    for at in range(i, min(i + ADJECTIVES + 1, len(toks))):
        tok = toks[at]
        if not tok.is_word or tok.quote >= 0:
            return None
        if tok.is_capital or (tok.text[0].isdigit() and at + 1 < len(toks) and toks[at + 1].is_capital):
            return at
        if tok.lower in words.of("preposition") or tok.lower in words.forms:
            return None
        if not counted and not tok.lower.endswith(("e", "er", "en", "em", "es")):
            return None
    return None


def _is_nominal(toks: tuple[Tok, ...], i: int, words: Words) -> bool:
    tok = toks[i]
    if not tok.is_word or tok.quote >= 0:
        # "Dr. Ana Lind"
        return tok.text == "." and toks[i - 1].lower in words.of("courtesy") and i + 1 < len(toks)
    if tok.is_capital or tok.text[0].isdigit():
        return tok.lower not in words.of("pronoun") and tok.lower not in words.of("time")
    return (
        tok.lower in words.of("particle")  and i + 1 < len(toks) and toks[i + 1].is_capital
        and toks[i - 1].is_capital and words.noun(toks[i - 1].text) is None and tok.lower not in words.of("attribute")
    )  # fmt: skip


def _noun_at(toks: tuple[Tok, ...], first: int, stop: int, words: Words) -> int:
    found = [i for i in range(first, stop) if words.noun(toks[i].text) is not None and "-" not in toks[i].text[:1]]
    return found[0] if found else -1


def _name(
    toks: tuple[Tok, ...], first: int, noun_at: int, stop: int, words: Words, *, article: bool
) -> tuple[int, int] | None:
    """Return the proper name in a phrase: what stands behind the role noun, or all of a phrase without article."""
    if noun_at >= 0:
        start = noun_at + 1
        while start < stop and (toks[start].lower in words.of("courtesy") or not toks[start].is_word):
            start += 1
        return (start, stop) if start < stop else None
    start = first
    while start < stop and (toks[start].lower in words.of("courtesy") or not toks[start].is_word):
        start += 1
    if start >= stop:
        return None
    titled = start > first
    if article and not titled and stop - start >= 3:
        start = stop - 2  # "der Hafenlotse Ilan Roth": an office that the list doesn't know
    return (start, stop) if titled or not article or stop - start > 1 or toks[start].text.isupper() else None


def _is_proper(toks: tuple[Tok, ...], first: int, end: int, words: Words) -> bool:
    return first < end and all(
        tok.is_word and tok.is_capital and words.noun(tok.text) is None for tok in toks[first:end]
    )


def _attributes(toks: tuple[Tok, ...], stop: int, words: Words, start: int) -> int:
    """Return the end of what belongs to a noun: "des Ministeriums", "von Oldwick", "aus der Hafenbehörde"."""
    end = stop
    for _ in range(3):
        if end >= len(toks) or end - start > LONGEST or toks[end].quote >= 0:
            break
        lower = toks[end].lower
        at = end
        if lower in words.of("attribute"):
            at = end + 1
            if at < len(toks) and toks[at].lower in words.of("time"):
                break
        elif lower not in words.of("genitive"):
            break
        inner = phrase_at(toks, at, words, alone=True)
        if inner is None or inner.pronoun or toks[inner.end - 1].lower in words.of("time"):
            break
        if at == end and inner.noun is not None and inner.noun.kind == "outlet":
            break  # "sagte der Sprecher der Zeitung …": whom he told
        end = inner.end
    return end


def _quoted_name(toks: tuple[Tok, ...], end: int) -> int:
    """Take in a name in quotation marks: "die Zeitung „Oldwick Courier“"."""
    if end < len(toks) and toks[end].text in MARKS and toks[end].quote >= 0:
        stop = end + 1
        while stop < len(toks) and toks[stop].quote == toks[end].quote:
            stop += 1
        if stop - end <= 7 and toks[stop - 1].text in MARKS and toks[stop - 2].is_word:
            return stop
    return end
