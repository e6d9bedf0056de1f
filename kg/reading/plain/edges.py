"""Tokens of a sentence enter, the edges of its clauses leave."""

from __future__ import annotations

from collections.abc import Sequence

from kg.reading.plain.sentences import MARKS, Tok
from kg.reading.plain.words import Words


def clause_start(toks: Sequence[Tok], i: int) -> int:
    at = i
    while at > 0 and not toks[at - 1].is_break:
        at -= 1
    return at


def next_break(toks: Sequence[Tok], i: int) -> int:
    """Return the next sign that ends a clause; marks of quoted names are none."""
    at = i
    while at < len(toks) and not (toks[at].is_break and not (toks[at].text in MARKS and at < i + 1)):
        at += 1
    return at


def sentence_start(toks: Sequence[Tok], words: Words) -> int:
    return 1 if toks and toks[0].lower in words.of("conjunction") else 0


def has_words(toks: Sequence[Tok], first: int, end: int) -> bool:
    return any(tok.is_word for tok in toks[first:end])
