"""Spans enter, mentions leave: one node a span, whatever stands there; it is NIF string and text position in one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import Triple

from kg.graph import literal
from kg.mapping.iris import Names, facts
from kg.mapping.view import View
from kg.model import MentionKind, Reading, Zone, ZoneKind
from kg.record import spans
from kg.vocab import KG, RDF_TYPE, concept


def mention_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    """Say where each span stands, which words stand there, and which source, event or zone it is."""
    text = reading.article.text
    for span in sorted({span for _, span in spans(reading)}):
        yield from facts(
            names.mention(span),
            (RDF_TYPE, KG.Mention),
            (KG.inEdition, names.edition),
            (KG.start, literal(span.start)),
            (KG.end, literal(span.end)),
            (KG.exact, literal(span.of(text))),
        )
    for source in reading.sources:
        for mention in source.mentions:
            yield from facts(
                names.mention(mention.span),
                (KG.denotes, names.sources[source.key]),
                (KG.mentionKind, concept("mention", mention.kind)),
            )
    for event in reading.events:
        for span in event.mentions:
            yield Triple(names.mention(span), KG.denotes, names.events[event.key])
    for zone in reading.zones:
        yield Triple(names.mention(zone.span), KG.zone, concept("zone", zone.kind))


def read_mention_kind(view: View) -> dict[str, MentionKind]:
    """Return the kind of each mention that has one, by the mention's IRI."""
    kinds = {}
    for mention in view.members(KG.Mention):
        if kind := view.open_concept(mention, KG.mentionKind, "mention"):
            kinds[mention.value] = cast(MentionKind, kind)
    return kinds


def read_zones(view: View) -> tuple[Zone, ...]:
    kinds = ((mention, view.open_concept(mention, KG.zone, "zone")) for mention in view.members(KG.Mention))
    return tuple(Zone(view.span(mention), cast(ZoneKind, kind)) for mention, kind in kinds if kind)
