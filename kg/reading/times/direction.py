"""A time expression in its sentence enters; whether the sentence looks back or ahead from its day leaves."""

from __future__ import annotations

import re
from functools import cache

from spacy.tokens import Doc, Token

from kg.model import Span
from kg.reading.draft import Paragraph
from kg.reading.lexicon import table

PAST, OPEN, AHEAD = -1, 0, 1
_AHEAD_WORDS = re.compile(
    r"\b(?:will|won['’]t|shall|(?:is|are|was|were|plans?|planned|due|set|scheduled|slated|expected|going) to|upcoming"
    r"|ahead of|no later than)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?]['\"”’)]*\s")
_BEFORE = re.compile(r"\b(?:until|till|ahead of|no later than|in time for)(?: the)? $", re.IGNORECASE)


@cache
def _verbs(language: str) -> dict[str, frozenset[str]]:
    rows = table(language, "tense_verbs")
    return {kind: frozenset(row["lemma"] for row in rows if row["kind"] == kind) for kind in ("plan", "schedule")}


def direction(paragraph: Paragraph, span: Span, text: str, language: str) -> int:
    """Return AHEAD for "will meet on Monday", PAST for "met on Monday", OPEN where nothing tells.

    By the tense of the verb that the expression hangs on; without a parse, by words of the sentence.
    """
    before = text[max(paragraph.span.start, span.start - 40) : span.start]
    if _BEFORE.search(before):
        return AHEAD
    doc = paragraph.doc
    if doc is None:
        return _by_words(paragraph, span, text)
    token = _token(doc, span.start - paragraph.span.start, span.end - paragraph.span.start)
    if token is None:
        return _by_words(paragraph, span, text)
    return _tense(token, _verbs(language), in_title=paragraph.kind == "title")


def _token(doc: Doc, start: int, end: int) -> Token | None:
    inside = doc.char_span(start, end, alignment_mode="expand")
    return inside.root if inside is not None else None


def _by_words(paragraph: Paragraph, span: Span, text: str) -> int:
    left = text[max(paragraph.span.start, span.start - 150) : span.start]
    right = text[span.end : min(paragraph.span.end, span.end + 80)]
    left = _SENTENCE.split(left)[-1]
    right = _SENTENCE.split(right)[0]
    return AHEAD if _AHEAD_WORDS.search(left) or _AHEAD_WORDS.search(right) else OPEN


def _tense(token: Token, verbs: dict[str, frozenset[str]], *, in_title: bool) -> int:
    for verb in (token, *token.ancestors):
        if verb.pos_ not in ("VERB", "AUX"):
            continue
        helpers = [child for child in verb.children if child.dep_ in ("aux", "auxpass")]
        forms = {helper.lower_ for helper in helpers}
        if any(helper.tag_ == "MD" for helper in helpers):
            # "could have met on Monday" looks back.
            return PAST if "have" in forms else AHEAD
        if "to" in forms:
            if verb.head is verb or verb.dep_ == "ROOT":
                return AHEAD  # a headline: "Leaders to meet Monday"
            head = verb.head
            if head.lemma_.lower() in verbs["plan"] or head.lemma_ == "be" or head.pos_ in ("NOUN", "PROPN"):
                return AHEAD
            continue
        if verb.lemma_.lower() in verbs["plan"] and verb.tag_ in ("VBN", "VBZ", "VBP", "VBG"):
            return AHEAD
        if "going" in forms:
            return AHEAD
        if forms & {"have", "has", "had", "'ve", "was", "were", "did"} or verb.tag_ in ("VBD", "VBN"):
            return PAST
        if verb.tag_ == "VBG":
            if forms & {"is", "are", "'s", "'re", "am", "be"}:
                return AHEAD
            continue
        if verb.tag_ in ("VBZ", "VBP"):
            if in_title:
                return PAST
            return AHEAD if verb.lemma_.lower() in verbs["schedule"] else OPEN
    return OPEN
