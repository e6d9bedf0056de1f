"""What a writer notes of its own writes: exactly what came and went, and that it does not know when a write fails."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from index_lives import difference, mended
from pyoxigraph import NamedNode, Quad, Triple
from sample_readings import by_hand
from store_samples import edition

from kg import crash
from kg.errors import QueryError, StoreError
from kg.linking import link
from kg.mapping import to_graph
from kg.store import generations, open_store
from kg.store.changes import Changes
from kg.store.oxigraph import DiskStore
from kg.store.updates import data_of
from kg.store.watching import difference as between
from kg.store.watching import watched

G = "https://a/g"
FACTS = " ".join(f"<https://a/{n}> <https://a/p> {n} ." for n in range(6))


@pytest.fixture
def engine() -> ox.Store:
    store = ox.Store()
    store.update(f"INSERT DATA {{ GRAPH <{G}> {{ {FACTS} }} {FACTS} }}")
    return store


def lines(graphs: dict[str | None, set[Triple]]) -> set[tuple[str, str]]:
    return {(name or "", str(t)) for name, triples in graphs.items() for t in triples}


def quads(engine: ox.Store) -> set[tuple[str, str]]:
    return {(q.graph_name.value if isinstance(q.graph_name, NamedNode) else "", str(q.triple)) for q in engine}


@pytest.mark.parametrize(
    "sparql",
    [
        f"INSERT DATA {{ GRAPH <{G}> {{ <https://a/1> <https://a/p> 1 , 7 }} }}",
        f"PREFIX a: <https://a/>\nDELETE DATA {{ a:1 a:p 1. GRAPH <{G}> {{a:2 a:p 2}} }} ; INSERT DATA {{a:1 a:p 1.}}",
        f"INSERT DATA {{ GRAPH <{G}> {{ <https://a/9> <https://a/p> '}} ; .' }} . }} # a point that TriG has not",
        f"INSERT DATA {{ <https://a/9> <https://a/p> 9 # the end\n}} ; DELETE DATA {{ GRAPH <{G}> {{ {FACTS} }} }}",
        "INSERT DATA {} ; INSERT DATA { }",
        f"WITH <{G}> DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p 4 }} WHERE {{ ?s ?p ?o FILTER(?o > 2) }}",
        f"CLEAR DEFAULT ; CLEAR GRAPH <{G}>",
        f"MOVE <{G}> TO DEFAULT",
        "COPY DEFAULT TO <https://a/other>",
        f"DELETE WHERE {{ GRAPH <{G}> {{ ?s ?p 3 }} }}",
    ],
)
def test_what_an_update_changes_is_noted_and_no_more(engine: ox.Store, sparql: str) -> None:
    before, changes = quads(engine), Changes()
    with watched(engine, sparql, changes):
        engine.update(sparql)
    after = quads(engine)
    assert (lines(changes.added), lines(changes.removed)) == (after - before, before - after)


def test_an_update_of_any_graph_is_not_read_after() -> None:
    changes = Changes()
    with watched(ox.Store(), "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", changes):
        pass
    assert changes.unknown


def test_an_update_that_says_its_data_is_not_worth_a_reading_of_its_graph() -> None:
    assert data_of(f"INSERT DATA {{ GRAPH <{G}> {{ {FACTS} }} }}") is not None
    assert data_of("CLEAR DEFAULT ; INSERT DATA { <https://a/1> <https://a/p> 1 }") is None


def test_two_readings_are_compared_with_no_more_in_memory_than_what_differs() -> None:
    store = ox.Store()
    graph, p = NamedNode(G), NamedNode("https://a/p")
    store.extend(Quad(NamedNode(f"https://a/{n}"), p, ox.Literal(n), graph) for n in range(5_000))
    old = store.quads_for_pattern(None, None, None, graph)
    store.update(f"DELETE WHERE {{ GRAPH <{G}> {{ <https://a/77> ?p ?o }} }}")
    store.add(Quad(NamedNode("https://a/new"), p, ox.Literal(1), graph))
    read = 0

    def counted(quads: Iterator[Quad]) -> Iterator[Quad]:
        nonlocal read
        for quad in quads:
            read += 1
            yield quad

    came, went = between(counted(iter(old)), counted(store.quads_for_pattern(None, None, None, graph)))
    assert (len(came), len(went), read) == (1, 1, 10_000)


@pytest.mark.parametrize("error", [StoreError("no room"), RuntimeError("a fault"), KeyboardInterrupt()])
def test_a_write_that_raises_is_followed_by_a_whole_index(tmp_path: Path, error: BaseException) -> None:
    with open_store(str(tmp_path / "store")) as store:
        assert isinstance(store, DiskStore)
        store.put([to_graph(by_hand())])
        link(store)
        store.publish()
        with pytest.raises((QueryError, type(error))), watching_fails(store, error):
            store.update(f"INSERT DATA {{ GRAPH <{G}> {{ {FACTS} }} }}")
        store.put([], drop=[to_graph(by_hand()).name])
        store.publish()
        assert store.graph(NamedNode(G)).triples, "the write had landed when it raised"
        assert not mended(tmp_path / "store")
        assert difference(store) == ""
        store.update(f"CLEAR GRAPH <{G}>")
        store.publish()
        assert mended(tmp_path / "store")
        assert difference(store) == ""


class watching_fails:  # noqa: N801  it reads as a statement
    """The store's engine raises when it has written: what a full disk or a signal does at the worst moment."""

    def __init__(self, store: DiskStore, error: BaseException) -> None:
        self.store, self.error, self.run = store, error, store._run

    def __enter__(self) -> None:
        def run(write: object) -> None:
            self.run(write)  # type: ignore[arg-type]
            raise self.error

        self.store._run = run  # type: ignore[method-assign, assignment]

    def __exit__(self, *_: object) -> None:
        self.store._run = self.run  # type: ignore[method-assign]


def test_what_is_no_sparql_costs_no_whole_index(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store")) as store:
        store.put([edition("a", "one")])
        store.publish()
        with pytest.raises(QueryError):
            store.update(f"INSERT DATA {{ GRAPH <{G}> {{ <https://a/1> }} }}")
        store.put([edition("b", "two")])
        store.publish()
        assert mended(tmp_path / "store")


def test_a_generation_that_readers_were_not_sent_to_leaves_no_wrong_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "store")) as store:
        for words in (["one"], ["two"]):
            store.put([edition("a", *words), to_graph(by_hand())])
            store.publish()
        store.put([edition("a", "three")])
        with monkeypatch.context() as full_disk:
            full_disk.setattr(generations, "write_durably", no_room)
            with pytest.raises(OSError, match="no room"):
                store.publish()
        for words in (["four"], ["five"], ["six"]):
            store.put([edition("a", *words)])
            store.publish()
            assert difference(store) == ""
            assert mended(tmp_path / "store")


def test_an_index_that_can_not_be_written_is_no_reason_to_refuse_a_generation(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store")) as store:
        store.put([edition("a", "one")])
        store.publish()
        for point in crash.INDEX_POINTS:
            store.put([edition("a", point)])
            crash.arm(f"{point}:1:ENOSPC")
            store.publish()
            crash.arm("")
            assert store.version().isdigit(), "it was published"
            store.put([edition("a", point, "again")])
            store.publish()
            assert difference(store) == ""


def no_room(*_: object) -> None:
    raise OSError("no room")


KILLED = """
import sys
sys.path[:0] = {paths!r}
from sample_readings import by_hand
from store_samples import edition
from kg import crash
from kg.linking import link
from kg.mapping import to_graph
from kg.store import open_store

with open_store({url!r}) as store:
    store.put([edition("a", "one")])
    store.publish()
    store.put([to_graph(by_hand())])
    link(store)
    store.publish()
    crash.arm({point!r})
    store.put([edition("a", "two", "words")], drop=[to_graph(by_hand()).name])
    link(store)
    store.publish()
"""


@pytest.mark.parametrize("point", ["put", "generation", *crash.INDEX_POINTS])
def test_a_writer_that_is_killed_leaves_no_wrong_index(tmp_path: Path, point: str) -> None:
    url = str(tmp_path / "store")
    here = Path(__file__).parents[1]
    program = KILLED.format(paths=[str(here), str(here / "store")], url=url, point=point)
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    with open_store(url, read_only=True) as reader:
        assert difference(reader) == ""
    for words in (["three"], ["four", "words"], ["five"]):
        with open_store(url) as store:
            store.put([edition("a", *words)])
            store.publish()
            assert difference(store) == ""
    assert mended(tmp_path / "store")
