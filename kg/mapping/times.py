"""Time expressions and dates enter, time spans leave: the EDTF string beside the first and the last day it can mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import NamedNode, Triple

from kg.dates import bounds
from kg.graph import literal
from kg.mapping.iris import Names, facts
from kg.mapping.view import View
from kg.model import Reading, Resolution, Span, TimeExpression, TimexType, When
from kg.vocab import KG, RDF_TYPE, concept


def time_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    for time in reading.times:
        node = names.time(time.span)
        yield from span_triples(node, names, edtf=time.edtf, resolution=time.resolution, evidence=time.span)
        yield from facts(
            node,
            (KG.timexValue, literal(time.value)),
            (KG.timexType, concept("timex", time.type)),
            (KG.anchor, literal(time.anchor) if time.anchor is not None else None),
        )


def span_triples(
    node: NamedNode, names: Names, *, edtf: str | None, resolution: str, evidence: Span | None = None
) -> Iterator[Triple]:
    """Say a stretch of time; without ``edtf`` it stays unresolved and has no first and no last day."""
    earliest, latest = bounds(edtf) if edtf is not None else (None, None)
    yield from facts(
        node,
        (RDF_TYPE, KG.TimeSpan),
        (KG.inEdition, names.edition),
        (KG.edtf, literal(edtf) if edtf is not None else None),
        (KG.earliest, literal(earliest) if earliest else None),
        (KG.latest, literal(latest) if latest else None),
        (KG.resolution, concept("resolution", resolution)),
        (KG.evidence, names.open_mention(evidence)),
    )


def when_triples(
    subject: NamedNode, predicate: NamedNode, when: When | None, own: NamedNode, names: Names
) -> Iterator[Triple]:
    """Tie a time to a node: the expression's node when it means the same, else a node of its own."""
    if when is None:
        return
    expression = names.expressions.get(when.span) if when.span else None
    if expression and expression.edtf == when.edtf:
        yield Triple(subject, predicate, names.time(expression.span))
        return
    yield Triple(subject, predicate, own)
    resolution = expression.resolution if expression else "inferred"
    yield from span_triples(own, names, edtf=when.edtf, resolution=resolution, evidence=when.span)


def read_when(view: View, subject: NamedNode, predicate: NamedNode) -> When | None:
    node = view.open_node(subject, predicate)
    return None if node is None else When(view.text(node, KG.edtf), view.open_span(node, KG.evidence))


def read_times(view: View) -> tuple[TimeExpression, ...]:
    """Read the expressions; time spans without a kg:timexType were inferred and belong to one statement or event."""
    return tuple(
        TimeExpression(
            span=view.span(view.node(node, KG.evidence)),
            value=view.text(node, KG.timexValue),
            edtf=view.open_text(node, KG.edtf),
            type=cast(TimexType, view.concept(node, KG.timexType, "timex")),
            resolution=cast(Resolution, view.concept(node, KG.resolution, "resolution")),
            anchor=view.open_text(node, KG.anchor),
        )
        for node in view.members(KG.TimeSpan)
        if view.open_node(node, KG.timexType)
    )
