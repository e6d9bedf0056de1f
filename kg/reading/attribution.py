"""Utterances enter, Statements with speakers and chains of attribution leave."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from spacy.tokens import Token

from kg.model import Act, Certainty, Link, Modality, Mode, Polarity, Span, Statement, TimeExpression, When
from kg.reading.actors import Cast, Figure
from kg.reading.confidence import confidence
from kg.reading.draft import Draft, Paragraph
from kg.reading.lexicon import table
from kg.reading.quotes import inner
from kg.reading.relations import find_relations
from kg.reading.syntax import is_negated
from kg.reading.utterances import Utterance, find_utterances

TOP: dict[str, Certainty] = {"probable": "probable", "possible": "possible"}
EDGE = ' \t\n\r,;:—–-“”„«»"`'
NEAREST_DATE = 90  # characters between a cue and the date that it carries


@dataclass(slots=True)
class _Told:
    """An utterance with its figures: who said it, to whom, through whom."""

    utterance: Utterance
    speaker: Figure | None
    addressee: Figure | None
    through: list[tuple[Figure, str, Span | None]]
    content: tuple[Span, ...]
    outer: "_Told | None" = None


def find_statements(draft: Draft) -> Draft:
    """Find who said what, on whose word. Fills sources, statements and relations; keys are in text order."""
    cast = Cast(draft)
    told = _tell(draft, cast, find_utterances(draft))
    agency = _agency(draft, cast)
    _nest(told)
    statements = _same_occasion([_statement(draft, item) for item in told], told)
    sources = cast.sources(set())
    named = [_link(draft, cast, item, statement, agency) for item, statement in zip(told, statements, strict=True)]
    numbered = _number(named, told)
    draft = replace(draft, sources=sources, statements=numbered)
    return replace(draft, relations=find_relations(draft, cast))


def _tell(draft: Draft, cast: Cast, utterances: list[Utterance]) -> list[_Told]:
    """Resolve the speakers in text order, so that a pronoun can mean the last one."""
    told: list[_Told] = []
    by_utterance: dict[int, _Told] = {}
    before: Figure | None = None
    for utterance in sorted(utterances, key=lambda item: (item.cue_span or item.content[0]).start):
        where = utterance.where
        if utterance.inherits is not None:
            source = by_utterance.get(id(utterance.inherits))
            speaker = source.speaker if source else before
        else:
            speaker = cast.who(where, utterance.speaker, utterance.speaker_span, before=before)
        target = utterance.addressee
        addressee = cast.who(where, target, _span(draft, where, target), before=None) if target is not None else None
        told_to = _told_outlet(draft, cast, utterance)
        if told_to is not None:
            addressee, after = told_to
            utterance.content = [
                Span(max(span.start, after), span.end) for span in utterance.content if span.end > after
            ]
        elif addressee is not None:
            _perhaps_outlet(draft, addressee)
        content = _clean(draft, utterance)
        if not content:
            continue
        item = _Told(utterance, speaker, addressee, _through(draft, cast, utterance, speaker, addressee), content)
        told.append(item)
        by_utterance[id(utterance)] = item
        if speaker is not None and utterance.rule not in ("adjective",):
            before = speaker
    return _without_twins(told)


def _told_outlet(draft: Draft, cast: Cast, utterance: Utterance) -> tuple[Figure, int] | None:
    """Return the outlet right behind "told" and where its name ends: the parser puts it into the clause ("told NPR he")."""
    cue = utterance.cue_span
    if cue is None or utterance.cue.lemma != "tell":
        return None
    for span, figure in cast.at.get(utterance.where, ()):
        between = draft.article.text[cue.end : span.start].strip().lower() if span.start >= cue.end else "-"
        if between in ("", "the") and figure.kind in ("outlet", "organization"):
            _perhaps_outlet(draft, figure)
            if figure.kind == "outlet":
                return figure, span.end
    return None


def _perhaps_outlet(draft: Draft, figure: Figure) -> None:
    """Who is told things and is a named body, but no institution, is an outlet, though the table does not know it."""
    if figure.kind != "organization" or not figure.name or figure.unnamed:
        return
    words = {word.lower() for word in re.findall(r"\w+", figure.name)}
    if not words & _institutions(draft.language) and figure.name[:1].isupper():
        figure.kind = "outlet"


@cache
def _institutions(language: str) -> frozenset[str]:
    return frozenset(row["word"] for row in table(language, "institutions"))


def _without_twins(told: list[_Told]) -> list[_Told]:
    """Keep one of two utterances with the same cue and content, or the same content and speaker."""
    kept: dict[tuple[object, ...], _Told] = {}
    for item in told:
        kept.setdefault((item.utterance.cue_span, item.content), item)
    return sorted(kept.values(), key=lambda item: (item.content[0].start, -item.content[-1].end))


def _span(draft: Draft, where: int, head: Token | None) -> Span | None:
    from kg.reading.syntax import phrase

    if head is None:
        return None
    return draft.paragraphs[where].locate(head.doc[slice(*phrase(head))])


def _clean(draft: Draft, utterance: Utterance) -> tuple[Span, ...]:
    """Return the content without outer punctuation and marks, each span with a word in it."""
    text = draft.article.text
    cleaned = []
    for span in sorted(utterance.content):
        start, end = span.start, span.end
        while start < end and text[start] in EDGE:
            start += 1
        while end > start and text[end - 1] in EDGE + ".!?…":
            if text[end - 1] == "." and re.search(r"\b(?:[A-Z]\.){1,}$", text[start:end]):
                break
            end -= 1
        if end > start and re.search(r"\w", text[start:end]):
            cleaned.append(Span(start, end))
    cue = utterance.cue_span
    if cue is not None:
        cleaned = [span for span in cleaned if not span.overlaps(cue)] or []
    return tuple(cleaned)


def _through(
    draft: Draft, cast: Cast, utterance: Utterance, speaker: Figure | None, addressee: Figure | None
) -> list[tuple[Figure, str, Span | None]]:
    """Return who passed it on between publisher and speaker: "told the Post", "in footage posted by state media"."""
    found: list[tuple[Figure, str, Span | None]] = []
    if addressee is not None and addressee.kind == "outlet" and addressee is not speaker:
        found.append((addressee, "tell", utterance.cue_span))
    verb = utterance.verb
    if verb is None:
        return found
    paragraph = draft.paragraphs[utterance.where]
    for token in verb.subtree if verb.pos_ in ("VERB", "AUX") else ():
        place = paragraph.locate(token)
        if any(span.overlaps(place) for span in utterance.content):
            continue
        if token.dep_ not in ("pobj", "poss", "compound", "nsubj") or token.i == (
            utterance.speaker.i if utterance.speaker is not None else -1
        ):
            continue
        carrier = token.head if token.dep_ == "pobj" else None
        if carrier is None or carrier.lower_ not in ("by", "on", "in", "with", "to", "from", "via", "through", "for"):
            continue
        outlet = cast.outlet_at(utterance.where, token)
        if outlet is None or outlet is speaker or outlet is addressee or any(outlet is item[0] for item in found):
            continue
        act = (
            "broadcast"
            if any(a.lemma_ in ("broadcast", "air") for a in token.ancestors)
            else "post"
            if any(a.lemma_ in ("post", "publish", "share") for a in token.ancestors)
            else "report"
        )
        found.append((outlet, act, place))
    return found


def _agency(draft: Draft, cast: Cast) -> Figure | None:
    """Return the agency of a dateline ("PORT ALDA (MPA) —"), unless it is the publisher itself."""
    from kg import outlets

    for zone in draft.zones:
        if zone.kind != "dateline":
            continue
        match = re.search(r"\(([^()]{2,40})\)", zone.span.of(draft.article.text))
        if match is None:
            continue
        entry = outlets.by_name(match.group(1))
        name = entry.name if entry else match.group(1).strip()
        if not re.search(r"[A-Z]", name) or re.search(r"\d", name):
            continue
        publisher = cast.publisher.name or ""
        if name.lower() in publisher.lower() or "".join(w[0] for w in publisher.split() if w[:1].isupper()) == name:
            return None
        figure = next(
            (
                f
                for f in cast.figures
                if f.kind in ("outlet", "organization")
                and f.name
                and (f.name == name or "".join(w[0] for w in f.name.split() if w[:1].isupper()) == name)
            ),
            None,
        )
        if figure is None:
            figure = Figure("outlet", name)
            start = zone.span.start + match.start(1)
            figure.mention(Span(start, start + len(match.group(1))), "name")
            cast.figures.append(figure)
        figure.kind = "outlet"
        return figure
    return None


def _nest(told: list[_Told]) -> None:
    """Hang each statement whose cue stands inside another's content under the smallest such statement."""
    for item in told:
        cue = item.utterance.cue_span
        if cue is None:
            continue
        holders = [
            other
            for other in told
            if other is not item
            and any(span.contains(cue) for span in other.content)
            and sum(map(len, other.content)) > sum(map(len, item.content))
        ]
        if holders:
            item.outer = min(holders, key=lambda other: sum(map(len, other.content)))


def _statement(draft: Draft, item: _Told) -> Statement:
    utterance = item.utterance
    text = draft.article.text
    quoted = tuple(sorted({span for span in (inner(quote, text) for quote in utterance.quotes) if len(span) > 0}))
    if not quoted:
        quoted = tuple(
            inner(quote, text)
            for quote in draft.quotes
            if any(span.start <= quote.span.start + 1 and quote.span.end - 1 <= span.end for span in item.content)
            and len(inner(quote, text)) > 0
        )
    act, polarity, certainty = _stance(draft, item)
    return Statement(
        key="",
        speaker=None,
        content=item.content,
        chain=(),
        mode=_mode(item.content, quoted),
        act=act,
        polarity=polarity,
        certainty=certainty,
        modality=_modality(draft, item),
        speaker_span=utterance.speaker_span if utterance.inherits is None else None,
        quoted=quoted,
        cue=utterance.cue_span,
        said_on=_said_on(draft, item),
        confidence=confidence(utterance.rule, utterance.cue.lemma, named=item.speaker is not None),
        rule=utterance.rule,
    )


def _mode(content: tuple[Span, ...], quoted: tuple[Span, ...]) -> Mode:
    if not quoted:
        return "indirect"
    size = sum(map(len, content))
    inside = sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in content for b in quoted)
    return "direct" if inside >= 0.9 * size else "mixed"


def _classes(kind: str) -> frozenset[str]:
    return frozenset(row["word"] for row in table("en", "phrases") if row["class"] == kind)


def _stance(draft: Draft, item: _Told) -> tuple[Act, Polarity, Certainty]:
    utterance = item.utterance
    cue = utterance.cue
    act, polarity, certainty = cue.act, cue.polarity, cue.certainty
    text = draft.article.text
    words = " ".join(span.of(text) for span in item.content)
    main = _main_verb(draft, item)
    if utterance.rule == "infinitive" and cue.lemma == "tell":
        act, certainty = "urge", "underspecified"
    if utterance.rule == "infinitive" and cue.lemma in ("say", "claim"):
        pass
    if act == "state" and words.rstrip().endswith("?"):
        act = "ask"
    last = item.content[-1].end
    if act == "state" and text[last : last + 1] == "?":
        act = "ask"
    if act == "state" and cue.lemma in ("tell", "say") and utterance.verb is not None:
        clause = next(
            (
                c
                for c in utterance.verb.children
                if c.dep_ in ("xcomp", "ccomp") and c.tag_ == "VB" and any(g.lower_ == "to" for g in c.children)
            ),
            None,
        )
        if clause is not None:
            act, certainty = "urge", "underspecified"
    denial = {word.lower() for word in re.findall(r"\w+", words)} & _classes("denial") or re.search(
        r"\bnot (?:true|correct|the case)\b", words, re.IGNORECASE
    )
    if act in ("state", "allege") and denial and len(words.split()) <= 14:
        act, polarity = "deny", "negative"
    negative_clause = main is not None and is_negated(main)
    if utterance.negated and cue.lemma not in ("say", "tell"):
        polarity = "positive" if polarity == "negative" else "negative"
    elif negative_clause and polarity == "positive":
        polarity = "negative"
    if certainty == "certain":
        lower = {word.lower() for word in re.findall(r"[\w']+", words)[:14]}
        if lower & _classes("possible"):
            certainty = "possible"
        elif lower & _classes("probable"):
            certainty = "probable"
    if act in ("urge", "ask", "offer", "threaten", "promise", "refuse") and certainty == "certain":
        certainty = "underspecified"
    return act, polarity, certainty


def _main_verb(draft: Draft, item: _Told) -> Token | None:
    """Return the verb at the top of the content's first clause."""
    paragraph = draft.paragraphs[item.utterance.where]
    if paragraph.doc is None:
        return None
    first = item.content[0]
    inside = [t for t in paragraph.doc if first.start <= paragraph.span.start + t.idx < first.end]
    ids = {t.i for t in inside}
    tops = [t for t in inside if t.pos_ in ("VERB", "AUX") and (t.head.i not in ids or t.head is t)]
    return tops[0] if tops else None


def _modality(draft: Draft, item: _Told) -> Modality | None:
    text = draft.article.text
    if text[item.content[-1].end : item.content[-1].end + 1] == "?":
        return "question"
    main = _main_verb(draft, item)
    if main is None:
        return None
    helpers = {child.lower_ for child in main.children if child.dep_ == "aux"}
    for kind in ("obligation", "conditional", "intention"):
        if helpers & _classes(kind):
            return kind  # type: ignore[return-value]
    return None


def _said_on(draft: Draft, item: _Told) -> When | None:
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
    """Tell whether a time expression belongs to the cue: through its phrases, its subject, or what was "issued on Monday"."""
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


def _same_occasion(statements: list[Statement], told: list[_Told]) -> list[Statement]:
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


def _link(draft: Draft, cast: Cast, item: _Told, statement: Statement, agency: Figure | None) -> Statement:
    """Build the chain: publisher, the dateline's agency, outer speakers, who passed it on, the root."""
    links = [Link("o1", "publishes")]
    steps: list[tuple[Figure, str, Certainty, Span | None]] = []
    if agency is not None:
        steps.append((agency, "report", "certain", None))
    stack: list[_Told] = []
    outer = item.outer
    while outer is not None and len(stack) < 6:
        stack.append(outer)
        outer = outer.outer
    for told in [*reversed(stack), item]:
        steps += [(figure, act, "certain", span) for figure, act, span in told.through]
        if told.speaker is not None:
            certainty = told.utterance.cue.certainty if told is not item else "certain"
            act = told.utterance.cue.step
            if told.speaker.kind == "document":
                act = "document"
            steps.append((told.speaker, act, certainty, told.utterance.cue_span))
    seen: list[Figure] = [cast.publisher]
    for figure, act, certainty, span in steps:
        if figure in seen and not (figure is cast.publisher and figure is item.speaker and len(seen) == 1):
            if figure is item.speaker and figure is not cast.publisher:
                at = seen.index(figure)
                del seen[at], links[at]
            else:
                continue
        if figure is cast.publisher:
            continue
        seen.append(figure)
        links.append(Link(figure.key, act, certainty, span))
    speaker = item.speaker.key if item.speaker is not None else None
    if speaker is not None and links[-1].source != speaker:
        speaker = links[-1].source if item.speaker is cast.publisher else speaker
    addressee = item.addressee.key if item.addressee is not None and item.addressee is not item.speaker else None
    return replace(statement, chain=tuple(links), speaker=speaker, addressee=addressee)


def _number(statements: list[Statement], told: list[_Told]) -> tuple[Statement, ...]:
    order = sorted(
        range(len(statements)), key=lambda i: (statements[i].content[0].start, -statements[i].content[-1].end)
    )
    keys = {id(told[i]): f"s{number}" for number, i in enumerate(order, start=1)}
    made = []
    for i in order:
        outer = told[i].outer
        made.append(
            replace(statements[i], key=keys[id(told[i])], embedded_in=keys[id(outer)] if outer is not None else None)
        )
    return tuple(made)
