"""The N-Quads that `kg export` wrote enter, Readings and the curation graph leave: one store moves into another.

Editions come with the digests that they had: graph -> record -> graph is the same graph. The linking and runs graphs
are left out, since linking the same editions gives them again.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from typing import IO, cast

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg.errors import ArticleError, RecordError
from kg.graph import ArticleGraph, PackedGraph
from kg.mapping import from_graph, to_graph
from kg.model import Reading

_ENDINGS = (".nq", ".nquads")
_QUAD = re.compile(rb"\s*<[^<>\"]+> <[^<>\"]+> .+ <[^<>\"]+> \.\s*")
_GZIP = b"\x1f\x8b"


def is_dump(raw: bytes, origin: str) -> bool:
    """Tell whether these bytes are N-Quads, by the file's ending (``.nq``, ``.nq.gz``) or the first line."""
    name = origin.lower().removesuffix(".gz")
    return name.endswith(_ENDINGS) or bool(_QUAD.fullmatch(raw[:100_000].partition(b"\n")[0]))


def load_dump(raw: bytes, *, origin: str, base_iri: str) -> Iterator[Reading | PackedGraph | ArticleError]:
    """Yield the Reading of each edition and the curation graph, one graph in memory at a time, as the file has them.

    What is no edition of this base IRI, stands in two places of the file, or holds triples that no record has, is an
    ArticleError. Never raises ArticleError.
    """
    seen: set[str] = set()
    file: IO[bytes] = BytesIO(raw)
    if raw.startswith(_GZIP):
        file = cast(IO[bytes], gzip.GzipFile(fileobj=file))
    try:
        for name, quads in groupby(parse(file, format=RdfFormat.N_QUADS), key=lambda quad: quad.graph_name):
            if not isinstance(name, NamedNode):
                yield ArticleError(f"{origin}: it has triples outside any graph; take the file of `kg export`")
                _pass_over(quads)
            elif name.value in seen:
                yield ArticleError(f"{origin}: the graph {name} stands in two places; sort the lines by their graphs")
                _pass_over(quads)
            else:
                seen.add(name.value)
                yield from _graph(name, quads, origin, base_iri)
    except (SyntaxError, ValueError, OSError, EOFError) as error:
        yield ArticleError(f"{origin}: this is no N-Quads: {error}; what stands before it was taken")


def _graph(
    name: NamedNode, quads: Iterator[Quad], origin: str, base_iri: str
) -> Iterator[Reading | PackedGraph | ArticleError]:
    if name.value in (f"{base_iri}graph/linking", f"{base_iri}graph/runs"):
        _pass_over(quads)
        return
    try:
        graph = ArticleGraph.of(name, (quad.triple for quad in quads))
    except ValueError as error:
        yield ArticleError(f"{origin}: {error}")
        return
    if name.value == f"{base_iri}graph/curation":
        yield graph.packed()
        return
    if not name.value.startswith(f"{base_iri}edition/"):
        yield ArticleError(
            f"{origin}: {name} is no edition under {base_iri}; a dump goes into a store of the same base IRI: make one "
            "with --base"
        )
        return
    try:
        reading = from_graph(graph)
        if to_graph(reading).triples != graph.triples:
            yield ArticleError(f"{origin}: {name} holds triples that no record has; import the article itself")
            return
    except RecordError as error:
        yield ArticleError(f"{origin}: {name}: {error}")
        return
    yield reading


def _pass_over(quads: Iterator[Quad]) -> None:
    for _ in quads:
        pass
