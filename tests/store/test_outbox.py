"""The outbox tells what changed, once, in order, and not before it can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from kg.graph import ArticleGraph
from kg.store import Store, open_store
from kg.store.journal import Commit, Receipt
from kg.vocab import KG, RDF_TYPE

BASE = "https://example.org/id/"


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return open_store("memory:" if request.param == "memory" else str(tmp_path / "store"), base_iri=BASE)


def edition(number: int, *statements: str) -> ArticleGraph:
    name = NamedNode(f"{BASE}edition/{number}")
    triples = [Triple(NamedNode(f"{name.value}#{words}"), RDF_TYPE, KG.Statement) for words in statements]
    return ArticleGraph.of(name, [Triple(name, RDF_TYPE, KG.Edition), *triples])


def commit(store: Store, *graphs: ArticleGraph, publish: bool = True) -> None:
    store.journal.received(Receipt(graph.name.value, "0" * 64) for graph in graphs)
    store.put(graphs)
    store.journal.committed(Commit(graph.name.value, len(graph), graph.digest(), "by-hand 1") for graph in graphs)
    if publish:
        store.publish()


def heard(store: Store, since: int = 0) -> list[tuple[str, str, tuple[str, ...]]]:
    outbox = store.journal.outbox
    events = outbox.after(since, until=outbox.visible(store.version()), kind="edition")
    return [(e.iri.rpartition("/")[2], e.change, tuple(s.rpartition("#")[2] for s in e.added)) for e in events]


def test_an_edition_is_told_with_its_statements_when_it_is_published(store: Store) -> None:
    commit(store, edition(1, "a", "b"), publish=False)
    assert store.journal.outbox.visible("0") == 0
    store.publish()
    assert heard(store) == [("1", "added", ("a", "b"))]


def test_an_edition_that_is_read_again_tells_what_is_new(store: Store) -> None:
    commit(store, edition(1, "a", "b"))
    commit(store, edition(1, "b", "c"))
    commit(store, edition(1, "b", "c"))  # no data changed, and yet it was committed
    assert heard(store) == [("1", "added", ("a", "b")), ("1", "changed", ("c",)), ("1", "changed", ())]


def test_an_edition_that_went_is_told_once_and_anew_when_it_returns(store: Store) -> None:
    commit(store, edition(1, "a"))
    store.put([], drop=[NamedNode(f"{BASE}edition/1")])
    store.journal.quarantined(f"{BASE}edition/1", "a bad date")
    store.journal.forget([f"{BASE}edition/1"])
    store.publish()
    commit(store, edition(1, "a"))
    assert heard(store) == [("1", "added", ("a",)), ("1", "removed", ()), ("1", "added", ("a",))]


def test_a_refused_article_that_was_never_there_is_not_told(store: Store) -> None:
    store.journal.received([Receipt(f"{BASE}edition/1", "0" * 64)])
    store.journal.quarantined(f"{BASE}edition/1", "a bad date")
    store.publish()
    assert heard(store) == []


def test_who_reads_on_from_a_number_gets_the_rest_and_nothing_twice(store: Store) -> None:
    commit(store, *(edition(n, "a") for n in range(5)))
    outbox, seen, since = store.journal.outbox, [], 0
    while found := outbox.after(since, until=outbox.visible(store.version()), kind="edition", limit=2):
        seen += [event.iri.rpartition("/")[2] for event in found]
        since = found[-1].seq
    assert seen == ["0", "1", "2", "3", "4"]


def test_a_claim_is_told_when_it_comes_changes_and_goes(store: Store) -> None:
    outbox = store.journal.outbox
    assert outbox.claims({"c1": "x", "c2": "y"}) == 2
    assert outbox.claims({"c1": "x", "c2": "z", "c3": "y"}) == 2
    assert outbox.claims({"c1": "x", "c3": "y"}) == 1
    commit(store, edition(1))
    events = outbox.after(0, until=outbox.visible(store.version()), kind="claim")
    told = [(event.iri, event.change) for event in events]
    assert told == [("c1", "added"), ("c2", "added"), ("c2", "changed"), ("c3", "added"), ("c2", "removed")]
    assert [event.change for event in outbox.after(0, until=99, kind="claim", iri="c1")] == ["added"]


def test_a_reader_in_another_process_sees_events_with_their_generation_and_not_before(tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    with open_store(url, base_iri=BASE) as writer:
        commit(writer, edition(1, "a"))
        with open_store(url, read_only=True) as reader:
            assert heard(reader) == [("1", "added", ("a",))]
            commit(writer, edition(2, "b"), publish=False)
            assert heard(reader) == [("1", "added", ("a",))]
            writer.publish()
            assert heard(reader, since=1) == [("2", "added", ("b",))]


def test_a_commit_that_is_cut_off_leaves_no_event(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store"), base_iri=BASE) as store:
        graph = edition(1, "a")
        with pytest.raises(Exception, match="knows no edition"):
            store.journal.committed(
                [Commit(graph.name.value, 2, graph.digest(), "by-hand 1")]  # never received: the transaction fails
            )
        store.publish()
        assert heard(store) == []
