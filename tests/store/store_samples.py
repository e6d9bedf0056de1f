"""Small graphs to put into stores."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pyoxigraph import NamedNode, Triple

from kg.graph import ArticleGraph, literal
from kg.vocab import KG, RDF_TYPE

BASE = "https://example.org/id/"


def edition(name: str, *words: str) -> ArticleGraph:
    """An edition's graph with one mention for each word, and a literal of every kind that the profile has."""
    graph = NamedNode(f"{BASE}edition/{name}")
    triples = [
        Triple(graph, RDF_TYPE, KG.Edition),
        Triple(graph, KG.text, literal(" ".join(words))),
        Triple(graph, KG.confidence, literal(Decimal("0.50"))),
        Triple(graph, KG.position, literal(7)),
        Triple(graph, KG.unnamed, literal(False)),
        Triple(graph, KG.earliest, literal(date(2026, 3, 2))),
        Triple(graph, KG.label, literal("Hafen", language="DE-at")),
    ]
    start = 0
    for word in words:
        mention = NamedNode(f"{graph.value}#char={start},{start + len(word)}")
        triples += [
            Triple(mention, RDF_TYPE, KG.Mention),
            Triple(mention, KG.inEdition, graph),
            Triple(mention, KG.start, literal(start)),
            Triple(mention, KG.exact, literal(word)),
        ]
        start += len(word) + 1
    return ArticleGraph.of(graph, triples)
