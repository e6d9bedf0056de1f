"""A verb in a sentence enters, the words for who does it leave, with their apposition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.reading.plain.edges import clause_start
from kg.reading.plain.phrases import Phrase, phrase_at
from kg.reading.plain.sentences import Tok
from kg.reading.plain.words import Words

ASIDE = 8  # tokens of an apposition


@dataclass(frozen=True, slots=True)
class Subject:
    """Who does it (None: who did what stands before, "und fügte hinzu"), the token that opens subject and verb, the
    token behind both, and whether the verb stands at the end ("wie X mitteilte")."""

    phrase: Phrase | None
    first: int
    after: int
    final: bool = False


def find_subject(toks: Sequence[Tok], finite: int, start: int, words: Words) -> Subject | None:
    """Return the subject of the finite verb at a token of the clause that begins at ``start``.

    Before the verb ("Lind sagte", "Ana Lind, Bürgermeisterin von Oldwick, sagte") or behind it ("sagte Lind").
    """
    opens = start
    while opens < finite and toks[opens].lower in words.of("conjunction"):
        opens += 1
    if opens < finite and toks[opens].lower in words.of("as"):
        phrase = phrase_at(toks, opens + 1, words)
        return Subject(phrase, opens, finite + 1, final=True) if phrase is not None else None
    if opens < finite:
        phrase = phrase_at(toks, opens, words)
        # The finite verb stands right behind its subject; what stands farther away is none.
        if phrase is not None and (phrase.end == finite or _only_small(toks, phrase.end, finite, words)):
            if start > 0 and toks[start - 1].text == ",":
                phrase = _behind_apposition(toks, start, phrase, words)
            return Subject(phrase, min(start, phrase.first), finite + 1)
    elif start < finite:
        return Subject(None, start, finite + 1)
    elif start > 1 and toks[start - 1].text == ",":
        # The clause before the comma is the apposition.
        opened = clause_start(toks, start - 1)
        aside = phrase_at(toks, opened, words)
        if toks[opened].lower in words.of("relative") and opened > 1 and toks[opened - 1].text == ",":
            # "Ein Bergmann, der anonym bleiben wollte, sagte"
            first = clause_start(toks, opened - 1)
            phrase = phrase_at(toks, first, words)
            if phrase is not None and phrase.end == opened - 1:
                return Subject(phrase, first, finite + 1)
        if aside is not None and aside.end == start - 1 and opened > 0 and toks[opened - 1].text == ",":
            phrase = _behind_apposition(toks, opened, aside, words)
            if phrase.beside is not None:
                return Subject(phrase, phrase.first, finite + 1)
    at = finite + 1
    if at < len(toks) and toks[at].lower in words.of("reflexive"):
        at += 1
    phrase = phrase_at(toks, at, words)
    if phrase is None:
        return None
    phrase = with_apposition(toks, phrase, words)
    return Subject(phrase, start, max(phrase.end, phrase.beside.end if phrase.beside else 0))


def with_apposition(toks: Sequence[Tok], who: Phrase, words: Words) -> Phrase:
    """ "Ana Lind, die Bürgermeisterin von Oldwick,": what stands between commas behind a name says who that is."""
    if who.pronoun or who.end + 1 >= len(toks) or toks[who.end].text != ",":
        return who
    aside = phrase_at(toks, who.end + 1, words)
    if aside is None or aside.pronoun or aside.end - aside.first > ASIDE:
        return who
    closed = aside.end >= len(toks) or toks[aside.end].is_break
    fits = (who.name is None) != (aside.name is None) or (aside.noun is None) != (who.noun is None)
    personal = any(p.noun is not None and p.noun.kind in ("person", "organization") for p in (who, aside))
    return replace(who, beside=aside) if closed and fits and personal else who


def introduced(toks: Sequence[Tok], i: int, words: Words) -> Phrase | None:
    """Return the phrase at a token if it names a person with an office: "die Bürgermeisterin, Ana Lind,"."""
    phrase = phrase_at(toks, i, words)
    if phrase is None or phrase.pronoun:
        return None
    joined = with_apposition(toks, phrase, words)
    sides = [joined, *([joined.beside] if joined.beside is not None else [])]
    named = any(side.name is not None for side in sides)
    office = any(side.noun is not None and side.noun.kind == "person" for side in sides)
    return joined if named and office else None


def _behind_apposition(toks: Sequence[Tok], start: int, aside: Phrase, words: Words) -> Phrase:
    """Return the phrase that an apposition belongs to: "Ana Lind" in "Ana Lind, die Bürgermeisterin, sagte"."""
    opened = clause_start(toks, start - 1)
    who = phrase_at(toks, opened, words)
    if who is None or who.end != start - 1 or who.pronoun:
        return aside
    joined = with_apposition(toks, who, words)
    return joined if joined.beside is not None else aside


def _only_small(toks: Sequence[Tok], first: int, end: int, words: Words) -> bool:
    """Tell whether between subject and verb stand only helpers or adverbs: "hat", "aber", "am Montag"."""
    small = words.of("auxiliary") | words.of("conjunction") | words.of("preposition") | words.of("time")
    return end - first <= 3 and all(tok.lower in small for tok in toks[first:end])
