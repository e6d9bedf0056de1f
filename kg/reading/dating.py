"""Utterances and time expressions enter; the day on which each was said leaves, if the text tells it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from spacy.tokens import Token

from kg.model import Span, Statement, TimeExpression, When
from kg.reading.draft import Draft, Paragraph
from kg.reading.told import Told

PLAIN = re.compile(r"\d{4}(?:-\d\d){0,2}")
OCCASION = 3  # paragraphs in which the same speaker still speaks on the same occasion
FRONT = 2  # words that lead to a time in front of a sentence: "Late on Monday, …"
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
    for time in _within(draft.times, sentence):
        if time.edtf is None or time.type not in ("DATE", "TIME") or not sentence.contains(time.span):
            continue
        if any(span.overlaps(time.span) for span in item.content):
            continue
        gap = max(time.span.start - cue.end, cue.start - time.span.end, 0)
        # "On Sunday, …" in front of a sentence is the time of its verb, however long its subject is.
        ahead = len(draft.article.text[sentence.start : time.span.start].split()) <= FRONT
        if (gap > NEAREST_DATE and not ahead) or (best is not None and gap >= best[0]):
            continue
        between = draft.article.text[min(cue.end, time.span.end) : max(cue.start, time.span.start)]
        if any(mark in between for mark in '“”"'):
            continue
        if not any(_hangs_on(paragraph, time.span, one) for one in _same_time(verb)):
            continue
        best = (gap, time)
    if best is None:
        return None
    return When(_plain(best[1]), best[1].span)


def _same_time(verb: Token) -> list[Token]:
    """Return a verb with those that tell when it was: "On Monday the court ruled …, saying …" is at once."""
    verbs = [verb]
    while verb.tag_ == "VBG" and verb.dep_ in ("advcl", "conj", "xcomp") and verb.head.pos_ in ("VERB", "AUX"):
        verb = verb.head
        verbs.append(verb)
    return verbs


def _within(times: tuple[TimeExpression, ...], sentence: Span) -> tuple[TimeExpression, ...]:
    """Return the expressions that begin in a sentence; they are in text order."""
    first = bisect_left(times, sentence.start, key=lambda time: time.span.start)
    return times[first : bisect_left(times, sentence.end, key=lambda time: time.span.start)]


def _plain(time: TimeExpression) -> str:
    """Return a day, month or year as such, though the text narrows it: "in late June" is said in June."""
    return time.value if PLAIN.fullmatch(time.value) else time.edtf or ""


def _hangs_on(paragraph: Paragraph, span: Span, verb: Token) -> bool:
    """Tell whether a time belongs to the cue: through its phrases, its subject, or what was "issued on Monday"."""
    for token in verb.doc:
        place = paragraph.span.start + token.idx
        if span.start <= place < span.end:
            node = token
            for _ in range(8):
                if node.i == verb.i:
                    return True
                if node.head == node:
                    return False
                if node.pos_ in ("VERB", "AUX") and not (node.dep_ == "acl" and node.tag_ == "VBN"):
                    return False
                node = node.head
            return node.i == verb.i
    return False


def same_occasion(statements: list[Statement], told: list[Told]) -> list[Statement]:
    """Give a statement the date of the last one by the same speaker, where that speaker goes on a little later.

    The occasion lasts over ``OCCASION`` paragraphs, for cues in the past and quotations that continue a turn; a belief
    or a wish is not said on an occasion.
    """
    order = sorted(range(len(told)), key=lambda i: (told[i].utterance.cue_span or told[i].content[0]).start)
    dated = list(statements)
    last: dict[int, tuple[int, When]] = {}
    # "The Courier reported on Monday that Lind had said …": when it was passed on is the nearest that is known.
    own = {id(item): dated.said_on for item, dated in zip(told, statements, strict=True) if dated.said_on is not None}
    for i in order:
        item, speaker = told[i], told[i].speaker
        if speaker is None:
            continue
        where = item.utterance.where
        found = dated[i].said_on
        if found is None and item.outer is not None and id(item.outer) in own and _is_spoken(item):
            dated[i] = replace(dated[i], said_on=own[id(item.outer)])
            found = dated[i].said_on
        if found is None and id(speaker) in last and _is_spoken(item):
            paragraph, when = last[id(speaker)]
            if where - paragraph <= OCCASION:
                dated[i] = replace(dated[i], said_on=when)
                found = when
        if found is not None:
            last[id(speaker)] = (where, found)
    return dated


def _is_spoken(item: Told) -> bool:
    verb = item.utterance.verb
    return verb is None or (item.utterance.cue.strong and verb.tag_ in ("VBD", "VBN", "VBG", "VB"))
