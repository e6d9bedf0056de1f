"""Tokens of what is said enter, trimmed spans of the article leave."""

from __future__ import annotations

from spacy.tokens import Doc

from kg.model import Span
from kg.reading.draft import Paragraph
from kg.reading.syntax import runs


def spans_of(paragraph: Paragraph, indices: set[int]) -> list[Span]:
    """Return trimmed spans of token runs; what is left of a run must hold a word."""
    assert paragraph.doc is not None
    found = []
    for first, end in runs(indices):
        end = _sentence_stop(paragraph.doc, first, end)
        span = _trim(paragraph.doc, first, end, paragraph)
        if span is not None:
            found.append(span)
    return found


def _sentence_stop(doc: Doc, first: int, end: int) -> int:
    """Return where a run of tokens ends: not after a quotation that closed with its sentence (“… victims[.]” She …)."""
    for token in doc[first : end - 1]:
        if token.text in ("”", '"', "''") and token.i > first + 1:
            before = doc[max(0, token.i - 4) : token.i].text.rstrip("])")[-1:]
            after = doc[token.i + 1 : token.i + 3].text
            if before in (".", "!", "?") and token.whitespace_ and after.lstrip()[:1].isupper():
                return token.i + 1
    return end


def _trim(doc: Doc, first: int, end: int, paragraph: Paragraph) -> Span | None:
    while first < end and (doc[first].is_space or doc[first].text in (",", ".", ";", ":", "—", "–", "-", "--", "that")):
        first += 1
    while end > first and (
        doc[end - 1].is_space or doc[end - 1].text in (",", ".", ";", ":", "—", "–", "-", "--", "!", "?")
    ):
        end -= 1
    if end <= first or not any(token.is_alpha or token.like_num for token in doc[first:end]):
        return None
    return paragraph.locate(doc[first:end])
