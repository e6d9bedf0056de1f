"""Many editions' graphs enter, the linking graph leaves: who is who, what is one claim, and how many roots it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Set
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from kg.graph import ArticleGraph, literal
from kg.linking import quads
from kg.linking.claims import find_claims
from kg.linking.copies import find_copies, revisions
from kg.linking.corpus import Corpus, LocalStatement, gather
from kg.linking.events import link_events
from kg.linking.identity import identify
from kg.linking.independence import Facts, board
from kg.linking.relations import find_relations, obey
from kg.linking.uptodate import bring_up_to_date, claim_digests, counts, is_stale, wanted
from kg.store.base import Store
from kg.vocab import KG

__all__ = ["Linked", "Notice", "derive", "is_stale", "link"]


@dataclass(frozen=True, slots=True)
class Linked:
    """What linking found: the graphs to put, and the counts to tell."""

    graphs: tuple[ArticleGraph, ...]
    counts: dict[str, int]


# Hears of the triples of the linking graph that came and of those that went.
Notice = Callable[[Set[Triple], Set[Triple]], None]


def link(store: Store, *, notice: Notice | None = None) -> dict[str, int]:
    """Bring a store's linking graph up to date; the same editions and decisions give the same graph. Returns counts.

    A store with a folder keeps notes there (``linking.sqlite``) and links only what changed since, and what that
    touches; any other is linked whole. An edition's own graph is never touched: what is recorded here can be undone.
    """
    if store.root is not None:
        return bring_up_to_date(store, store.root, notice=notice)
    linked = derive(gather(store), base=store.base_iri)
    graph, runs = linked.graphs
    stamp = Triple(graph.name, KG.linkedFrom, literal(wanted(store)))
    store.journal.outbox.claims(claim_digests(graph.triples))
    said = graph.triples | {stamp}
    before = store.graph(graph.name).triples if notice else frozenset()
    store.put([ArticleGraph.of(graph.name, said), runs])
    if notice:
        notice(said - before, before - said)
    return linked.counts


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
    graphs = (
        ArticleGraph.of(NamedNode(f"{base}graph/linking"), triples),
        ArticleGraph.of(NamedNode(f"{base}graph/runs"), quads.run_triples(base)),
    )
    return Linked(graphs, counts(triples))
