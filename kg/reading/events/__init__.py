"""A Draft with statements, sources and times enters; it leaves with events: who, where, when and on whose word."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Token

from kg.model import Event, EventStatus, Mention, Participant, Source, Span, Statement, TimeExpression, When
from kg.reading.draft import Draft, Paragraph
from kg.reading.events.merging import Found, groups
from kg.reading.events.roles import Mentions, participants, place_name, place_tokens, times_of
from kg.reading.events.status import status
from kg.reading.events.triggers import Trigger, find_triggers
from kg.reading.lexicon import has
from kg.reading.places import lookup

READ_IN = frozenset({"body", "title"})
_LABEL_WORDS = 8
_LABEL_PREPOSITIONS = frozenset({"of", "on", "against", "in", "with", "between"})


def find_events(draft: Draft) -> Draft:
    """Find the events of the story and its titles, and what each statement is about.

    Runs after times, sources and statements. Keys are ``e1`` … in text order of the triggers; mentions of one event in
    one article are merged (:mod:`kg.reading.events.merging`). An event that stands in a statement's content alone is
    never actual. Places that no step before has found become sources of kind place (keys ``p1`` …). Statements get
    the keys of the events in their content. Captions, promotion and biographies are left out; paragraphs without a
    parse and languages without ``event_triggers.tsv`` have no events.
    """
    if not has(draft.language, "event_triggers"):
        return draft
    places = _Places(draft)
    found: list[Found] = []
    for paragraph, near in zip(draft.paragraphs, _nearby(draft), strict=True):
        if paragraph.kind in READ_IN and paragraph.doc is not None:
            found += _in_paragraph(draft, paragraph, near, places)
    events: list[Event] = []
    keys: list[tuple[Span, str]] = []
    for number, group in enumerate(groups(found), start=1):
        event = _event(f"e{number}", group)
        events.append(event)
        keys += [(span, event.key) for span in event.mentions]
    return replace(
        draft, events=tuple(events), sources=places.sources(), statements=_about(draft.statements, sorted(keys))
    )


@dataclass(slots=True)
class _Near:
    """What stands in one paragraph; gathered once, so that the step stays linear in the text."""

    times: list[TimeExpression] = field(default_factory=list)
    cues: list[Span] = field(default_factory=list)
    quotes: list[Span] = field(default_factory=list)
    contents: list[tuple[Span, int]] = field(default_factory=list)
    mentions: list[tuple[Span, str]] = field(default_factory=list)


def _nearby(draft: Draft) -> list[_Near]:
    near = [_Near() for _ in draft.paragraphs]
    starts = [paragraph.span.start for paragraph in draft.paragraphs]

    def over(span: Span) -> list[_Near]:
        return near[max(bisect_right(starts, span.start) - 1, 0) : bisect_left(starts, span.end)]

    for time in draft.times:
        if time.edtf is not None and time.type in ("DATE", "TIME"):
            for one in over(time.span):
                one.times.append(time)
    for quote in draft.quotes:
        for one in over(quote.span):
            one.quotes.append(quote.span)
    for index, statement in enumerate(draft.statements):
        for one in over(statement.cue) if statement.cue is not None else ():
            one.cues.append(statement.cue)  # type: ignore[arg-type]  # not None here
        for content in statement.content:
            for one in over(content):
                one.contents.append((content, index))
    for source in draft.sources:
        for mention in source.mentions:
            for one in over(mention.span):
                one.mentions.append((mention.span, source.key))
    return near


def _in_paragraph(draft: Draft, paragraph: Paragraph, near: _Near, places: _Places) -> Iterator[Found]:
    triggers = [
        trigger
        for trigger in find_triggers(paragraph, draft.language, draft.given.events)
        if trigger.span in draft.given.events or not any(cue.overlaps(trigger.span) for cue in near.cues)
    ]
    attached = times_of(triggers, near.times, paragraph)
    mentions = Mentions.of(near.mentions)
    for index, trigger in enumerate(triggers):
        statement = _innermost(trigger.span, near.contents, draft.statements)
        quoted = any(quote.contains(trigger.span) for quote in near.quotes)
        yield Found(
            trigger,
            status(trigger, statement, draft.language, quoted=quoted),
            _when(attached.get(index)),
            places.of(trigger, mentions),
            participants(trigger, mentions),
        )


def _when(time: TimeExpression | None) -> When | None:
    return When(time.edtf, time.span) if time is not None and time.edtf is not None else None


def _innermost(span: Span, contents: Sequence[tuple[Span, int]], statements: Sequence[Statement]) -> Statement | None:
    """Return the statement with the shortest content that holds a span; one by somebody else than the article first.

    What the article itself adds to another's words is still within these words.
    """
    holding = [
        (len(statements[index].chain) < 2, sum(map(len, statements[index].content)), index)
        for content, index in contents
        if content.contains(span)
    ]
    return statements[min(holding)[2]] if holding else None


# What one mention says counts for the event in this order: the article's own voice first.
_RANK: tuple[EventStatus, ...] = ("actual", "planned", "denied", "alleged", "reported", "hypothetical")


def _event(key: str, group: Sequence[Found]) -> Event:
    first = group[0]
    own = [found for found in group if found.status == "actual"]
    chosen = own[0] if own else min(group, key=lambda found: _RANK.index(found.status) if len(group) > 1 else 0)
    people: dict[Participant, None] = {}
    for found in group:
        people.update(dict.fromkeys(found.participants))
    named = next((found for found in group if found.participants), first)
    return Event(
        key=key,
        kind=first.trigger.kind,
        label=_label(named.trigger),
        status=chosen.status,
        trigger=first.trigger.span,
        when=next((found.when for found in group if found.when is not None), None),
        where=next((found.where for found in group if found.where is not None), None),
        participants=tuple(people),
        mentions=tuple(found.trigger.span for found in group),
    )


def _label(trigger: Trigger) -> str:
    """Return words by which people recognise the event: "arrested two inspectors", "missile attack on the port".

    The trigger with its object, or the subject where it has none, cut to short noun phrases.
    """
    token = trigger.token
    if trigger.nominal:
        words = _phrase(token, with_prepositions=True)
    else:
        children = {child.dep_: child for child in reversed(list(token.children))}
        subject = children.get("nsubjpass") or (children.get("nsubj") if "dobj" not in children else None)
        parts = [
            *(_phrase(subject) if subject is not None and subject.pos_ in ("NOUN", "PROPN") else ()),
            token,
            *([children["prt"]] if "prt" in children else ()),
            *(_phrase(children["dobj"]) if "dobj" in children else ()),
        ]
        words = sorted(set(parts))
    label = " ".join(" ".join(word.text.strip() for word in words[:_LABEL_WORDS]).split())
    return label.replace(" 's", "'s").replace(" ’s", "’s").replace(" - ", "-") or token.text


def _phrase(noun: Token, *, with_prepositions: bool = False) -> list[Token]:
    """Return a noun with what stands before it, and at most one phrase with "of", "on", "in" … after it."""
    words = [noun]
    for child in noun.children:
        if child.i < noun.i and child.dep_ in ("compound", "amod", "poss", "nummod", "nmod", "quantmod"):
            words += [word for word in child.subtree if word.i < noun.i and noun.i - word.i < _LABEL_WORDS]
        elif with_prepositions and child.i > noun.i and child.lower_ in _LABEL_PREPOSITIONS and len(words) < 4:
            target = next((grand for grand in child.children if grand.dep_ == "pobj"), None)
            if target is not None:
                words += [child, *_phrase(target)]
    return sorted(set(words))


def _about(statements: Sequence[Statement], keys: Sequence[tuple[Span, str]]) -> tuple[Statement, ...]:
    starts = [span.start for span, _ in keys]
    result = []
    for statement in statements:
        about: dict[str, None] = dict.fromkeys(statement.about)
        for content in statement.content:
            for span, key in keys[bisect_left(starts, content.start) : bisect_left(starts, content.end)]:
                if content.contains(span):
                    about[key] = None
        result.append(replace(statement, about=tuple(about)))
    return tuple(result)


class _Places:
    """The sources so far and the places added to them; open while an article is read."""

    def __init__(self, draft: Draft) -> None:
        self._text = draft.article.text
        self._given = draft.sources
        self._keys = {source.key for source in draft.sources}
        self._names = {
            _identity(source.name): source.key for source in draft.sources if source.kind == "place" and source.name
        }
        self._added: dict[str, Source] = {}
        self._kinds = {source.key: source.kind for source in draft.sources}

    def of(self, trigger: Trigger, mentions: Mentions) -> str | None:
        """Return the key of the place that an event's clause names, added if no source has it."""
        for token in place_tokens(trigger):
            span = trigger.paragraph.locate(token)
            key = mentions.at(span)
            if key is not None:
                if self._kinds[key] == "place":
                    return key
                continue
            named = place_name(token)
            if named is not None:
                return self._add(Span(trigger.paragraph.span.start + named[0], trigger.paragraph.span.start + named[1]))
        return None

    def _add(self, span: Span) -> str:
        name = " ".join(span.of(self._text).split())
        key = self._names.get(_identity(name))
        if key is None:
            number = len(self._added) + 1
            while f"p{number}" in self._keys:
                number += 1
            key = f"p{number}"
            self._keys.add(key)
            self._names[_identity(name)] = key
            self._added[key] = Source(key, "place", name)
        if key in self._added:
            source = self._added[key]
            mention = Mention(span, "name")
            if mention not in source.mentions:
                self._added[key] = replace(source, mentions=tuple(sorted((*source.mentions, mention), key=_start)))
        return key

    def sources(self) -> tuple[Source, ...]:
        return (*self._given, *self._added.values())


def _start(mention: Mention) -> Span:
    return mention.span


def _identity(name: str) -> str:
    place = lookup(name)
    return f"{place.name}/{place.country}" if place is not None else " ".join(name.casefold().split())
