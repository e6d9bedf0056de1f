"""Statements and what the article says of them enter; their nodes, chains and relations leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import NamedNode, Triple

from kg import model
from kg.graph import literal
from kg.mapping.iris import Names, below, facts
from kg.mapping.provenance import publisher
from kg.mapping.times import read_when, when_triples
from kg.mapping.view import View
from kg.model import Link, Reading, Relation, Statement
from kg.vocab import KG, RDF_TYPE, concept


def statement_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    for statement in reading.statements:
        node = names.statements[statement.key]
        yield from _head(statement, node, reading.article.text, names)
        for span in statement.content:
            yield Triple(node, KG.content, names.mention(span))
        for span in statement.quoted:
            yield Triple(node, KG.quoted, names.mention(span))
        for key in statement.about:
            yield Triple(node, KG.aboutEvent, names.events[key])
        yield from when_triples(node, KG.saidOn, statement.said_on, below(node, "said-on"), names)
        for position, link in enumerate(statement.chain):
            yield from _step(node, position, link, names)


def _head(statement: Statement, node: NamedNode, text: str, names: Names) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, KG.Statement)
    if statement.mode == "direct":
        yield Triple(node, RDF_TYPE, KG.DirectQuotation)
    speaker, addressee, outer = statement.speaker, statement.addressee, statement.embedded_in
    yield from facts(
        node,
        (KG.inEdition, names.edition),
        (KG.reportedIn, names.part("article")),
        (KG.recordKey, literal(statement.key)),
        (KG.speaker, names.sources[speaker] if speaker is not None else None),
        (KG.speakerMention, names.open_mention(statement.speaker_span)),
        (KG.addressee, names.sources[addressee] if addressee is not None else None),
        (KG.contentText, literal(" … ".join(" ".join(span.of(text).split()) for span in statement.content))),
        (KG.cue, names.open_mention(statement.cue)),
        (KG.mode, concept("mode", statement.mode)),
        (KG.speechAct, concept("act", statement.act)),
        (KG.polarity, concept("polarity", statement.polarity)),
        (KG.certainty, concept("certainty", statement.certainty)),
        (KG.modality, concept("modality", statement.modality) if statement.modality is not None else None),
        (KG.embeddedIn, names.statements[outer] if outer is not None else None),
        (KG.rootSource, names.sources[statement.chain[-1].source]),
        (KG.confidence, literal(statement.confidence)),
        (KG.rule, literal(statement.rule)),
    )


def _step(statement: NamedNode, position: int, link: Link, names: Names) -> Iterator[Triple]:
    node = below(statement, f"step={position}")
    yield Triple(statement, KG.hasStep, node)
    yield from facts(
        node,
        (RDF_TYPE, KG.AttributionStep),
        (KG.inEdition, names.edition),
        (KG.position, literal(position)),
        (KG.stepSource, names.sources[link.source]),
        (KG.stepAct, concept("step", link.act)),
        (KG.stepCertainty, concept("certainty", link.certainty)),
        (KG.evidence, names.open_mention(link.evidence)),
    )


def relation_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    """Say what the article itself says of its statements; its publisher asserts it."""
    for relation in reading.relations:
        node = names.relations[relation.key]
        yield from facts(
            node,
            (RDF_TYPE, KG.StatementRelation),
            (KG.inEdition, names.edition),
            (KG.recordKey, literal(relation.key)),
            (KG.relation, concept("relation", relation.relation)),
            (KG.to, names.statements[relation.target]),
            (KG.certainty, concept("certainty", relation.certainty)),
            (KG.assertedBy, publisher(reading, names)),
            (KG.basis, concept("basis", "declared")),
            (KG.evidence, names.open_mention(relation.evidence)),
        )
        for key in relation.by:
            yield Triple(node, KG.bySource, names.sources[key])


def read_statements(view: View) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            key=view.key(node),
            speaker=view.open_key(node, KG.speaker),
            content=view.spans(node, KG.content),
            chain=tuple(_read_step(view, step) for step in view.ordered(node, KG.hasStep)),
            mode=cast(model.Mode, view.concept(node, KG.mode, "mode")),
            act=cast(model.Act, view.concept(node, KG.speechAct, "act")),
            polarity=cast(model.Polarity, view.concept(node, KG.polarity, "polarity")),
            certainty=cast(model.Certainty, view.concept(node, KG.certainty, "certainty")),
            modality=cast(model.Modality | None, view.open_concept(node, KG.modality, "modality")),
            speaker_span=view.open_span(node, KG.speakerMention),
            addressee=view.open_key(node, KG.addressee),
            quoted=view.spans(node, KG.quoted),
            cue=view.open_span(node, KG.cue),
            said_on=read_when(view, node, KG.saidOn),
            embedded_in=view.open_key(node, KG.embeddedIn),
            about=view.keys(node, KG.aboutEvent),
            confidence=float(view.text(node, KG.confidence)),
            rule=view.text(node, KG.rule),
        )
        for node in view.members(KG.Statement)
    )


def _read_step(view: View, node: NamedNode) -> Link:
    return Link(
        source=view.key(view.node(node, KG.stepSource)),
        act=view.concept(node, KG.stepAct, "step"),
        certainty=cast(model.Certainty, view.concept(node, KG.stepCertainty, "certainty")),
        evidence=view.open_span(node, KG.evidence),
    )


def read_relations(view: View) -> tuple[Relation, ...]:
    return tuple(
        Relation(
            key=view.key(node),
            relation=cast(model.RelationKind, view.concept(node, KG.relation, "relation")),
            target=view.key(view.node(node, KG.to)),
            by=view.keys(node, KG.bySource),
            certainty=cast(model.Certainty, view.concept(node, KG.certainty, "certainty")),
            evidence=view.open_span(node, KG.evidence),
        )
        for node in view.members(KG.StatementRelation)
    )
