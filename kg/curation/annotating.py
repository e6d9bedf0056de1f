"""A note on a node enters; its record leaves."""

from __future__ import annotations

from kg.curation.record import Recorded, Signed, known, node_of, record
from kg.graph import literal
from kg.store.base import Store
from kg.vocab import KG


def annotate(store: Store, node: str, note: str, signed: Signed) -> Recorded:
    """Note something on a node. Raises Refused for a node that is not there or a note that is blank or too long."""
    target = node_of(node, "node")
    known(store, target, "node")
    iri = record(store, KG.Annotation, [(KG.annotates, target), (KG.note, literal(note))], signed)
    store.publish()
    return Recorded(iri, store.version())
