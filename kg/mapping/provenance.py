"""An article and its run enter; the edition, the article, its authors and date, the run and its problems leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import NamedNode, Triple

from kg.graph import literal
from kg.mapping.iris import Names, facts
from kg.mapping.sources import CLASSES
from kg.mapping.times import span_triples
from kg.mapping.view import View
from kg.model import Article, Origin, Outlet, Problem, Published, Reading, Run
from kg.vocab import KG, RDF_TYPE, concept


def provenance_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    yield from _edition(reading.article, names)
    yield from _article(reading, names)
    yield from _authors(reading.article, names)
    yield from _published(reading.article.published, names)
    yield from _run(reading.run, names)
    for position, problem in enumerate(reading.problems):
        yield from _problem(position, problem, names)


def publisher(reading: Reading, names: Names) -> NamedNode | None:
    """Return the source that the chains begin with; without a statement, the outlet that bears the article's name.

    None only where no source is an outlet: then there is nobody to name.
    """
    if reading.statements:
        return names.sources[reading.statements[0].chain[0].source]
    outlets = [source for source in reading.sources if source.kind == "outlet"]
    named = [source for source in outlets if reading.article.outlet and source.name == reading.article.outlet.name]
    # An outlet that nothing names is the reader's own publisher; a named one may be any outlet of the story.
    found = named or [source for source in outlets if source.name is None]
    return names.sources[found[0].key] if found else None


def _open(value: str | None) -> NamedNodeOrLiteral:
    return None if value is None else literal(value)
