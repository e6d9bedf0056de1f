"""Paragraphs enter, paragraphs that a parser can bear leave: very long ones are cut where a sentence ends."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.model import Span
from kg.reading.draft import Draft, Paragraph

LONGEST = 8_000  # characters; a press office's whole transcript may stand in one line
SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*\s+(?=[\"“‘'(\[]*\w)")


def split_long(draft: Draft) -> Draft:
    """Cut each paragraph of the story that is too long to parse. Nothing is lost: the pieces tile the paragraph.

    Without a sentence's end in reach a piece ends at white space, and without that after LONGEST characters. Linear.
    """
    paragraphs: list[Paragraph] = []
    for paragraph in draft.paragraphs:
        if len(paragraph.span) <= LONGEST:
            paragraphs.append(paragraph)
        else:
            paragraphs += [replace(paragraph, span=span) for span in _pieces(draft.article.text, paragraph.span)]
    return replace(draft, paragraphs=tuple(paragraphs))


def _pieces(text: str, span: Span) -> list[Span]:
    pieces = []
    start = span.start
    while span.end - start > LONGEST:
        stop = start + LONGEST
        ends = [match.end() for match in SENTENCE_END.finditer(text, start + LONGEST // 2, stop)]
        cut = ends[-1] if ends else max(text.rfind(" ", start + 1, stop) + 1, 0) or stop
        if cut <= start:
            cut = stop
        end = cut
        while end > start and text[end - 1].isspace():
            end -= 1
        if end > start:
            pieces.append(Span(start, end))
        start = cut
    while start < span.end and text[start].isspace():
        start += 1
    if start < span.end:
        pieces.append(Span(start, span.end))
    return pieces
