"""A Reading enters, the same Reading in canonical order leaves: equal findings give equal records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from kg.model import Event, Reading, Relation, Source, Statement

# A confidence is an estimate: more digits mean nothing, and xsd:decimal of an engine need not hold 17 of them.
CONFIDENCE_DIGITS = 4


def natural(key: str) -> tuple[tuple[str | int, ...], str]:
    """Sort key of record keys: s2 stands before s10."""
    parts = re.split(r"([0-9]+)", key)
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), key


def canonical(reading: Reading) -> Reading:
    """Bring a Reading into canonical order; idempotent.

    Keyed things stand in the natural order of their keys, spans and what hangs on spans in text order, sets of keys
    without repeats; chains, roles, participants, authors and problems keep their order, which means something. The
    trigger of an event is one of its mentions, and a confidence has four digits.
    """
    return replace(
        reading,
        zones=tuple(sorted(reading.zones, key=lambda zone: zone.span)),
        sources=tuple(sorted(map(_source, reading.sources), key=lambda source: natural(source.key))),
        statements=tuple(sorted(map(_statement, reading.statements), key=lambda one: natural(one.key))),
        times=tuple(sorted(reading.times, key=lambda time: time.span)),
        events=tuple(sorted(map(_event, reading.events), key=lambda event: natural(event.key))),
        relations=tuple(sorted(map(_relation, reading.relations), key=lambda one: natural(one.key))),
    )


def _keys(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(keys), key=natural))


def _source(source: Source) -> Source:
    return replace(source, mentions=tuple(sorted(set(source.mentions), key=lambda mention: mention.span)))


def _statement(statement: Statement) -> Statement:
    return replace(
        statement,
        content=tuple(sorted(statement.content)),
        quoted=tuple(sorted(statement.quoted)),
        about=_keys(statement.about),
        # adding 0.0 turns -0.0, which would be written "-0", into 0.0
        confidence=round(float(statement.confidence), CONFIDENCE_DIGITS) + 0.0,
    )


def _event(event: Event) -> Event:
    return replace(event, mentions=tuple(sorted({event.trigger, *event.mentions})))


def _relation(relation: Relation) -> Relation:
    return replace(relation, by=_keys(relation.by))
