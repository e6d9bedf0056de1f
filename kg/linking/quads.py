"""Canonical nodes, links, claims and relations enter, the triples of the linking graph leave (docs/model.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from kg.graph import literal, short_hash
from kg.linking.claims import Claim
from kg.linking.copies import Copy
from kg.linking.corpus import Edition, LocalStatement
from kg.linking.events import CanonicalEvent
from kg.linking.identity import Canonical, Identity, Link
from kg.linking.independence import Board
from kg.linking.relations import Found
from kg.vocab import KG, RDF_TYPE, concept

VERSION = "1"

CLASSES: dict[str, tuple[NamedNode, ...]] = {
    "person": (KG.Person, KG.Actor, KG.Source),
    "organization": (KG.Organization, KG.Actor, KG.Source),
    "outlet": (KG.NewsOutlet, KG.Organization, KG.Actor, KG.Source),
    "channel": (KG.Channel, KG.Document, KG.Source),
    "group": (KG.Group, KG.Actor, KG.Source),
    "document": (KG.Document, KG.Source),
    "place": (KG.Place, KG.Source),
}


def _triple(subject: str, predicate: NamedNode, value: str | NamedNode | Literal) -> Triple:
    return Triple(NamedNode(subject), predicate, NamedNode(value) if isinstance(value, str) else value)


def run_iri(base: str) -> str:
    """Return the node of the linker's run: one per version, so that linking twice changes nothing."""
    return f"{base}run/linker-{VERSION}"


def run_triples(base: str) -> Iterator[Triple]:
    """Yield what graph/runs says of the linker."""
    yield _triple(run_iri(base), RDF_TYPE, KG.ExtractionRun)
    yield _triple(run_iri(base), KG.reader, literal("linker"))
    yield _triple(run_iri(base), KG.version, literal(VERSION))


def source_triples(canonicals: Iterable[Canonical]) -> Iterator[Triple]:
    for canonical in canonicals:
        for term in {term for kind in canonical.kinds for term in CLASSES[kind]}:
            yield _triple(canonical.iri, RDF_TYPE, term)
        yield _triple(canonical.iri, KG.name, literal(canonical.names[0]))
        for name in canonical.names[1:]:
            yield _triple(canonical.iri, KG.altLabel, literal(name))


def link_iri(local: str, canonical: str, *, base: str) -> str:
    return f"{base}link/{short_hash(local, canonical)}"


def link_triples(links: Iterable[Link], *, base: str) -> Iterator[Triple]:
    """Yield the short cut kg:identifiedAs, and the recorded link that can be undone."""
    for link in links:
        yield _triple(link.local, KG.identifiedAs, link.canonical)
        node = link_iri(link.local, link.canonical, base=base)
        yield _triple(node, RDF_TYPE, KG.IdentityLink)
        yield _triple(node, KG.from_, link.local)
        yield _triple(node, KG.to, link.canonical)
        yield _triple(node, KG.basis, concept("basis", link.basis))
        yield _triple(node, KG.confidence, literal(link.score))
        yield _triple(node, KG.assertedBy, run_iri(base))


def event_triples(events: Iterable[CanonicalEvent]) -> Iterator[Triple]:
    for event in events:
        yield _triple(event.iri, RDF_TYPE, KG.Event)
        yield _triple(event.iri, KG.label, literal(event.label))
        yield _triple(event.iri, KG.eventKind, concept("kind", event.kind))
        yield from _days(event.iri, event.earliest, event.latest)


def _days(node: str, earliest: date | None, latest: date | None) -> Iterator[Triple]:
    if earliest and latest and earliest <= latest:
        yield _triple(node, KG.earliest, literal(earliest))
        yield _triple(node, KG.latest, literal(latest))


def article_iri(edition: Edition, *, base: str) -> str:
    return f"{base}article/{short_hash(edition.url or edition.iri)}"


def article_links(editions: Iterable[Edition], *, base: str) -> tuple[list[Triple], list[Link]]:
    """Return the canonical articles (one a URL, else one an edition) and the links to them."""
    triples: list[Triple] = []
    links = []
    for edition in editions:
        iri = article_iri(edition, base=base)
        triples.append(_triple(iri, RDF_TYPE, KG.Article))
        if edition.url:
            triples.append(_triple(iri, KG.url, literal(edition.url)))
        links.append(Link(edition.article, iri, "same-url" if edition.url else "same-text", 1.0))
    return triples, links


def edition_triples(copies: Iterable[Copy], revisions: Iterable[tuple[str, str]]) -> Iterator[Triple]:
    for copy in copies:
        yield _triple(copy.later, KG.copyOf, copy.earlier)
    for later, earlier in revisions:
        yield _triple(later, KG.revises, earlier)


def statement_triples(
    statements: Iterable[LocalStatement], identity: Identity, outlet_of: Mapping[str, str]
) -> Iterator[Triple]:
    for statement in statements:
        if statement.speaker:
            yield _triple(statement.iri, KG.saidBy, identity.resolve(statement.speaker))
        if statement.addressee:
            yield _triple(statement.iri, KG.saidTo, identity.resolve(statement.addressee))
        yield _triple(statement.iri, KG.publishedBy, outlet_of[statement.iri])


def claim_iri(key: str, *, base: str) -> str:
    return f"{base}claim/{short_hash(key)}"


def claim_triples(claim: Claim, board: Board, *, base: str) -> Iterator[Triple]:
    iri = claim_iri(claim.key, base=base)
    yield _triple(iri, RDF_TYPE, KG.Claim)
    yield _triple(iri, KG.label, literal(claim.label))
    for statement in claim.affirming:
        yield _triple(statement, KG.expresses, iri)
    for statement in claim.denying:
        yield _triple(statement, KG.denies, iri)
    for statement, root in board.root_of.items():
        yield _triple(statement, KG.rootedIn, root)
    for root in board.roots:
        yield _triple(iri, KG.hasRoot, root)
    for outlet in board.outlets:
        yield _triple(iri, KG.carriedBy, outlet)
    yield _triple(iri, KG.statementCount, literal(len(claim.statements)))
    yield _triple(iri, KG.outletCount, literal(len(board.outlets)))
    yield _triple(iri, KG.rootCountLow, literal(board.low))
    yield _triple(iri, KG.rootCountHigh, literal(board.high))
    yield _triple(iri, KG.namedRootCount, literal(board.named))
    yield _triple(iri, KG.denialCount, literal(len(claim.denying)))


def relation_iri(one: str, other: str, relation: str, *, base: str) -> str:
    return f"{base}relation/{short_hash(one, other, relation)}"


def relation_triples(relations: Iterable[Found], *, base: str) -> Iterator[Triple]:
    for relation in relations:
        node = relation_iri(relation.one, relation.other, relation.relation, base=base)
        yield _triple(node, RDF_TYPE, KG.StatementRelation)
        yield _triple(node, KG.from_, relation.one)
        yield _triple(node, KG.to, relation.other)
        yield _triple(node, KG.relation, concept("relation", relation.relation))
        yield _triple(node, KG.basis, concept("basis", relation.basis))
        yield _triple(node, KG.confidence, literal(relation.score))
        yield _triple(node, KG.assertedBy, run_iri(base))
