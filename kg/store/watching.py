"""An update enters; what it does to the graphs that it may write is noted when it is done.

Memory grows with what changes, not with the graphs. Time: that of the data of an update that says them all (INSERT
DATA, DELETE DATA), else of one reading of each graph that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from kg.store.changes import Changes
from kg.store.updates import data_of, targets


@contextmanager
def noted(changes: Changes) -> Iterator[None]:
    """Forget what is known of changes when a write raises: what it wrote may stand there all the same.

    What the engine could not parse was not begun.
    """
    try:
        yield
    except (SyntaxError, ValueError):
        raise
    except BaseException:
        changes.forget()
        raise


@contextmanager
def watched(engine: ox.Store, sparql: str, changes: Changes) -> Iterator[None]:
    """Note what an update, made inside the block, does; when it may write any graph, anything may have changed."""
    wanted = targets(sparql)
    with noted(changes):
        if wanted.any or changes.unknown:
            changes.forget()
            yield
        elif (said := _said(sparql)) is not None:
            before = [quad in engine for quad in said]
            yield
            after = [quad in engine for quad in said]
            for quad, was, is_ in zip(said, before, after, strict=True):
                _record(changes, quad, came=is_ and not was, went=was and not is_)
        else:
            names: list[NamedNode | DefaultGraph] = [NamedNode(name) for name in sorted(wanted.names)]
            if wanted.unnamed:
                names.append(DefaultGraph())
            # An iterator goes on with what it found when it was made.
            old = [engine.quads_for_pattern(None, None, None, name) for name in names]
            yield
            for name, found in zip(names, old, strict=True):
                came, went = difference(found, engine.quads_for_pattern(None, None, None, name))
                graph = name.value if isinstance(name, NamedNode) else None
                changes.record(graph, added=came, removed=went)


def difference(before: Iterable[Quad], after: Iterable[Quad]) -> tuple[set[Triple], set[Triple]]:
    """Return the triples that came and those that went.

    The engine yields what stays in the same order both times: so what waits for its like is as much as what changed.
    In any other order the answer is the same.
    """
    came: set[Triple] = set()
    went: set[Triple] = set()
    for old, new in zip_longest(before, after):
        if old == new:
            continue
        if old is not None:
            _wait(old.triple, went, came)
        if new is not None:
            _wait(new.triple, came, went)
    return came, went


def _wait(triple: Triple, here: set[Triple], there: set[Triple]) -> None:
    if triple in there:
        there.discard(triple)
    else:
        here.add(triple)


def _record(changes: Changes, quad: Quad, *, came: bool, went: bool) -> None:
    if came or went:
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else None
        changes.record(name, added=[quad.triple] if came else (), removed=[quad.triple] if went else ())


def _said(sparql: str) -> list[Quad] | None:
    """Return the quads that an update names one by one; None when it has patterns, or when that can't be told."""
    text = data_of(sparql)
    if text is None:
        return None
    try:
        return list(dict.fromkeys(ox.parse(text, format=RdfFormat.TRIG)))
    except (SyntaxError, ValueError):
        return None  # the two languages differ in a few points, such as a point behind a graph
