"""A Draft with paragraphs enters; it leaves with its time expressions: TIMEX3 values, EDTF, and how they were found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kg.dates import bounds
from kg.model import Resolution, Span, TimeExpression
from kg.reading.draft import Draft, Paragraph
from kg.reading.lexicon import has
from kg.reading.times.calendar import Point
from kg.reading.times.context import Context, Meaning
from kg.reading.times.direction import direction
from kg.reading.times.grammar import Found, Grammar, grammar
from kg.reading.times.limits import limited
from kg.reading.times.meaning import meaning

READ_IN = frozenset({"body", "title", "caption", "dateline", "byline"})
_AROUND = 60
# What may count from a full date that the text named before; "yesterday" and "last week" count from the writer's day.
_FROM_A_DATE = frozenset({"weekday", "month_day", "day_month", "month", "clock"})


def find_times(draft: Draft) -> Draft:
    """Find the time expressions of the story, its titles, captions, datelines and bylines.

    In text order, never overlapping: of two at one place the longer wins. A relative expression counts from the day of
    publication, else from the dateline's; a weekday, month or day of a month else from the last full date named before
    it in the story. Without an anchor it stays symbolic (``XXXX-WXX-1``, unresolved, no EDTF), never today. "The next
    day" counts from the time named before; captions, which may tell of another day, don't move that. A weekday or
    month looks ahead where its verb does ("will meet on Monday"), else back. Values follow TIMEX3 (TimeML 1.2.1, ISO
    24617-1); "since", "until", "about" open or soften the EDTF and stay outside of the span. Languages without
    ``time_words.tsv`` are left as they are. Linear in the text.
    """
    if not has(draft.language, "time_words"):
        return draft
    times: list[TimeExpression] = []
    known = grammar(draft.language)
    anchor = _anchor(draft, known)
    focus: Point | None = None
    for paragraph in draft.paragraphs:
        if paragraph.kind not in READ_IN:
            continue
        for time, point in _in_paragraph(draft, paragraph, known, anchor, focus):
            times.append(time)
            if paragraph.kind == "body" and point is not None:
                focus = point
                anchor = _moved(anchor, time, point)
    return replace(draft, times=tuple(times))


def _anchor(draft: Draft, known: Grammar) -> tuple[date | None, Resolution]:
    """Return the day that the article speaks from: published, or in the dateline in full."""
    published = draft.article.published
    if published is not None:
        first, last = bounds(published.edtf)
        if first is not None and first == last:
            return first, "inferred" if published.origin == "inferred" else "relative"
    for paragraph in draft.paragraphs:
        if paragraph.kind in ("dateline", "byline"):
            for time, point in _in_paragraph(draft, paragraph, known, (None, "relative"), None):
                if point is not None and point.precision == "day" and time.resolution == "explicit":
                    return point.start, "relative"
    return None, "relative"


def _moved(
    anchor: tuple[date | None, Resolution], time: TimeExpression, point: Point
) -> tuple[date | None, Resolution]:
    """Return the anchor after a full date of the story: where nothing else is known, that date."""
    unknown = anchor[0] is None or anchor[1] == "anaphoric"
    if unknown and time.resolution == "explicit" and point.precision == "day":
        return point.start, "anaphoric"
    return anchor


def _in_paragraph(
    draft: Draft, paragraph: Paragraph, known: Grammar, anchor: tuple[date | None, Resolution], focus: Point | None
) -> Iterator[tuple[TimeExpression, Point | None]]:
    text = draft.article.text[paragraph.span.start : paragraph.span.end]
    guards = known.words.guards.finditer(text)
    guard = next(guards, None)
    until = 0
    for head in known.words.first.finditer(text):
        pos = head.start()
        while guard is not None and guard.end() <= pos:
            guard = next(guards, None)
        if pos < until or (guard is not None and guard.start() <= pos):
            continue
        found = known.at(text, pos)
        if found is None:
            continue
        read = _read(draft, paragraph, known, found, anchor, focus, text)
        if read is None:
            continue
        until = found.end
        at = paragraph.span.start
        span = Span(at + found.start, at + found.end)
        time = TimeExpression(span, read.value, read.edtf, read.type, read.resolution, read.anchor)
        yield time, read.point
        if paragraph.kind == "body" and read.point is not None:
            focus = read.point
            anchor = _moved(anchor, time, read.point)


def _read(
    draft: Draft,
    paragraph: Paragraph,
    known: Grammar,
    found: Found,
    anchor: tuple[date | None, Resolution],
    focus: Point | None,
    text: str,
) -> Meaning | None:
    before = text[max(0, found.start - _AROUND) : found.start]
    after = text[found.end : found.end + _AROUND]
    span = Span(paragraph.span.start + found.start, paragraph.span.start + found.end)
    context = Context(
        words=known.words,
        today=anchor[0] if anchor[1] != "anaphoric" or _counts_from_a_date(found) else None,
        how=anchor[1],
        focus=focus,
        ahead=lambda: direction(paragraph, span, draft.article.text, draft.language),
        before=before,
        after=after,
        marked=_is_marked(paragraph, found),
    )
    read = meaning(found, context)
    return None if read is None else limited(read, before, after, draft.language)


def _counts_from_a_date(found: Found) -> bool:
    return found.rule in _FROM_A_DATE and not {"move", "move2"} & found.parts.keys()


def _is_marked(paragraph: Paragraph, found: Found) -> bool:
    """Tell whether the model, where there is one, took a part of these words for a date or time."""
    if paragraph.doc is None:
        return False
    span = paragraph.doc.char_span(found.start, found.end, alignment_mode="expand")
    return span is not None and any(token.ent_type_ in ("DATE", "TIME") for token in span)
