"""A Reading enters; nothing leaves, or a RecordError that names the path, the fact and the way out.

These are the rules that every Reading keeps, whoever made it: our own reader, a plug-in, a file of records.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from pyoxigraph import NamedNode

from kg.dates import bounds
from kg.errors import RecordError
from kg.model import Article, Event, Reading, Source, Span, Statement
from kg.record.spans import check_span, spans
from kg.vocab import EVENT_KINDS, STEP_ACTS

LONGEST_KEY = 100


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


def check(reading: Reading) -> None:
    """Refuse a Reading that breaks a rule of the record; the order of its lists does not matter here.

    Linear in the record, but for the sorting of spans. Raises RecordError at the first rule broken.
    """
    _article(reading.article)
    for path, span in spans(reading):
        check_span(span, reading.article.text, path)
    for path, edtf in _dates(reading):
        _date(edtf, path)
    _apart([zone.span for zone in reading.zones], "zones", "zones")
    _keys(reading.sources, "sources")
    kinds = {source.key: source.kind for source in reading.sources}
    statements = _keys(reading.statements, "statements")
    events = _keys(reading.events, "events")
    _keys(reading.relations, "relations")
    _sources(reading.sources)
    _times(reading)
    for index, statement in enumerate(reading.statements):
        _statement(statement, f"statements[{index}]", kinds, statements, events)
    _publisher(reading, kinds)
    _distinct(reading.statements)
    _embedding(reading.statements)
    for index, event in enumerate(reading.events):
        _event(event, f"events[{index}]", kinds)
    for index, relation in enumerate(reading.relations):
        path = f"relations[{index}]"
        _known(relation.target, statements, f"{path}.target", "statement")
        for number, key in enumerate(relation.by):
            _known(key, kinds, f"{path}.by[{number}]", "source")


def _article(article: Article) -> None:
    if not article.text:
        raise RecordError("article.text: is empty; a record needs the text that its offsets count in")
    digest = hashlib.sha256(article.text.encode()).hexdigest()
    if article.sha256 != digest:
        raise RecordError(
            f"article.sha256: the text's digest is {digest}, not {article.sha256}; hash the UTF-8 bytes of article.text"
        )
    try:
        NamedNode(article.iri)
    except ValueError as error:
        raise RecordError(f"article.iri: {article.iri!r} is no absolute IRI ({error}); leave it out") from error
    if "#" in article.iri:
        raise RecordError(f"article.iri: {article.iri!r} holds '#'; an edition's own nodes begin there")


def _dates(reading: Reading) -> Iterator[tuple[str, str]]:
    published = reading.article.published
    optional: list[tuple[str, str | None]] = [("article.published.edtf", published.edtf if published else None)]
    for index, statement in enumerate(reading.statements):
        optional.append((f"statements[{index}].said_on.edtf", statement.said_on.edtf if statement.said_on else None))
    for index, time in enumerate(reading.times):
        optional += [(f"times[{index}].edtf", time.edtf), (f"times[{index}].anchor", time.anchor)]
    for index, event in enumerate(reading.events):
        optional.append((f"events[{index}].when.edtf", event.when.edtf if event.when else None))
    return ((path, edtf) for path, edtf in optional if edtf is not None)


def _date(edtf: str, path: str) -> None:
    try:
        bounds(edtf)
    except ValueError as error:
        raise RecordError(
            f"{path}: {edtf!r} is no EDTF date ({error}); write 2022-02-27, 2022-02, 2022-02-27/2022-03-01 or null"
        ) from error


def _keys(items: Sequence[_Keyed], path: str) -> set[str]:
    keys: set[str] = set()
    for index, item in enumerate(items):
        if not item.key or len(item.key) > LONGEST_KEY:
            raise RecordError(f"{path}[{index}].key: is {len(item.key)} characters long; 1 to {LONGEST_KEY} will do")
        if item.key in keys:
            raise RecordError(f"{path}[{index}].key: {item.key!r} names an earlier one of {path}; give it another")
        keys.add(item.key)
    return keys


def _known(key: str, keys: Container[str], path: str, kind: str) -> None:
    if key not in keys:
        raise RecordError(f"{path}: there is no {kind} {key!r} in this record; add it or write null")


def _apart(stretches: Iterable[Span], path: str, noun: str) -> None:
    ordered = sorted(stretches)
    for before, after in pairwise(ordered):
        if before.overlaps(after):
            raise RecordError(
                f"{path}: the {noun} {before.start}-{before.end} and {after.start}-{after.end} overlap; cut one of them"
            )


def _sources(sources: Sequence[Source]) -> None:
    kinds: dict[Span, str] = {}
    for index, source in enumerate(sources):
        if source.number is not None and source.number < 1:
            raise RecordError(f"sources[{index}].number: {source.number} people say nothing; write 1 or more, or null")
        for number, mention in enumerate(source.mentions):
            if kinds.setdefault(mention.span, mention.kind) != mention.kind:
                raise RecordError(
                    f"sources[{index}].mentions[{number}]: this span is a {kinds[mention.span]} elsewhere and a "
                    f"{mention.kind} here; one span has one mention kind"
                )


def _times(reading: Reading) -> None:
    seen: set[Span] = set()
    for index, time in enumerate(reading.times):
        if time.span in seen:
            raise RecordError(f"times[{index}]: an earlier expression has this very span; keep one of them")
        seen.add(time.span)


def _statement(one: Statement, path: str, kinds: Mapping[str, str], statements: set[str], events: set[str]) -> None:
    if not one.content:
        raise RecordError(f"{path}.content: is empty; a statement says something, so give the spans of what is said")
    _apart(one.content, f"{path}.content", "spans")
    _apart(one.quoted, f"{path}.quoted", "spans")
    if not 0 <= one.confidence <= 1 or math.isnan(one.confidence):
        raise RecordError(f"{path}.confidence: {one.confidence} does not lie between 0 and 1")
    if one.speaker is not None:
        _known(one.speaker, kinds, f"{path}.speaker", "source")
    if one.addressee is not None:
        _known(one.addressee, kinds, f"{path}.addressee", "source")
    if one.embedded_in is not None:
        _known(one.embedded_in, statements, f"{path}.embedded_in", "statement")
    for number, key in enumerate(one.about):
        _known(key, events, f"{path}.about[{number}]", "event")
    if not one.chain:
        raise RecordError(f"{path}.chain: is empty; it begins with the publisher, whose source is of kind outlet")
    for number, link in enumerate(one.chain):
        _known(link.source, kinds, f"{path}.chain[{number}].source", "source")
        if link.act not in STEP_ACTS:
            raise RecordError(f"{path}.chain[{number}].act: {link.act!r} is none of {', '.join(STEP_ACTS)}")
    if one.speaker is not None and one.chain[-1].source != one.speaker:
        raise RecordError(
            f"{path}.speaker: is {one.speaker!r}, but the chain ends at {one.chain[-1].source!r}; the speaker is the "
            "source of the last link, or null when nobody is named"
        )


def _publisher(reading: Reading, kinds: Mapping[str, str]) -> None:
    first: str | None = None
    for index, statement in enumerate(reading.statements):
        key, path = statement.chain[0].source, f"statements[{index}].chain[0].source"
        if kinds[key] != "outlet":
            raise RecordError(f"{path}: {key!r} is of kind {kinds[key]}; a chain begins with the publisher, an outlet")
        first = first or key
        if key != first:
            raise RecordError(
                f"{path}: is {key!r}, but other chains begin with {first!r}; an article has one publisher"
            )


def _distinct(statements: Sequence[Statement]) -> None:
    seen: dict[tuple[Span | None, tuple[Span, ...]], str] = {}
    for index, statement in enumerate(statements):
        same = seen.setdefault((statement.cue, tuple(sorted(statement.content))), statement.key)
        if same != statement.key:
            raise RecordError(f"statements[{index}]: has the cue and the content of {same!r}; keep one of them")


def _embedding(statements: Sequence[Statement]) -> None:
    outer = {statement.key: statement.embedded_in for statement in statements}
    settled: set[str] = set()
    for index, statement in enumerate(statements):
        walked: set[str] = set()
        key: str | None = statement.key
        while key is not None and key not in settled:
            if key in walked:
                raise RecordError(f"statements[{index}].embedded_in: {key!r} would stand inside itself; break the ring")
            walked.add(key)
            key = outer[key]
        settled |= walked


def _event(event: Event, path: str, kinds: Mapping[str, str]) -> None:
    if event.kind not in EVENT_KINDS:
        raise RecordError(f"{path}.kind: {event.kind!r} is none of {', '.join(EVENT_KINDS)}")
    if event.where is not None:
        _known(event.where, kinds, f"{path}.where", "source")
        if kinds[event.where] != "place":
            raise RecordError(
                f"{path}.where: {event.where!r} is of kind {kinds[event.where]}; name a source of kind place"
            )
    for number, participant in enumerate(event.participants):
        _known(participant.source, kinds, f"{path}.participants[{number}].source", "source")
        if not participant.role:
            raise RecordError(f"{path}.participants[{number}].role: is empty; write agent, patient or another word")
