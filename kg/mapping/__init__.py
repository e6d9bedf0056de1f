"""A Reading enters, its edition's graph leaves, and back; docs/model.md says which triples stand where."""

from __future__ import annotations

from kg.graph import ArticleGraph
from kg.mapping.events import event_triples, read_events
from kg.mapping.iris import Names
from kg.mapping.provenance import provenance_triples, read_article, read_problems, read_run
from kg.mapping.selectors import mention_triples, read_zones
from kg.mapping.sources import read_sources, source_triples
from kg.mapping.statements import read_relations, read_statements, relation_triples, statement_triples
from kg.mapping.times import read_times, time_triples
from kg.mapping.view import View
from kg.model import Reading
from kg.record import canonical, check

__all__ = ["from_graph", "to_graph"]


def to_graph(reading: Reading) -> ArticleGraph:
    """Say a Reading in triples; its graph is named by the edition, ``reading.article.iri``.

    The same Reading gives the same triples in any process, and so does one with its lists in another order. Raises
    RecordError when the Reading breaks a rule of the record. Linear in the record.
    """
    check(reading)
    reading = canonical(reading)
    names = Names.of(reading)
    return ArticleGraph.of(
        names.edition,
        [
            *provenance_triples(reading, names),
            *mention_triples(reading, names),
            *source_triples(reading, names),
            *statement_triples(reading, names),
            *relation_triples(reading, names),
            *event_triples(reading, names),
            *time_triples(reading, names),
        ],
    )


def from_graph(graph: ArticleGraph) -> Reading:
    """Read back the Reading that an edition's graph was made from, in canonical order.

    What the graph says beside the contract is passed over. Raises RecordError that names the node when something of
    the contract is missing or does not fit.
    """
    view = View(graph)
    reading = Reading(
        article=read_article(view),
        zones=read_zones(view),
        sources=read_sources(view),
        statements=read_statements(view),
        times=read_times(view),
        events=read_events(view),
        relations=read_relations(view),
        run=read_run(view),
        problems=read_problems(view),
    )
    check(reading)
    return canonical(reading)
