"""A store's folder and numbers enter; a writer of its own process commits so many editions, batch by batch.

python flood.py STORE EDITIONS BATCH
"""

from __future__ import annotations

import sys

from pyoxigraph import NamedNode, Triple

from kg.graph import ArticleGraph, literal
from kg.store import open_store
from kg.store.journal import Commit, Receipt
from kg.vocab import KG, RDF_TYPE

STATEMENTS = 2  # of an edition


def edition(number: int, base: str) -> ArticleGraph:
    name = NamedNode(f"{base}edition/{number:064x}")
    triples = [Triple(name, RDF_TYPE, KG.Edition)]
    for index in range(STATEMENTS):
        node = NamedNode(f"{name.value}#statement={index}")
        triples.append(Triple(node, RDF_TYPE, KG.Statement))
        triples.append(Triple(node, KG.contentText, literal(f"{number}.{index}")))
    return ArticleGraph.of(name, triples)


def main(url: str, editions: int, batch: int) -> None:
    with open_store(url) as store:
        for start in range(0, editions, batch):
            graphs = [edition(number, store.base_iri) for number in range(start, min(start + batch, editions))]
            store.journal.received(Receipt(graph.name.value, "0" * 64) for graph in graphs)
            store.put(graphs)
            store.journal.committed(Commit(graph.name.value, len(graph), graph.digest(), "flood 1") for graph in graphs)
            store.publish()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
