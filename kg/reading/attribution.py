"""Utterances enter, Statements with speakers and chains of attribution leave."""

from __future__ import annotations

import re
from dataclasses import replace

from spacy.tokens import Token

from kg.model import Span, Statement
from kg.reading import cues
from kg.reading.actors import Cast, Figure
from kg.reading.chains import agency_of, link, nest, perhaps_outlet, through, told_outlet
from kg.reading.confidence import confidence
from kg.reading.dating import said_on, same_occasion
from kg.reading.draft import Draft
from kg.reading.pronouns import named_in
from kg.reading.quotes import inner
from kg.reading.relations import find_relations
from kg.reading.resolving import cast_given, mention_holders
from kg.reading.stance import modality, mode, stance
from kg.reading.syntax import children, phrase
from kg.reading.told import Told
from kg.reading.utterance import Utterance
from kg.reading.utterances import find_utterances
from kg.reading.weighing import weighed

PASSAGE = 6  # paragraphs in which an outlet that quoted somebody is still the one that quotes him
EDGE = ' \t\n\r,;:—–-“”„«»"`'


def find_statements(draft: Draft) -> Draft:
    """Find who said what, on whose word. Fills sources, statements and relations; keys are in text order."""
    cast = Cast(draft)
    told = _tell(draft, cast, find_utterances(draft))
    agency = agency_of(draft, cast)
    nest(told)
    statements = same_occasion([_statement(draft, item) for item in told], told)
    mention_holders(cast)
    cast_given(cast)
    sources = cast.sources(set())
    named = [link(draft, cast, item, statement, agency) for item, statement in zip(told, statements, strict=True)]
    numbered = _number(named, told)
    draft = replace(draft, sources=sources, statements=numbered)
    return replace(draft, relations=find_relations(draft, cast))


def _tell(draft: Draft, cast: Cast, utterances: list[Utterance]) -> list[Told]:
    """Resolve the speakers in text order, so that a pronoun can mean the last one."""
    told: list[Told] = []
    by_utterance: dict[int, Told] = {}
    before: Figure | None = None
    for utterance in sorted(utterances, key=lambda item: (item.cue_span or item.content[0]).start):
        where = utterance.where
        if utterance.inherits is not None:
            source = by_utterance.get(id(utterance.inherits))
            speaker = source.speaker if source else before
        else:
            # Who is meant is named by the noun ("a U.S. official"), not by how it stands at the cue (", who told").
            speaker = cast.who(
                where,
                utterance.speaker,
                _span(draft, where, utterance.speaker),
                before=before,
                barred=named_in(cast, where, utterance.content),
            )
        target = utterance.addressee
        addressee = cast.who(where, target, _span(draft, where, target), before=None) if target is not None else None
        told_to = told_outlet(draft, cast, utterance)
        if told_to is not None:
            addressee, after = told_to
            stop = cue_end(utterance)
            utterance.content = [
                Span(max(span.start, after), span.end) if span.start >= stop else span
                for span in utterance.content
                if span.end > after or span.end <= stop
            ]
        elif addressee is not None and target is not None and not children(target, "prep"):
            perhaps_outlet(draft, addressee)
        content = _clean(draft, utterance)
        if not content:
            continue
        of_whom = before if utterance.cited is not None and utterance.cited.pos_ == "PRON" else None
        cited = cast.who(where, utterance.cited, _span(draft, where, utterance.cited), before=of_whom)
        passed_on = through(draft, cast, utterance, speaker, addressee)
        if cited is not None and cited is not speaker:
            if speaker is not None:
                passed_on.append((speaker, utterance.cue.step, utterance.cue_span))
            speaker = cited
            utterance.speaker_span = _span(draft, where, utterance.cited)
        if not passed_on and told and _goes_on(utterance, speaker, told[-1]):
            passed_on = list(told[-1].through)
        item = Told(utterance, speaker, addressee, passed_on, content)
        told.append(item)
        by_utterance[id(utterance)] = item
        if speaker is not None and utterance.rule not in ("adjective",):
            before = speaker
    _carry_passages(draft, told)
    return _without_twins(told)


def _carry_passages(draft: Draft, told: list[Told]) -> None:
    """Keep the outlet that quoted somebody in the chains of what he says on in the same passage.

    "The Courier quoted Lind as saying …": what Lind said in the next paragraphs is in the Courier too, until he speaks
    to somebody else, or on a day of its own. "Lind was quoted as saying" does not tell by whom: by who passed on the
    nearest statement of his that somebody did.
    """
    last: dict[int, Told] = {}
    for item in told:
        if item.speaker is None:
            continue
        before = last.get(id(item.speaker))
        if not item.through and before is not None and _is_passage(before, item) and said_on(draft, item) is None:
            item.through = list(before.through)
        if item.through or not _is_quoted_by_nobody(item):
            last[id(item.speaker)] = item
    for item in told:
        if item.speaker is None or item.through or not _is_quoted_by_nobody(item):
            continue
        others = [one for one in told if one.speaker is item.speaker and one.through]
        if others:
            item.through = list(min(others, key=lambda one: abs(one.utterance.where - item.utterance.where)).through)


def _is_passage(before: Told, item: Told) -> bool:
    apart = item.utterance.where - before.utterance.where
    return bool(_outlets(before)) and apart <= PASSAGE and not _is_told_press(item)


def _is_told_press(item: Told) -> bool:
    """Tell whether somebody named, or the press, is told; what a crowd was told is in the outlet as well."""
    if item.addressee is None:
        return False
    token = item.utterance.addressee
    return item.addressee.kind != "group" or token is None or token.lower_ in cues.naming(token.lang_, "press")


def _outlets(item: Told) -> list[Figure]:
    return [figure for figure, _, _ in item.through if figure.kind == "outlet"]


def _is_quoted_by_nobody(item: Told) -> bool:
    """Tell whether a cue is "was quoted as saying": somebody wrote it, and the sentence does not say who."""
    verb = item.utterance.verb
    return (
        verb is not None
        and verb.dep_ == "pcomp"
        and verb.head.head.lemma_.lower() in cues.naming(verb.lang_, "quoting")
    )


def _goes_on(utterance: Utterance, speaker: Figure | None, last: Told) -> bool:
    """Tell whether a speaker goes on in the same paragraph by a pronoun or without a cue: to the same outlet, then."""
    by_pronoun = utterance.inherits is not None or (utterance.speaker is not None and utterance.speaker.pos_ == "PRON")
    return by_pronoun and speaker is not None and last.speaker is speaker and last.utterance.where == utterance.where


def cue_end(utterance: Utterance) -> int:
    """Return where the cue ends; 0 without one."""
    return utterance.cue_span.end if utterance.cue_span else 0


def _without_twins(told: list[Told]) -> list[Told]:
    """Keep one of two utterances with the same cue and content, or the same content and speaker."""
    kept: dict[tuple[object, ...], Told] = {}
    for item in told:
        first = kept.setdefault((item.utterance.cue_span, item.content), item)
        if first is not item:
            rule, why = item.utterance.rule, "the first of two rules that read the same words at the same cue"
            weighed("twin", item.content[0].start, first.utterance.rule, (rule,), why)
    return sorted(kept.values(), key=lambda item: (item.content[0].start, -item.content[-1].end))


def _span(draft: Draft, where: int, head: Token | None) -> Span | None:
    if head is None:
        return None
    return draft.paragraphs[where].locate(head.doc[slice(*phrase(head))])


def _clean(draft: Draft, utterance: Utterance) -> tuple[Span, ...]:
    """Return the content without outer punctuation and marks, each span with a word in it."""
    text = draft.article.text
    cleaned = []
    for span in sorted(utterance.content):
        start, end = span.start, span.end
        while start < end and (text[start] in EDGE or text.startswith("''", start)):
            start += 2 if text.startswith("''", start) else 1
        while end > start and (text[end - 1] in EDGE + ".!?…" or text[end - 2 : end] == "''"):
            if text[end - 1] == "." and re.search(r"\b(?:[A-Z]\.){1,}$", text[start:end]):
                break
            end -= 2 if text[end - 2 : end] == "''" else 1
        if end > start and re.search(r"\w", text[start:end]):
            cleaned.append(Span(start, end))
    cue = utterance.cue_span
    if cue is not None:
        cleaned = [span for span in cleaned if not span.overlaps(cue)] or []
    return tuple(cleaned)


def _statement(draft: Draft, item: Told) -> Statement:
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
    if utterance.rule == "turn":
        quoted = item.content  # a transcript has words as spoken, without marks
    quoted = tuple(span for span in quoted if any(span.overlaps(part) for part in item.content))
    act, polarity, certainty = stance(draft, item)
    return Statement(
        key="",
        speaker=None,
        content=item.content,
        chain=(),
        mode=mode(item.content, quoted),
        act=act,
        polarity=polarity,
        certainty=certainty,
        modality=modality(draft, item),
        speaker_span=utterance.speaker_span if utterance.inherits is None else None,
        quoted=quoted,
        cue=utterance.cue_span,
        said_on=said_on(draft, item),
        confidence=confidence(utterance.rule, utterance.cue.lemma, named=item.speaker is not None),
        rule=utterance.rule,
    )


def _number(statements: list[Statement], told: list[Told]) -> tuple[Statement, ...]:
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
