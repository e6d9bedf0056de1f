"""Quotations and utterances enter, utterances with their quotations leave; without a cue they float to the speaker."""

from __future__ import annotations

import re

from kg.model import Span
from kg.reading import cues
from kg.reading.colons import behind_colon
from kg.reading.cues import Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.speaking import is_medium, issuer, located
from kg.reading.syntax import is_verb, subject
from kg.reading.utterance import Utterance, absorb

NEAR = 120  # characters between a quotation and a cue that may claim it, within one sentence


BETWEEN = "”\"'“,.!? \n\r\t"  # what may stand between two quotations of one turn
SIGNATURE = re.compile(r"\s*(?:[–—―]|-{1,2})\s*(?=[A-Z])")
SIGNED = 12  # tokens of the longest signature behind a dash
FLOAT = 260  # characters back to the last speaker for a quotation without a cue


def with_quotes(
    draft: Draft,
    where: int,
    paragraph: Paragraph,
    quotes: list[Quote],
    items: list[Utterance],
    last: Utterance | None,
) -> list[Utterance]:
    """Give each quotation to the utterance that it belongs to; what stays without one floats to the last speaker."""
    text = draft.article.text
    owner: dict[int, Utterance] = {}
    for number, quote in enumerate(quotes):
        best = _owner(text, paragraph, quote, items)
        if best is not None:
            owner[number] = best
    found = [item for item in items if item.content or item in owner.values()]
    previous: Utterance | None = last
    for number, quote in enumerate(quotes):
        item = owner.get(number)
        if item is not None:
            absorb(item, quote)
            previous = item
            continue
        goes_on = previous is not None and bool(previous.quotes) and _continues(text, previous, quote, found)
        if not _is_speech(text, quote) and not (goes_on and previous is not None and _is_rest(text, previous, quote)):
            continue
        signed = _signed(draft, where, paragraph, quote)
        if signed is not None:
            found.append(signed)
            previous = None
            continue
        if previous is not None and goes_on:
            if previous.where == where:
                absorb(previous, quote)
                continue
            if previous.where < where and not text[previous.end : quote.span.start].strip(BETWEEN):
                absorb(previous, quote)
                continue
        spoken = _any_verb(draft, where, paragraph, quote)
        if spoken is not None:
            found.append(spoken)
            previous = spoken
            continue
        issued = _issued(draft, where, paragraph, quote)
        if issued is not None:
            found.append(issued)
            previous = issued
            continue
        about = (
            behind_colon(draft, where, paragraph, quote)
            if _after_colon(text, paragraph, quote, items) is None
            else None
        )
        if about is not None:
            found.append(about)
            previous = about
            continue
        colon = _after_colon(text, paragraph, quote, items)
        if colon is not None:
            absorb(colon, quote)
            if colon not in found:
                found.append(colon)
            previous = colon
            continue
        if previous is not None and quote.span.start - previous.end < FLOAT and len(_words(text, quote)) >= 5:
            cue = Cue("", "s", "state", "positive", "certain", "say")
            floating = Utterance(where, "floating-quotation", cue, None, None, previous.speaker, None, [quote.span],
                                 quotes=[quote], inherits=previous)  # fmt: skip
            found.append(floating)
            previous = floating
    return [item for item in found if item.content]


def _any_verb(draft: Draft, where: int, paragraph: Paragraph, quote: Quote) -> Utterance | None:
    """ "…,” Bennett shot back": after a quotation that ends in a comma any verb with its subject there is a cue."""
    assert paragraph.doc is not None
    inside = quote.span.of(draft.article.text).rstrip("”\"' »")
    if inside[-1:] not in (",", "?", "!"):
        return None
    after = quote.span.end - paragraph.span.start
    tokens = [token for token in paragraph.doc if token.idx >= after][:7]
    for token in tokens:
        if token.pos_ == "VERB" and token.tag_ in ("VBD", "VBZ", "VBP"):
            who, passive = subject(token)
            if who is None or passive or not any(who.i == other.i for other in tokens):
                return None
            cue = Cue(token.lemma_.lower(), "s", "state", "positive", "certain", "say")
            return Utterance(where, "quotation", cue, paragraph.locate(token), token, who, located(paragraph, who),
                             [quote.span], quotes=[quote])  # fmt: skip
        if token.text in (".", ";"):
            return None
    return None


def _is_rest(text: str, previous: Utterance, quote: Quote) -> bool:
    """Tell whether a short quotation is the rest of one that its cue interrupted: “Not now,” he said. “Not ever.”"""
    ends = quote.span.of(text).rstrip("”\"' »")[-1:] in (".", "!", "?", ",")
    return ends and previous.cue_span is not None and previous.end <= previous.cue_span.start


def _signed(draft: Draft, where: int, paragraph: Paragraph, quote: Quote) -> Utterance | None:
    """ "“…” — Ana Lind, nurse": a quotation whose speaker stands behind a dash to the end of the line."""
    assert paragraph.doc is not None
    text = draft.article.text
    stop = text.find("\n", quote.span.end, paragraph.span.end)
    line = text[quote.span.end : stop if stop >= 0 else paragraph.span.end]
    dash = SIGNATURE.match(line)
    if dash is None:
        return None
    start = quote.span.end + dash.end() - paragraph.span.start
    end = quote.span.end + len(line) - paragraph.span.start
    tokens = [token for token in paragraph.doc if start <= token.idx < end]
    names = [token for token in tokens[:6] if token.pos_ == "PROPN"]
    if not names or len(tokens) > SIGNED or any(is_verb(token) and token.tag_ != "VBN" for token in tokens):
        return None
    last = names[0]
    while last.i + 1 < len(paragraph.doc) and paragraph.doc[last.i + 1] in names:
        last = paragraph.doc[last.i + 1]
    span = paragraph.locate(paragraph.doc[names[0].i : last.i + 1])
    return Utterance(where, "signature", cues.NO_CUE, None, None, last, span, [quote.span], quotes=[quote])


def _issued(draft: Draft, where: int, paragraph: Paragraph, quote: Quote) -> Utterance | None:
    """ "The palace issued this statement from the king: “…”": who issues it passes on whose words they are."""
    assert paragraph.doc is not None
    place = quote.span.start - paragraph.span.start
    if (
        not draft.article.text[max(paragraph.span.start, quote.span.start - 9) : quote.span.start]
        .rstrip()
        .endswith(":")
    ):
        return None
    before = [token for token in paragraph.doc if token.idx < place]
    for noun in reversed(before[-30:]):
        if noun.is_sent_start and noun.i < before[-1].i - 30:
            break
        verb = noun.head
        if not is_medium(noun, draft.language) or noun.dep_ != "dobj":
            continue
        if verb.lemma_.lower() not in cues.naming(draft.language, "light-verb"):
            continue
        who, root = subject(verb)[0], issuer(noun, draft.language)
        if who is None or root is None:
            return None
        cue = cues.nouns(draft.language).get(noun.lemma_.lower(), cues.NO_CUE)
        cited = root if root != who else None
        cue_span, written = paragraph.locate(verb), located(paragraph, root)
        return Utterance(where, "issued", cue, cue_span, verb, who, written, [quote.span], quotes=[quote], cited=cited)
    return None


def _words(text: str, quote: Quote) -> list[str]:
    return quote.span.of(text).split()


def _is_speech(text: str, quote: Quote) -> bool:
    words = _words(text, quote)
    return len(words) >= 4 and (
        quote.span.of(text).rstrip("”\"' »")[-1:] in ".,!?…—" or len(words) >= 8 or not quote.closed
    )


def _owner(text: str, paragraph: Paragraph, quote: Quote, items: list[Utterance]) -> Utterance | None:
    """Return the utterance of a quotation: the one whose clause it overlaps, else the nearest strong cue."""
    overlapping = [item for item in items if any(span.overlaps(quote.span) for span in item.content)]
    if overlapping:
        # The innermost clause that reaches into the quotation.
        return min(overlapping, key=lambda item: (item.rule == "adjective", item.end - item.start, item.start))
    best: tuple[int, int, Utterance] | None = None
    for item in items:
        if (
            not item.cue.strong
            or item.cue_span is None
            or item.verb is None
            or item.rule in ("according-to", "noun-that", "noun-speech")
        ):
            continue
        region = _region(paragraph, item)
        if region.start >= quote.span.end:
            gap = text[quote.span.end : region.start]
            side = 0
        else:
            gap = text[region.end : quote.span.start]
            side = 1
        if len(gap) > NEAR or "\n\n" in gap or _sentence_ends(gap, quote, text, side):
            continue
        if side == 1 and item.content and not item.quotes and len(gap) > 60:
            continue
        # Words between: "…," the minister told reporters on Monday. Fewer are better; after beats before on a tie.
        key = (len(gap.split()), side)
        if best is None or key < best[:2]:
            best = (*key, item)
    return best[2] if best else None


def _region(paragraph: Paragraph, item: Utterance) -> Span:
    assert item.cue_span is not None
    spans = [item.cue_span, *([item.speaker_span] if item.speaker_span else [])]
    if item.speaker_span and abs(item.speaker_span.start - item.cue_span.start) > 150:
        spans = [item.cue_span]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    if item.content:
        end = max(end, item.end)
    return Span(start, end)


def _sentence_ends(gap: str, quote: Quote, text: str, side: int) -> bool:
    """Tell whether a sentence ends in the gap; a quotation that closes with a full stop ends one."""
    if side == 0 and quote.span.of(text).rstrip("”\"' »")[-1:] == ".":
        after = text[quote.span.end :].lstrip()[:1]
        return not after.islower()
    for i, sign in enumerate(gap[:-1]):
        if sign in ".!?" and gap[i + 1].isspace() and not (i and gap[i - 1].isupper()):
            return True
    return gap.rstrip()[-1:] in (".", "!", "?") and side == 1


def _continues(text: str, previous: Utterance, quote: Quote, items: list[Utterance]) -> bool:
    """Tell whether a quotation goes on where the last one stopped, with nothing or only its cue between."""
    stop = max(
        previous.end,
        previous.cue_span.end if previous.cue_span else 0,
        previous.speaker_span.end if previous.speaker_span else 0,
    )
    if quote.span.start < stop:
        return False
    gap = text[stop : quote.span.start]
    if previous.verb is not None and previous.cue_span is not None and quote.span.start - previous.cue_span.end < 220:
        base = previous.cue_span.start - previous.verb.idx
        rest = text[base + previous.verb.sent.end_char : quote.span.start]
        if base + previous.verb.sent.end_char <= quote.span.start and not rest.strip():
            gap = ""
    if any(item is not previous and item.cue_span and stop <= item.cue_span.start < quote.span.start for item in items):
        return False
    return len(gap.strip()) <= 45


def _after_colon(text: str, paragraph: Paragraph, quote: Quote, items: list[Utterance]) -> Utterance | None:
    before = text[paragraph.span.start : quote.span.start].rstrip()
    if not before.endswith((":", "—", "–")):
        return None
    near = [
        item
        for item in items
        if item.cue_span and item.cue_span.end <= quote.span.start and quote.span.start - item.cue_span.end < 200
    ]
    return near[-1] if near else None
