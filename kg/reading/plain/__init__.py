"""A Draft with paragraphs and quotations enters; it leaves with statements, by word lists alone, without a parse.

For languages whose model can't be shipped: a folder with ``sayings.tsv``, ``speakers.tsv`` and ``plain.tsv`` is all
that one needs (German). The forms are those of German and its like: verb second, subject beside the verb, reported
speech in a mood of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.model import Act, Certainty, Link, Polarity, Span, Statement
from kg.reading.actors import Figure
from kg.reading.cues import NO_CUE, Cue
from kg.reading.draft import Draft, Paragraph, Quote
from kg.reading.plain.figures import Figures
from kg.reading.plain.saying import Said, find_said
from kg.reading.plain.sentences import MARKS, Tok, sentences
from kg.reading.plain.subject import introduced
from kg.reading.plain.words import Words, words
from kg.reading.quotes import inner
from kg.reading.stance import mode

EDGE = " \t\n\r,;:—–-“”„«»\"'‘’.!?…()"
REACH = 2  # paragraphs that reported speech without a cue may stand behind its speaker
CONFIDENCE = {
    "colon": 0.85, "parenthesis": 0.8, "according-to": 0.8, "so": 0.8, "clausal-complement": 0.75, "as": 0.7,
    "infinitive": 0.6, "noun-phrase": 0.5, "prepositional": 0.5, "subjunctive": 0.6, "floating-quotation": 0.4,
}  # fmt: skip


@dataclass(slots=True)
class _Made:
    """A statement whose sources have no keys yet."""

    statement: Statement
    speaker: Figure | None
    through: list[Figure]
    addressee: Figure | None
    outer: _Made | None = None


def find_statements(draft: Draft) -> Draft:
    """Find who said what, on whose word. Fills sources and statements; keys are in text order. Linear in the text."""
    lists = words(draft.language)
    figures = Figures(draft, lists)
    _introduce(draft, figures, lists)
    made: list[_Made] = []
    before: Figure | None = None
    last = -REACH - 1
    waiting: Said | None = None
    turn = -1  # the paragraph in which a quotation may go on in the next sentence
    at = 0
    for where, paragraph in enumerate(draft.paragraphs):
        if paragraph.kind not in ("body", "title"):
            continue
        quotes: list[Quote] = []
        while at < len(draft.quotes) and draft.quotes[at].span.start < paragraph.span.end:
            if draft.quotes[at].span.start >= paragraph.span.start:
                quotes.append(draft.quotes[at])
            at += 1
        used: set[int] = set()
        for toks in sentences(draft.article.text, paragraph.span, quotes, lists):
            found = find_said(toks, lists)
            if waiting is not None and quotes and toks and toks[0].quote == 0:
                waiting.spans = [quotes[0].span]
                found = [waiting, *found]
            waiting = None
            _claim_quotes(toks, found, quotes, used)
            if not found and turn == where and _goes_on(made[-1], toks, quotes, used, draft.article.text):
                continue
            turn = -1
            reach = where - last <= REACH and paragraph.kind == "body"
            if not found and before is not None and reach:
                found = _continued(toks, quotes, used, lists)
            for item in found:
                if not item.content and not item.spans:
                    if toks[-1].text == ":":
                        waiting = item
                    continue
                one = _make(draft, toks, item, figures, before, quotes, used, lists)
                if one is None:
                    continue
                made.append(one)
                turn = where if one.statement.quoted else -1
                if one.speaker is not None:
                    before, last = one.speaker, where
        made += _left_over(draft, paragraph, quotes, used, before if where - last <= REACH else None)
    return _finished(draft, made, figures)


def _introduce(draft: Draft, figures: Figures, lists: Words) -> None:
    """Note who is named with an office anywhere in the story, so that a surname or "the minister" finds them."""
    for paragraph in draft.paragraphs:
        if paragraph.kind != "body":
            continue
        for toks in sentences(draft.article.text, paragraph.span, (), lists):
            until = 0
            for i, tok in enumerate(toks):
                if i < until or not tok.is_word:
                    continue
                phrase = introduced(toks, i, lists)
                if phrase is not None:
                    figures.who(phrase, None)
                    until = max(phrase.end, phrase.beside.end if phrase.beside else 0)


def _claim_quotes(toks: Sequence[Tok], found: list[Said], quotes: Sequence[Quote], used: set[int]) -> None:
    """Give the quotations of a sentence that no content holds to its nearest cue that may claim one."""
    held = {t.quote for item in found for a, b in item.content for t in toks[a:b]}
    for number in sorted({tok.quote for tok in toks if tok.quote >= 0} - held - used):
        strong = [item for item in found if "s" in item.cue.takes and item.cue_span is not None]
        inside = [tok for tok in toks if tok.quote == number]
        if not strong or not _is_speech(inside):
            continue
        start = quotes[number].span.start
        item = min(strong, key=lambda item: abs(item.cue_span.start - start))  # type: ignore[union-attr]
        if not any(tok.quote == number and tok.end == quotes[number].span.end for tok in toks):
            continue
        item.spans.append(quotes[number].span)
        item.rule = item.rule or "parenthesis"


def _goes_on(last: _Made, toks: Sequence[Tok], quotes: Sequence[Quote], used: set[int], text: str) -> bool:
    """Take a sentence that is nothing but a quotation into the one that was interrupted by its cue before it."""
    number = toks[0].quote
    if number < 0 or number in used or any(tok.quote != number for tok in toks if tok.is_word):
        return False
    words = inner(quotes[number], text)
    span = _trimmed(text, words)
    if span is None:
        return False
    used.add(number)
    content, quoted = (*last.statement.content, span), (*last.statement.quoted, words)
    last.statement = replace(last.statement, content=content, quoted=quoted, mode=mode(content, quoted))
    return True


def _is_speech(inside: Sequence[Tok]) -> bool:
    some = [tok for tok in inside if tok.is_word]
    stops = any(tok.text in ".!?…," for tok in inside[-3:])
    return len(some) >= 4 or (len(some) >= 2 and stops)


def _continued(toks: Sequence[Tok], quotes: Sequence[Quote], used: set[int], lists: Words) -> list[Said]:
    """Return reported speech that goes on without a cue: "Die Schiffe seien bereit." is in the mood of reports."""
    own = [tok for tok in toks if tok.quote < 0]
    report = lists.of("subjunctive")
    for i, tok in enumerate(own):
        if tok.lower in report and not tok.is_capital:
            near = {other.lower for other in own[i + 1 : i + 2]}
            if near & lists.of("no-report"):
                return []
            span = Span(tok.start, tok.end)
            return [Said("subjunctive", NO_CUE, span, None, [(0, len(toks))], same_speaker=True)]
    return []


def _left_over(
    draft: Draft, paragraph: Paragraph, quotes: Sequence[Quote], used: set[int], before: Figure | None
) -> list[_Made]:
    """Return the quotations that nobody claimed as the last speaker's, where they are speech and one spoke nearby."""
    text = draft.article.text
    made = []
    for number, quote in enumerate(quotes):
        plain = inner(quote, text)
        said = plain.of(text)
        long = len(said.split()) >= 5 and said.rstrip()[-1:] in ".!?…,"
        if number in used or not long or paragraph.kind != "body":
            continue
        content = _trimmed(text, plain)
        if content is None:
            continue
        rule = "floating-quotation"
        statement = Statement(
            "", None, (content,), (), "direct", "state", quoted=(plain,), rule=rule, confidence=CONFIDENCE[rule]
        )
        made.append(_Made(statement, before, [], None))
    return made


def _make(
    draft: Draft,
    toks: Sequence[Tok],
    item: Said,
    figures: Figures,
    before: Figure | None,
    quotes: Sequence[Quote],
    used: set[int],
    lists: Words,
) -> _Made | None:
    text = draft.article.text
    spans = [Span(toks[a].start, toks[b - 1].end) for a, b in item.content if b > a] + item.spans
    content = tuple(sorted({span for span in (_trimmed(text, span) for span in spans) if span is not None}))
    content = tuple(span for span in content if not (item.cue_span and item.rule != "subjunctive"
                    and span.overlaps(item.cue_span)))  # fmt: skip
    if not content:
        return None
    numbers = [n for n, quote in enumerate(quotes) if any(span.overlaps(quote.span) for span in content)]
    used.update(numbers)
    quoted = tuple(s for s in (inner(quotes[n], text) for n in numbers) if len(s) > 0
                   and any(s.overlaps(span) for span in content))  # fmt: skip
    speaker = before if item.same_speaker else None
    if item.speaker is not None:
        speaker = figures.who(item.speaker, before, plural=item.plural)
    addressee = figures.who(item.addressee, None) if item.addressee is not None else None
    through = [addressee] if addressee is not None and addressee.kind == "outlet" else []
    written = item.speaker
    if item.cited is not None:
        cited = figures.who(item.cited, None)
        if cited is not None and cited is not speaker:
            through += [speaker] if speaker is not None else []
            speaker, written = cited, item.cited
    act, polarity, certainty = _stance(item.cue, item, [t for a, b in item.content for t in toks[a:b]], lists)
    # The subjunctive itself is the cue of reported speech that goes on, but it stands in the content: no cue, then.
    cue = item.cue_span if item.rule != "subjunctive" else None
    confidence = CONFIDENCE.get(item.rule, 0.5) * (1 if speaker is not None else 0.8)
    statement = Statement(
        "", None, content, (), mode=mode(content, quoted), act=act, polarity=polarity, certainty=certainty,
        speaker_span=written.span if written is not None else None, quoted=quoted, cue=cue,
        confidence=round(confidence, 2), rule=item.rule or "quotation",
    )  # fmt: skip
    return _Made(statement, speaker, through, addressee if addressee is not speaker else None)


def _stance(cue: Cue, item: Said, said: Sequence[Tok], lists: Words) -> tuple[Act, Polarity, Certainty]:
    act, polarity, certainty = cue.act, cue.polarity, cue.certainty
    no = any(tok.lower in lists.of("negation") for tok in said)
    if item.negated and act == "state":
        certainty = "underspecified"  # "sagte nicht, ob": nothing is held
    elif item.negated:
        polarity = "positive" if polarity == "negative" else "negative"
    if no and polarity == "positive":
        polarity = "negative"
    return act, polarity, certainty


def _trimmed(text: str, span: Span) -> Span | None:
    start, end = span.start, span.end
    while start < end and text[start] in EDGE:
        start += 1
    while end > start and text[end - 1] in EDGE:
        end -= 1
    return Span(start, end) if end > start and re.search(r"\w", text[start:end]) else None


def _finished(draft: Draft, made: list[_Made], figures: Figures) -> Draft:
    made = _without_twins(made)
    made.sort(key=lambda one: (one.statement.content[0].start, -one.statement.content[-1].end))
    _nest(made)
    sources = figures.sources()
    keys = {id(one): f"s{number}" for number, one in enumerate(made, start=1)}
    statements = []
    for one in made:
        outer = one.outer
        chain = _chain(one, figures.publisher)
        speaker = one.speaker.key if one.speaker is not None else None
        if speaker is not None and chain[-1].source != speaker:
            speaker = chain[-1].source
        statements.append(
            replace(
                one.statement,
                key=keys[id(one)],
                speaker=speaker,
                addressee=one.addressee.key if one.addressee is not None else None,
                chain=chain,
                embedded_in=keys[id(outer)] if outer is not None else None,
            )
        )
    return replace(draft, sources=sources, statements=tuple(statements))


def _without_twins(made: list[_Made]) -> list[_Made]:
    kept: dict[tuple[object, ...], _Made] = {}
    for one in made:
        kept.setdefault((one.statement.cue, one.statement.content), one)
    return list(kept.values())


def _nest(made: list[_Made]) -> None:
    """Hang each statement whose cue stands inside another's content under it; in text order the open ones are few."""
    open_: list[_Made] = []
    for one in made:
        cue = one.statement.cue
        start = one.statement.content[0].start
        open_ = [other for other in open_ if other.statement.content[-1].end > start]
        if cue is not None:
            holders = [o for o in open_ if any(span.contains(cue) for span in o.statement.content)]
            one.outer = min(holders, key=lambda o: sum(map(len, o.statement.content)), default=None)
        open_.append(one)


def _chain(one: _Made, publisher: Figure) -> tuple[Link, ...]:
    steps: list[tuple[Figure, str, Span | None]] = []
    stack: list[_Made] = []
    outer = one.outer
    while outer is not None and len(stack) < 6:
        stack.append(outer)
        outer = outer.outer
    for item in [*reversed(stack), one]:
        steps += [(figure, "report", item.statement.cue) for figure in item.through]
        if item.speaker is not None:
            steps.append((item.speaker, "say", item.statement.cue))
    links = [Link("o1", "publishes")]
    seen: list[Figure] = [publisher]
    for figure, act, span in steps:
        if any(figure is other for other in seen):
            if figure is one.speaker and figure is not publisher:
                at = next(i for i, other in enumerate(seen) if other is figure)
                del seen[at], links[at]
            else:
                continue
        seen.append(figure)
        links.append(Link(figure.key, act, "certain", span))
    return tuple(links)


__all__ = ["MARKS", "find_statements"]
