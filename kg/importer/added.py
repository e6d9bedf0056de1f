"""A store before and after an import enters, what the import added to the whole leaves: actors, claims, contradictions.

Counted by the names of canonical nodes; one that linking now names otherwise, because its first edition is another,
counts as new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pyoxigraph import Literal, NamedNode

from kg.store.base import Store

KINDS = ("actors", "claims", "contradictions")
EXAMPLES = 3

Snapshot = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Added:
    """How many of each kind are new, and the labels of the first few by name."""

    counts: Mapping[str, int]
    examples: Mapping[str, tuple[str, ...]]


def snapshot(store: Store) -> Snapshot:
    """Return what editions share now: kind -> IRI -> label. One query."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    linking = NamedNode(f"{store.base_iri}graph/linking")
    for row in store.select(_sparql().replace("UNDEF", str(linking)), trusted=True):
        what, node, label = row["what"], row["node"], row["label"]
        assert isinstance(what, Literal) and isinstance(node, NamedNode) and isinstance(label, Literal)  # noqa: PT018
        found[what.value][node.value] = min(label.value, found[what.value].get(node.value, label.value))
    return found


def compare(before: Snapshot, after: Snapshot) -> Added:
    """Return what is in ``after`` and was not in ``before``."""
    new = {kind: {iri: label for iri, label in after[kind].items() if iri not in before[kind]} for kind in KINDS}
    return Added(
        {kind: len(new[kind]) for kind in KINDS},
        {kind: tuple(sorted(set(new[kind].values()))[:EXAMPLES]) for kind in KINDS},
    )


@cache
def _sparql() -> str:
    return (files("kg.importer") / "sparql" / "shared.rq").read_text(encoding="utf-8")
