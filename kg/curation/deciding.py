"""A verdict on a link or a relation enters; its record leaves, and the linking graph is made anew by it."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode

from kg.curation.record import Recorded, Refused, Signed, known, node_of, record
from kg.linking import link
from kg.store.base import Store
from kg.vocab import CONCEPTS, KG, concept

# Nodes that stand for a canonical one. Were there but one, the decision would go with its edition.
WITNESSES = 5


def confirm_identity(store: Store, node: str, canonical: str, signed: Signed) -> Recorded:
    """Decide that an edition's node (a named source, an event) is a canonical one.

    Raises Refused when one is not what it should be, StoreError when the store can't be written.
    """
    return _decide_identity(store, node, canonical, "confirmed", signed)


def undo_identity(store: Store, node: str, canonical: str, signed: Signed) -> Recorded:
    """Decide that an edition's node is not the canonical one that it was, or might be, identified as."""
    return _decide_identity(store, node, canonical, "undone", signed)


def confirm_relation(store: Store, one: str, other: str, relation: str, signed: Signed) -> Recorded:
    """Decide that two statements stand in a relation ("contradicts"), whether or not the linker found it."""
    return _decide_relation(store, one, other, relation, "confirmed", signed)


def undo_relation(store: Store, one: str, other: str, relation: str, signed: Signed) -> Recorded:
    """Decide that two statements do not stand in a relation."""
    return _decide_relation(store, one, other, relation, "undone", signed)


def _decide_identity(store: Store, node: str, canonical: str, verdict: str, signed: Signed) -> Recorded:
    local, target = node_of(node, "node"), node_of(canonical, "canonical")
    known(store, local, "node")
    known(store, target, "canonical")
    kinds = f"?kind {{ {KG.Source} {KG.Event} }}"
    shared = f"VALUES {kinds} {local} a ?kind . {target} a ?kind ."
    if not store.ask(f"ASK {{ {shared} {local} {KG.inEdition} ?edition }}", trusted=True):
        raise Refused(
            f"node is {local.value}; it should be an edition's own source or event (its IRI has a #), "
            "and canonical one of the same sort"
        )
    if store.ask(f"ASK {{ {target} {KG.inEdition} ?edition }}", trusted=True):
        raise Refused(f"canonical is {target.value}, a node of one edition; name the node that it is identified as")
    if store.ask(f"ASK {{ {local} {KG.unnamed} true }}", trusted=True):
        raise Refused(f"{local.value} is an unnamed source; it stays its own node, since nobody can tell who it is")
    mates = store.select(
        f"SELECT ?mate {{ ?mate {KG.identifiedAs} {target} FILTER(?mate != {local}) }} ORDER BY STR(?mate) "
        f"LIMIT {WITNESSES}",
        trusted=True,
    )
    facts: list[tuple[NamedNode, NamedNode | Literal]] = [
        (KG.alongside, mate) for row in mates if isinstance(mate := row["mate"], NamedNode)
    ]
    return _decide(store, local, target, verdict, facts, signed, relation=None)


def _decide_relation(store: Store, one: str, other: str, relation: str, verdict: str, signed: Signed) -> Recorded:
    left, right = node_of(one, "from"), node_of(other, "to")
    for what, node in (("from", left), ("to", right)):
        known(store, node, what)
        if not store.ask(f"ASK {{ {node} a {KG.Statement} }}", trusted=True):
            raise Refused(f"{what} is {node.value}, which is no statement; a relation is between two statements")
    if left == right:
        raise Refused("from and to are one statement; a relation is between two")
    if relation not in CONCEPTS["relation"]:
        raise Refused(f"There is no relation {relation!r}; there are {', '.join(CONCEPTS['relation'])}")
    return _decide(store, left, right, verdict, [], signed, relation=concept("relation", relation))


def _decide(
    store: Store,
    one: NamedNode,
    other: NamedNode,
    verdict: str,
    facts: Sequence[tuple[NamedNode, NamedNode | Literal]],
    signed: Signed,
    *,
    relation: NamedNode | None,
) -> Recorded:
    confirmed = concept("verdict", "confirmed")
    # A pair of statements has one relation: confirming another takes the place of the one confirmed before.
    same = f"?relation = {relation}" + (f" || ?verdict = {confirmed}" if verdict == "confirmed" else "")
    standing = store.select(
        f"SELECT ?decision {{ VALUES (?one ?other) {{ ({one} {other}) ({other} {one}) }} "
        f"?decision a {KG.Decision} ; {KG.from_} ?one ; {KG.to} ?other ; {KG.verdict} ?verdict . "
        f"FILTER NOT EXISTS {{ ?later {KG.supersedes} ?decision }} "
        + (f"?decision {KG.relation} ?relation FILTER({same}) }}" if relation else "}"),
        trusted=True,
    )
    said: list[tuple[NamedNode, NamedNode | Literal]] = [
        (KG.from_, one),
        (KG.to, other),
        (KG.verdict, concept("verdict", verdict)),
        *facts,
        *((KG.supersedes, row["decision"]) for row in standing if isinstance(row["decision"], NamedNode)),
    ]
    if relation:
        said.append((KG.relation, relation))
    # Should we be cut off before linking: the graph says what it was linked from, so the next import links again.
    iri = record(store, KG.Decision, said, signed)
    link(store)
    store.publish()
    return Recorded(iri, store.version())
