"""The text of each paragraph enters, the stretches between quotation marks leave; found by character, never refused."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.model import Span
from kg.reading.draft import Draft, Paragraph, Quote

OPEN = "“„«"
CLOSE = "”»"
MARK = re.compile("[“”„«»\"]|''|``|‘|’|'")
PAIRS = frozenset({"„“", "»«"})  # as in German: what opens there, closes elsewhere
SHORTEST_OPEN = 20  # characters; an opening mark near a paragraph's end is more likely a stray one
SINGLES = re.compile(r"[‘'](?=[A-Z\w])")


def find_quotes(draft: Draft) -> Draft:
    """Find the quotations of the story and the titles, in order; marks included, never overlapping. Linear.

    Only double marks pair (and single curly ones that open after a space where the text has no double mark at all),
    so apostrophes never break a pair. A paragraph that opens and does not close runs to its end: the quotation goes
    on in the next paragraph.
    """
    text = draft.article.text
    single = not re.search("[“”„«»\"]|''|``", text)
    found: list[Quote] = []
    for paragraph in draft.paragraphs:
        if paragraph.kind in ("body", "title"):
            found += _quotes(text, paragraph, single=single)
    return replace(draft, quotes=tuple(found))


def _quotes(text: str, paragraph: Paragraph, *, single: bool) -> list[Quote]:
    found: list[Quote] = []
    start: int | None = None
    for mark in MARK.finditer(text, paragraph.span.start, paragraph.span.end):
        sign, at, end = mark.group(), mark.start(), mark.end()
        before = text[at - 1] if at > paragraph.span.start else " "
        after = text[end] if end < paragraph.span.end else " "
        opens = before.isspace() or before in "([{—–-/,:;"
        if sign in ("‘", "’", "'"):
            if not single:
                continue
            if start is None and opens and sign != "’" and not after.isspace() and not after.isdigit():
                start = at
            elif start is not None and sign != "‘" and not after.isalnum() and before in ".,!?;:…":
                found.append(Quote(Span(start, end)))
                start = None
            continue
        if start is not None and text[start] + sign in PAIRS:
            found.append(Quote(Span(start, end)))
            start = None
        elif start is None and sign == "»" and opens and not after.isspace():
            start = at
        elif sign in ("“", "„", "``", "«"):
            # A second opening mark: the first was never closed; the later one is the better guess only after a break.
            start = at if start is None else start
        elif sign in ("”", "»"):
            if start is not None:
                found.append(Quote(Span(start, end)))
                start = None
        elif start is None:
            if opens or at == paragraph.span.start:
                start = at
        else:
            found.append(Quote(Span(start, end)))
            start = None
    if start is not None and paragraph.span.end - start > SHORTEST_OPEN and not single:
        found.append(Quote(Span(start, paragraph.span.end), closed=False))
    return found


def inner(quote: Quote, text: str) -> Span:
    """Return the words without the marks and the white space beside them."""
    start, end = quote.span.start, quote.span.end
    start += 2 if text.startswith(("``", "''"), start) else 1
    if quote.closed:
        end -= 2 if text[start:end].endswith(("''", "``")) else 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def quote_at(quotes: tuple[Quote, ...], place: int) -> Quote | None:
    """Return the quotation that holds a place; quotations are few, so a walk is enough."""
    return next((quote for quote in quotes if quote.span.start <= place < quote.span.end), None)
