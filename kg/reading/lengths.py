"""Paragraphs enter, paragraphs that a parser can bear leave: very long ones are cut where a sentence ends."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.model import Span
from kg.reading.draft import Draft, Paragraph

LONGEST = 8_000  # characters; a press office's whole transcript may stand in one line
UNBROKEN = 800  # characters without white space; the parser's tokenizer takes time in their square
RUN = re.compile(rf"\S{{{UNBROKEN}}}(?=\S)")
SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*\s+(?=[\"“‘'(\[]*\w)")


def split_long(draft: Draft, *, to_parse: bool = True) -> Draft:
    """Cut each paragraph that is too long to read at once. Nothing is lost: the pieces tile the paragraph.

    Without a sentence's end in reach a piece ends at white space, and without that after LONGEST characters; what
    is to be parsed is cut after UNBROKEN characters without white space, too. Linear.
    """
    paragraphs: list[Paragraph] = []
    for paragraph in draft.paragraphs:
        pieces = [paragraph.span]
        if len(paragraph.span) > LONGEST:
            pieces = _pieces(draft.article.text, paragraph.span)
        if to_parse and len(paragraph.span) > UNBROKEN:
            pieces = [part for piece in pieces for part in _unbroken(draft.article.text, piece)]
        paragraphs += [replace(paragraph, span=span) for span in pieces]
    return replace(draft, paragraphs=tuple(paragraphs))


def _unbroken(text: str, span: Span) -> list[Span]:
    pieces = []
    start = span.start
    for run in RUN.finditer(text, span.start, span.end):
        pieces.append(Span(start, run.end()))
        start = run.end()
    return [*pieces, Span(start, span.end)]


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
