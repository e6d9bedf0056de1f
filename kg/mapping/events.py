"""Events enter, their nodes leave: kind, status, trigger, time, place and who took part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import Triple

from kg.graph import literal
from kg.mapping.iris import Names, below, facts
from kg.mapping.times import read_when, when_triples
from kg.mapping.view import View
from kg.model import Event, EventStatus, Participant, Reading
from kg.vocab import KG, RDF_TYPE, concept


def event_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    for event in reading.events:
        node = names.events[event.key]
        yield from facts(
            node,
            (RDF_TYPE, KG.Event),
            (KG.inEdition, names.edition),
            (KG.recordKey, literal(event.key)),
            (KG.eventKind, concept("kind", event.kind)),
            (KG.label, literal(event.label)),
            (KG.eventStatus, concept("status", event.status)),
            (KG.trigger, names.mention(event.trigger)),
            (KG.place, names.sources[event.where] if event.where is not None else None),
        )
        yield from when_triples(node, KG.time, event.when, below(node, "when"), names)
        for position, participant in enumerate(event.participants):
            part = below(node, f"participant={position}")
            yield Triple(node, KG.participation, part)
            yield from facts(
                part,
                (RDF_TYPE, KG.Participation),
                (KG.inEdition, names.edition),
                (KG.position, literal(position)),
                (KG.role, literal(participant.role)),
                (KG.participant, names.sources[participant.source]),
            )


def read_events(view: View) -> tuple[Event, ...]:
    return tuple(
        Event(
            key=view.key(node),
            kind=view.concept(node, KG.eventKind, "kind"),
            label=view.text(node, KG.label),
            status=cast(EventStatus, view.concept(node, KG.eventStatus, "status")),
            trigger=view.span(view.node(node, KG.trigger)),
            when=read_when(view, node, KG.time),
            where=view.open_key(node, KG.place),
            participants=tuple(
                Participant(view.text(part, KG.role), view.key(view.node(part, KG.participant)))
                for part in view.ordered(node, KG.participation)
            ),
            mentions=tuple(view.span(mention) for mention in view.pointing(KG.denotes, node)),
        )
        for node in view.members(KG.Event)
    )
