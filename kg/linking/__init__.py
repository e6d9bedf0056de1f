"""Many editions' graphs enter, the linking graph leaves: who is who, what is one claim, and how many roots it has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from kg.graph import ArticleGraph, short_hash
from kg.linking import quads
from kg.linking.claims import find_claims
from kg.linking.copies import find_copies, revisions
from kg.linking.corpus import Corpus, LocalStatement, gather
from kg.linking.events import link_events
from kg.linking.identity import identify
from kg.linking.independence import Facts, board
from kg.linking.relations import find_relations, obey
from kg.store.base import Store
from kg.vocab import KG


@dataclass(frozen=True, slots=True)
class Linked:
    """What one linking found: the two graphs to put, and the counts to tell."""

    graphs: tuple[ArticleGraph, ...]
    counts: dict[str, int]


def link(store: Store) -> Linked:
    """Link all editions of a store and replace its linking graph; the same editions give the same graph.

    Reads the store in ten queries. An edition's own graph is never touched: what is recorded here can be undone.
    """
    linked = derive(gather(store), base=store.base_iri)
    store.journal.outbox.claims(claim_digests(linked.graphs[0]))
    store.put(linked.graphs)
    return linked


def claim_digests(linking: ArticleGraph) -> dict[str, str]:
    """Return for each claim of a linking graph what changes when its counts, its roots or its statements do."""
    told: dict[str, set[str]] = defaultdict(set)
    claims = {triple.subject for triple in linking.triples if triple.object == KG.Claim}
    for triple in linking.triples:
        for node in {triple.subject, triple.object} & claims:
            told[str(node)].add(str(triple))
    return {iri.strip("<>"): short_hash(*sorted(lines)) for iri, lines in told.items()}


def derive(corpus: Corpus, *, base: str) -> Linked:
    """Compute the linking graph of a corpus, without a store."""
    copies = find_copies(corpus.editions)
    revised = revisions(corpus.editions)
    identity = identify(corpus, copies, base=base)
    events, event_links = link_events(corpus, identity, base=base)
    claims, compared = find_claims(corpus, identity)
    statements = {statement.iri: statement for statement in corpus.statements}
    by_edition: dict[str, list[LocalStatement]] = defaultdict(list)
    for statement in corpus.statements:
        by_edition[statement.edition].append(statement)
    facts = Facts(
        statements=statements,
        by_edition=by_edition,
        sources={source.iri: source for source in corpus.sources},
        editions={edition.iri: edition for edition in corpus.editions},
        copy_of={copy.later: copy for copy in copies},
        revised=frozenset(earlier for _, earlier in revised),
        identity=identity,
    )
    relations = obey(find_relations(claims, statements, compared, identity), corpus.related, statements)
    articles, article_links = quads.article_links(corpus.editions, base=base)
    outlet_of = {iri: facts.outlet(statement) for iri, statement in statements.items()}

    triples: set[Triple] = set(articles)
    triples.update(quads.source_triples(identity.canonicals))
    triples.update(quads.link_triples([*identity.links, *event_links, *article_links], base=base))
    triples.update(quads.event_triples(events))
    triples.update(quads.edition_triples(copies, revised))
    triples.update(quads.statement_triples(corpus.statements, identity, outlet_of))
    for claim in claims:
        triples.update(quads.claim_triples(claim, board(claim, facts), base=base))
    triples.update(quads.relation_triples(relations, base=base))
    counts = {
        "actors": sum(1 for canonical in identity.canonicals if "/actor/" in canonical.iri),
        "events": len(events),
        "claims": len(claims),
        "shared claims": sum(1 for claim in claims if len(claim.statements) > 1),
        "relations": len(relations),
        "copies": len(copies),
    }
    graphs = (
        ArticleGraph.of(NamedNode(f"{base}graph/linking"), triples),
        ArticleGraph.of(NamedNode(f"{base}graph/runs"), quads.run_triples(base)),
    )
    return Linked(graphs, counts)
