"""A published generation and a query enter; the answer leaves through a sink, within the bounds of one process.

What every process that meets strangers' queries does (:mod:`api.worker`, :mod:`api.direct`). Nothing of ``kg`` is
imported: the faster a worker starts, the cheaper is a kill.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import re
import resource
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

# https://www.w3.org/TR/xml/#NT-Char, of which the engine writes any as it stands
_NOT_XML = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
# RDF/XML writes a predicate as an element, whose name is the end of its IRI: an NCName in the plain letters.
_ELEMENT = re.compile(r"[A-Za-z_\u00C0-\uD7FF][\w.-]*\Z")


class UnfitError(ValueError):
    """An answer that the format asked for has no way to write."""


def fit_for_xml(data: bytes) -> None:
    """Raise UnfitError for control characters."""
    if len(data.translate(None, _NOT_XML)) != len(data):
        raise UnfitError("XML can't hold the control characters of this answer")


def write(
    store: ox.Store, text: str, accept: str, sink: object, *, union: bool, prefixes: Mapping[str, str] | None
) -> float:
    """Evaluate a query and write its answer, on one thread; returns when it was planned, by ``time.perf_counter``.

    Raises what the engine and the sink raise.
    """
    result = store.query(text, use_default_graph_as_union=union)
    planned = time.perf_counter()
    if isinstance(result, ox.QueryTriples):
        _serialize(result, accept, cast(IO[bytes], sink), prefixes)
    else:
        result.serialize(cast(IO[bytes], sink), _results(accept))
    return planned


def whole(store: ox.Store, text: str, accept: str, *, union: bool, prefixes: Mapping[str, str] | None) -> bytes:
    """Evaluate a query that is known to be quick and return its answer. Raises what the engine raises."""
    result = store.query(text, use_default_graph_as_union=union)
    if isinstance(result, ox.QueryTriples):
        sink = io.BytesIO()
        _serialize(result, accept, sink, prefixes)
        body = sink.getvalue()
    else:
        body = result.serialize(format=_results(accept)) or b""
    if "xml" in accept:
        fit_for_xml(body)
    return body


def _serialize(result: ox.QueryTriples, accept: str, sink: IO[bytes], prefixes: Mapping[str, str] | None) -> None:
    form = ox.RdfFormat.from_media_type(accept)
    assert form is not None
    declared = dict(prefixes) if prefixes and form == ox.RdfFormat.TURTLE else None
    ox.serialize(_once(result, xml=form == ox.RdfFormat.RDF_XML), sink, form, prefixes=declared)


@cache
def _results(accept: str) -> ox.QueryResultsFormat:
    form = ox.QueryResultsFormat.from_media_type(accept)
    assert form is not None
    return form


def _once(triples: ox.QueryTriples, *, xml: bool) -> Iterator[ox.Triple]:
    """Leave out the duplicates that the engine makes in a CONSTRUCT (https://github.com/oxigraph/oxigraph/issues/525)."""
    seen = set()
    for triple in triples:
        if triple not in seen:
            if xml and not _ELEMENT.search(triple.predicate.value):
                raise UnfitError(f"RDF/XML can't write the property {triple.predicate}")
            seen.add(triple)
            yield triple


class Reader:
    """Opens generations and holds the one in use; bounds what a query may take. Of one thread."""

    def __init__(self, generations: Path, memory: int, statm: int) -> None:
        self._generations = generations
        self._memory = memory
        self._statm = statm
        self._cpu = 0  # seconds of it that the process may use
        self._number = -1
        self._path = ""
        self._store: ox.Store | None = None
        self._lease: int | None = None  # the open generation's folder

    def warm(self, number: int) -> None:
        """Open the generation that will most likely be asked for: the first question must not wait for that."""
        with contextlib.suppress(OSError, RuntimeError):  # gone by now, or damaged: whoever asks for it will be told
            self.open(number).query("ASK {}")
        self.let_go()

    def open(self, number: int) -> ox.Store:
        """Return a generation, held until :meth:`let_go`: no writer removes it meanwhile (kg.store.generations)."""
        if self._store is not None and self._lease is not None and number == self._number:
            fcntl.flock(self._lease, fcntl.LOCK_SH)
            if not os.path.exists(self._path):  # removed between two questions; files that are not open yet are lost
                raise FileNotFoundError(f"generation {number} is removed")
            return self._store
        if self._lease is not None:
            os.close(self._lease)
        self._store = self._lease = None  # its memory is free before the next one takes some
        self._path = str(self._generations / str(number))
        self._lease = os.open(self._path, os.O_RDONLY)
        fcntl.flock(self._lease, fcntl.LOCK_SH)
        self._limit_memory(None)  # opening reserves more address space than it uses
        self._store = ox.Store.read_only(self._path)
        self._number = number
        self._limit_memory(self._memory)
        return self._store

    def let_go(self) -> None:
        if self._lease is not None:
            fcntl.flock(self._lease, fcntl.LOCK_UN)

    def _limit_memory(self, more: int | None) -> None:
        """Bound the address space to what is in use now and so many bytes more, where the system tells (Linux)."""
        if self._statm >= 0:
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            used = int(os.pread(self._statm, 100, 0).split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (hard if more is None else used + more, hard))

    def limit_cpu(self, seconds: float) -> None:
        """Have the kernel end the process when a query runs on after its server was killed."""
        used = time.process_time()
        if used + seconds + 5 > self._cpu:
            self._cpu = int(used + 2 * seconds) + 60
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (self._cpu, hard))
