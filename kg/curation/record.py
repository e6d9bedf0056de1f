"""The triples of one record enter; the curation graph with it leaves, or the shapes' words on why it may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import KgError
from kg.gate import Report, Violation, check_shared
from kg.graph import ArticleGraph, literal, short_hash
from kg.store.base import Store
from kg.vocab import KG, RDF_TYPE


@dataclass(frozen=True, slots=True)
class Signed:
    """Who does it, why, and when (UTC)."""

    by: str
    reason: str
    on: datetime

    @classmethod
    def now(cls, by: str, reason: str) -> Signed:
        return cls(by, reason, datetime.now(UTC).replace(microsecond=0))


@dataclass(frozen=True, slots=True)
class Recorded:
    """The IRI of a record that was put; ``version`` is the store's when it could be read."""

    iri: str
    version: str


class Refused(KgError):  # noqa: N818  it says what happened
    """What a person asked for can't be done; ``violations`` are the shapes' own words where a shape refused it."""

    http_status = 422

    def __init__(self, message: str, violations: Iterable[Violation] = ()) -> None:
        super().__init__(message)
        self.violations = tuple(violations)

    @classmethod
    def by(cls, report: Report) -> Refused:
        """Return the refusal of a graph that does not conform."""
        broken = [one for one in report.violations if one.severity == "violation"]
        return cls("; ".join(dict.fromkeys(one.message for one in broken)), broken)


def curation_graph(store: Store) -> NamedNode:
    return NamedNode(f"{store.base_iri}graph/curation")


def record(
    store: Store,
    kind: NamedNode,
    facts: Iterable[tuple[NamedNode, NamedNode | Literal]],
    signed: Signed,
) -> str:
    """Add one record to the curation graph and return its IRI.

    Raises Refused when the record breaks a shape; then nothing was changed.
    """
    said = sorted(facts, key=str)
    name = kind.value.rpartition("#")[2].lower()
    digest = short_hash(name, *(f"{predicate} {value}" for predicate, value in said), signed.by, str(signed.on))
    node = NamedNode(f"{store.base_iri}{name}/{digest}")
    triples = {
        Triple(node, RDF_TYPE, kind),
        Triple(node, KG.decidedBy, literal(signed.by)),
        Triple(node, KG.decidedOn, literal(signed.on)),
        Triple(node, KG.reason, literal(signed.reason)),
        *(Triple(node, predicate, value) for predicate, value in said),
    }
    graph = curation_graph(store)
    report = check_shared(ArticleGraph.of(graph, triples))
    if not report.conforms:
        raise Refused.by(report)
    store.put([ArticleGraph.of(graph, store.graph(graph).triples | triples)])
    return node.value


def node_of(iri: str, what: str) -> NamedNode:
    """Return the node of an IRI that a person wrote; Refused when it is none."""
    try:
        return NamedNode(iri)
    except ValueError:
        raise Refused(f"{what} is {iri[:200]!r}, which is no IRI; take the id of a node") from None


def known(store: Store, node: NamedNode, what: str) -> None:
    """Refuse a node that the store says nothing of."""
    if not store.ask(f"ASK {{ {node} ?p ?o }}", trusted=True):
        raise Refused(f"{what} is {node.value}, and the store knows no such node; take the id of one that is there")
