"""Sources enter, their nodes leave: the classes of their kind, names, roles, and whether they are named at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import NamedNode, Triple

from kg.errors import RecordError
from kg.graph import literal
from kg.mapping.iris import Names, below, facts
from kg.mapping.selectors import read_mention_kind
from kg.mapping.view import View
from kg.model import Mention, Reading, Role, RoleStatus, Source, SourceKind
from kg.vocab import KG, RDF_TYPE, concept

# Each kind's class, then every class above it: a query for kg:Actor finds outlets without inference.
CLASSES: dict[SourceKind, tuple[NamedNode, ...]] = {
    "person": (KG.Person, KG.Actor, KG.Source),
    "organization": (KG.Organization, KG.Actor, KG.Source),
    "outlet": (KG.NewsOutlet, KG.Organization, KG.Actor, KG.Source),
    "group": (KG.Group, KG.Actor, KG.Source),
    "place": (KG.Place, KG.Source),
    "document": (KG.Document, KG.Source),
    "channel": (KG.Channel, KG.Document, KG.Source),
}
# "Kyiv" is where something happens; a Kyiv that speaks or acts is its government as well.
ACTING_PLACE = (KG.GeopoliticalEntity, KG.Actor)


def source_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    acting = _acting(reading)
    for source in reading.sources:
        node = names.sources[source.key]
        classes = CLASSES[source.kind]
        if source.kind == "place" and source.key in acting:
            classes += ACTING_PLACE
        yield from (Triple(node, RDF_TYPE, one) for one in classes)
        yield from facts(
            node,
            (KG.inEdition, names.edition),
            (KG.recordKey, literal(source.key)),
            (KG.name, literal(source.name) if source.name is not None else None),
            (KG.unnamed, literal(source.unnamed)),
            (KG.number, literal(source.number) if source.number is not None else None),
        )
        for words in _other_names(source, reading.article.text):
            yield Triple(node, KG.altLabel, literal(words))
        for position, role in enumerate(source.roles):
            yield from _tenure(node, position, role, names)


def _acting(reading: Reading) -> set[str | None]:
    """Return the sources that speak, are spoken to, pass on, stand behind a relation or take part in an event."""
    acting: set[str | None] = set()
    for statement in reading.statements:
        acting |= {statement.speaker, statement.addressee, *(link.source for link in statement.chain)}
    for relation in reading.relations:
        acting.update(relation.by)
    for event in reading.events:
        acting.update(participant.source for participant in event.participants)
    return acting


def _other_names(source: Source, text: str) -> list[str]:
    names = {" ".join(one.span.of(text).split()) for one in source.mentions if one.kind == "name"}
    return sorted(names - {source.name or "", ""})


def _tenure(source: NamedNode, position: int, role: Role, names: Names) -> Iterator[Triple]:
    node = below(source, f"role={position}")
    yield Triple(source, KG.tenure, node)
    yield from facts(
        node,
        (RDF_TYPE, KG.Tenure),
        (KG.inEdition, names.edition),
        (KG.roleLabel, literal(role.label)),
        (KG.tenureStatus, concept("tenure", role.status)),
        (KG.position, literal(position)),
        (KG.evidence, names.open_mention(role.span)),
    )


def read_sources(view: View) -> tuple[Source, ...]:
    kinds = read_mention_kind(view)
    return tuple(
        Source(
            key=view.key(node),
            kind=_kind(view, node),
            name=view.open_text(node, KG.name),
            unnamed=view.text(node, KG.unnamed) == "true",
            number=view.open_integer(node, KG.number),
            roles=tuple(_role(view, tenure) for tenure in view.ordered(node, KG.tenure)),
            mentions=tuple(
                Mention(view.span(mention), kinds[mention.value])
                for mention in view.pointing(KG.denotes, node)
                if mention.value in kinds
            ),
        )
        for node in view.members(KG.Source)
    )


def _kind(view: View, node: NamedNode) -> SourceKind:
    # The narrower class first: an outlet is an organization, a channel a document.
    for kind in ("person", "outlet", "organization", "group", "place", "channel", "document"):
        if view.is_a(node, CLASSES[kind][0]):
            return kind
    raise RecordError(f"{node.value}: is a kg:Source of no kind")


def _role(view: View, tenure: NamedNode) -> Role:
    return Role(
        label=view.text(tenure, KG.roleLabel),
        status=cast(RoleStatus, view.concept(tenure, KG.tenureStatus, "tenure")),
        span=view.open_span(tenure, KG.evidence),
    )
