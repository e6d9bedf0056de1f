"""Many Readings enter, who is who across them leaves: mapped, linked in a store in memory as an import would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files

from pyoxigraph import Literal, NamedNode

from kg.linking import link
from kg.mapping import to_graph
from kg.model import Reading
from kg.store import open_store
from kg.vocab import KG

Identity = Mapping[tuple[str, str, str], str]
_CLASSES = {KG.Source: "entities", KG.Event: "events"}


def identity_of(readings: Iterable[Reading]) -> Identity:
    """Return the canonical IRI of each ("entities" or "events", edition, key) that linking identified."""
    identity: dict[tuple[str, str, str], str] = {}
    with open_store("memory:") as store:
        # two gold documents of one text are one edition: the later graph replaces the earlier
        store.put({reading.article.iri: to_graph(reading) for reading in readings}.values())
        link(store)
        rows = store.select((files("kg.evaluation") / "identified.rq").read_text(encoding="utf-8"))
    for row in rows:
        kind, edition, key, canonical = row["class"], row["edition"], row["key"], row["canonical"]
        assert isinstance(kind, NamedNode)
        assert isinstance(edition, NamedNode)
        assert isinstance(key, Literal)
        assert isinstance(canonical, NamedNode)
        identity[_CLASSES[kind], edition.value, key.value] = canonical.value
    return identity
