"""Utterances and time expressions enter; the day on which each was said leaves, if the text tells it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from spacy.tokens import Token

from kg.model import Span, Statement, TimeExpression, When
from kg.reading.draft import Draft, Paragraph
from kg.reading.told import Told

NEAREST_DATE = 90  # characters between a cue and the date that it carries


def said_on(draft: Draft, item: Told) -> When | None:
    """Return the date that stands at the cue, outside of what is said."""
    cue = item.utterance.cue_span
    verb = item.utterance.verb
    if cue is None or verb is None:
        return None
    paragraph = draft.paragraphs[item.utterance.where]
    sentence = paragraph.locate(verb.sent)
    best: tuple[int, TimeExpression] | None = None
    for time in draft.times:
        if time.edtf is None or time.type not in ("DATE", "TIME") or not sentence.contains(time.span):
            continue
        if any(span.overlaps(time.span) for span in item.content):
            continue
        gap = max(time.span.start - cue.end, cue.start - time.span.end, 0)
        if gap > NEAREST_DATE or (best is not None and gap >= best[0]):
            continue
        between = draft.article.text[min(cue.end, time.span.end) : max(cue.start, time.span.start)]
        if any(mark in between for mark in '“”"'):
            continue
        if not _hangs_on(paragraph, time.span, verb):
            continue
        best = (gap, time)
    if best is None:
        return None
    return When(best[1].edtf or "", best[1].span)


def _hangs_on(paragraph: Paragraph, span: Span, verb: Token) -> bool:
    """Tell whether a time belongs to the cue: through its phrases, its subject, or what was "issued on Monday"."""
    for token in verb.doc:
        place = paragraph.span.start + token.idx
        if span.start <= place < span.end:
            node = token
            for _ in range(8):
                if node.i == verb.i:
                    return True
                if node.head is node:
                    return False
                if node.pos_ in ("VERB", "AUX") and not (node.dep_ == "acl" and node.tag_ == "VBN"):
                    return False
                node = node.head
            return node.i == verb.i
    return False


def same_occasion(statements: list[Statement], told: list[Told]) -> list[Statement]:
    """Give a statement the date of the one before it, where the same speaker goes on in the same paragraph."""
    order = sorted(range(len(told)), key=lambda i: (told[i].utterance.cue_span or told[i].content[0]).start)
    dated = list(statements)
    for before, i in pairwise(order):
        one, other = told[before], told[i]
        if (
            dated[i].said_on is None
            and dated[before].said_on is not None
            and one.speaker is other.speaker
            and one.speaker is not None
            and one.utterance.where == other.utterance.where
        ):
            dated[i] = replace(dated[i], said_on=dated[before].said_on)
    return dated
