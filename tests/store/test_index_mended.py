"""An index that is made of the one before says what one says that is built whole, whatever was written in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from index_lives import difference, life, mended
from pyoxigraph import NamedNode, RdfFormat, parse
from sample_readings import by_hand

from kg.linking import link
from kg.mapping import to_graph
from kg.store import open_store
from kg.store.index.definitions import KINDS
from kg.store.index.footprint import ways
from kg.vocab import KG, RDF_TYPE, concept

DENY = concept("act", "deny")
NT = RdfFormat.N_TRIPLES


def lives(folder: Path, seeds: range, steps: int) -> tuple[int, int]:
    """Live through writes by chance; returns how many publications there were and how many of them mended an index."""
    published = made = 0
    for seed in seeds:
        root = folder / str(seed)
        done = []
        for store, deeds in life(str(root) if seed % 4 == 0 else "memory:", seed, steps):
            done.append(deeds)
            found = difference(store)
            assert not found, f"life {seed}, after {' | '.join(done)}: {found}"
            published += 1
            made += store.root is not None and mended(root)
    return published, made


@pytest.mark.slow
def test_a_mended_index_is_one_built_whole(tmp_path: Path) -> None:
    published, made = lives(tmp_path, range(8), 4)
    assert published == 32
    assert made >= 3  # of the eight on disk


@pytest.mark.parametrize(
    ("predicate", "value", "kind"),
    [(KG.unnamed, "true", "actor"), (KG.unnamed, "false", "source"), (KG.speechAct, str(DENY), "statement"),
     (KG.name, '"Ilse"', "source"), (RDF_TYPE, str(KG.Document), "source")],
)  # fmt: skip
def test_one_fact_that_changes_alone_is_enough(predicate: NamedNode, value: str, kind: str) -> None:
    with open_store("memory:") as store:
        store.put([to_graph(by_hand())])
        link(store)
        store.publish()
        class_ = KG.Statement if kind == "statement" else KG.Actor
        for node in sorted(
            str(row[0]) for row in store.select(f"SELECT DISTINCT ?s {{ ?s a {class_} }}", trusted=True).rows
        ):
            graph = f"GRAPH {to_graph(by_hand()).name}"
            fact = f"{graph} {{ {node} {predicate}"
            store.update(
                f"DELETE {{ {fact} ?o }} }} INSERT {{ {fact} {value} }} }} WHERE {{ OPTIONAL {{ {fact} ?o }} }} }}",
                trusted=True,
            )
            store.publish()
            assert difference(store) == "", node


@pytest.mark.parametrize("kind", KINDS)
def test_each_fact_of_a_pattern_leads_to_its_node(kind: str) -> None:
    """A constant in a pattern is compared with facts as the engine writes them."""
    for of in ways(kind).values():
        for way in of:
            for term in (way.subject, way.object):
                assert term is None or str(next(iter(parse(f"<a:s> <a:p> {term} .", format=NT))).object) == term


@pytest.mark.long
def test_a_mended_index_is_one_built_whole_in_many_long_lives(tmp_path: Path) -> None:
    published, made = lives(tmp_path, range(100, 250), 12)
    assert published == 1_800
    assert made >= 250  # of the 456 on disk
