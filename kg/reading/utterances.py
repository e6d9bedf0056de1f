"""Parsed paragraphs and quotations enter, utterances leave, in text order; nested ones are kept."""

from __future__ import annotations

from bisect import bisect_left

from kg.reading.claiming import with_quotes
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.frames import of_clear, of_estimate, of_passive, of_refusal, of_view
from kg.reading.nominal import of_noun
from kg.reading.saying import of_according, of_adjective, of_verb
from kg.reading.turns import go_on, goes_on, labels, of_turn
from kg.reading.utterance import Utterance, absorb
from kg.reading.weighing import asked, weighed

MAKERS = (of_refusal, of_passive, of_clear, of_estimate, of_verb, of_according, of_view, of_noun, of_adjective)


def find_utterances(draft: Draft) -> list[Utterance]:
    """Find all utterances of the story and the titles, in text order; nested ones are kept."""
    found: list[Utterance] = []
    last: Utterance | None = None
    waiting: Utterance | None = None
    starts = [quote.span.start for quote in draft.quotes]
    labelled = labels(draft)
    turn: Utterance | None = None
    for where, paragraph in enumerate(draft.paragraphs):
        if paragraph.doc is None or paragraph.kind not in ("body", "title"):
            continue
        quotes = list(draft.quotes[bisect_left(starts, paragraph.span.start) : bisect_left(starts, paragraph.span.end)])
        if where in labelled:
            turn = of_turn(where, paragraph, *labelled[where], draft)
            found += [turn] if turn is not None else []
        elif turn is not None and goes_on(turn, where, paragraph):
            go_on(turn, where, paragraph)
        else:
            turn = None
        here = _in_paragraph(draft, where, paragraph, quotes)
        if waiting is not None and quotes and quotes[0].span.start - paragraph.span.start <= 1:
            # "He said:" and the quotation in a paragraph of its own.
            waiting.where = where
            absorb(waiting, quotes[0])
            found.append(waiting)
            last, quotes = waiting, quotes[1:]
        bare = [item for item in here if item.cue.strong and not item.content and item.speaker is not None]
        here = with_quotes(draft, where, paragraph, quotes, here, last)
        ends = paragraph.span.of(draft.article.text).rstrip().endswith(":")
        waiting = bare[-1] if ends and bare and not bare[-1].content else None
        here.sort(key=lambda item: (item.start, -item.end))
        found += here
        if here:
            quoted = [item for item in here if item.quotes]
            last = (quoted or here)[-1]
    return found


def _in_paragraph(draft: Draft, where: int, paragraph: Paragraph, quotes: list[Quote]) -> list[Utterance]:
    assert paragraph.doc is not None
    found: list[Utterance] = []
    starts = [quote.span.start for quote in quotes]
    for token in paragraph.doc:
        place = paragraph.span.start + token.idx
        at = bisect_left(starts, place) - 1  # quotations never overlap: the last to begin before is the only one
        if at >= 0 and place < quotes[at].span.end - 1:
            continue
        for make in MAKERS:
            item = make(draft, where, paragraph, token, quotes)
            if item is not None:
                found.append(item)
                if asked():
                    _weigh(draft, item, [m(draft, where, paragraph, token, quotes) for m in MAKERS if m is not make])
                break
    return found


def _weigh(draft: Draft, item: Utterance, others: list[Utterance | None]) -> None:
    """Tell which other rules would have read a cue, where they would have read other words."""
    text = draft.article.text
    ways = [
        f"{other.rule}: {' … '.join(span.of(text) for span in other.content) or 'no words'}"
        for other in others
        if other is not None and other.content != item.content
    ]
    at = item.cue_span or (item.content[0] if item.content else None)
    if ways and at is not None:
        weighed("rule", at.start, item.rule, ways, "the first rule that fits")
