"""The triples that linking brought and took enter, what an import added to the whole leaves: actors, claims,
contradictions.

Counted by the names of canonical nodes; one that linking now names otherwise, because its first edition is another,
counts as new. The cost is that of what changed, however much is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pyoxigraph import Literal, NamedNode, Triple

from kg.store.base import Store
from kg.vocab import KG, RDF_TYPE, concept

KINDS = ("actors", "claims", "contradictions")
EXAMPLES = 3
AT_ONCE = 2_000  # relations of one query


@dataclass(frozen=True, slots=True)
class Added:
    """How many of each kind are new, and the labels of the first few by name."""

    counts: Mapping[str, int]
    examples: Mapping[str, tuple[str, ...]]


def added(store: Store, come: Set[Triple], gone: Set[Triple]) -> Added:
    """Return what is new in a store whose linking graph gained and lost these triples."""
    new = {"actors": _typed(come, KG.Actor), "claims": _typed(come, KG.Claim), "contradictions": _contradicting(come)}
    for kind, was in (("actors", KG.Actor), ("claims", KG.Claim)):
        new[kind] -= _typed(gone, was)
    labels = _labels(store, come, new)
    return Added(
        {kind: len(new[kind]) for kind in KINDS},
        {kind: tuple(sorted(set(labels[kind]))[:EXAMPLES]) for kind in KINDS},
    )


def _typed(triples: Set[Triple], term: NamedNode) -> set[NamedNode]:
    return _subjects(triples, RDF_TYPE, term)


def _contradicting(triples: Set[Triple]) -> set[NamedNode]:
    return _subjects(triples, KG.relation, concept("relation", "contradicts"))


def _subjects(triples: Set[Triple], predicate: NamedNode, value: NamedNode) -> set[NamedNode]:
    return {
        triple.subject
        for triple in triples
        if triple.object == value and triple.predicate == predicate and isinstance(triple.subject, NamedNode)
    }


def _labels(store: Store, come: Set[Triple], new: Mapping[str, set[NamedNode]]) -> dict[str, list[str]]:
    """Return what is new by name: an actor's or a claim's own label, that of the claim which is contradicted."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for triple in come:
        for kind, predicate in (("actors", KG.name), ("claims", KG.label)):
            if triple.predicate == predicate and triple.subject in new[kind] and isinstance(triple.object, Literal):
                found[kind].append(triple.object.value)
    relations = sorted(node.value for node in new["contradictions"])
    for start in range(0, len(relations), AT_ONCE):
        values = " ".join(str(NamedNode(iri)) for iri in relations[start : start + AT_ONCE])
        for row in store.select(_sparql().replace("UNDEF", values), trusted=True):
            label = row["label"]
            found["contradictions"].append(label.value if isinstance(label, Literal) else "")
    return found


@cache
def _sparql() -> str:
    return (files("kg.importer") / "sparql" / "contradicted.rq").read_text(encoding="utf-8")
