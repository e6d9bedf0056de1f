"""Edition graphs that were changed over HTTP: the journal knows whose change it is, and nothing undoes it unasked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from importer_samples import record
from pyoxigraph import NamedNode

from kg.importer import Plan, import_sources, reread
from kg.linking import is_stale
from kg.store import Store, open_store
from kg.store.verify import verify
from kg.vocab import KG
from kg.writing import Change, GateError, Outcome, apply, finish

PLAN = Plan(jobs=0)
SOURCES = [("first.jsonl", record(0)), ("second.jsonl", record(1))]


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as made:
        import_sources(SOURCES, store=made, plan=PLAN)
        yield made


def editions(store: Store) -> list[str]:
    return [entry.iri for entry in store.journal.all("committed")]


def change(store: Store, text: str) -> Outcome:
    return finish(store, apply(store, Change("update", "all", text=text, by="m.amsel", id="c1")))


def retitled(store: Store, edition: str) -> str:
    """Give an edition another title by hand."""
    change(
        store,
        f"WITH <{edition}> DELETE {{ ?article {KG.title} ?old }} "
        f"INSERT {{ ?article {KG.title} 'By hand' }} WHERE {{ ?article {KG.title} ?old }}",
    )
    return edition


def has_title(store: Store, edition: str) -> bool:
    return store.ask(f"ASK {{ GRAPH <{edition}> {{ ?article {KG.title} 'By hand' }} }}")


def test_a_change_by_hand_is_no_fault_and_repair_leaves_it(store: Store) -> None:
    edition = retitled(store, editions(store)[0])
    entry = store.journal.entry(edition)
    assert entry is not None
    assert entry.digest == store.graph(NamedNode(edition)).digest()
    by = store.journal.hand.all()
    assert [(one.iri, one.by, one.time) for one in by.values()] == [(edition, "m.amsel", entry.time)]
    assert verify(store) == []
    assert verify(store, repair=True) == []
    assert has_title(store, edition)
    assert not is_stale(store)


def test_importing_and_reading_again_leave_it_until_they_are_told_otherwise(store: Store) -> None:
    edition = retitled(store, editions(store)[0])
    again = import_sources(SOURCES, store=store, plan=PLAN)
    assert [one.state for one in again.outcomes] == ["unchanged"] * 2
    assert reread(store, plan=PLAN).outcomes == []
    assert has_title(store, edition)
    retold = [(name, raw.replace(b'"title":"Pier', b'"title":"PIER')) for name, raw in SOURCES]
    newer = import_sources(retold, store=store, plan=PLAN)
    told = sorted((one.state, "m.amsel" in (one.reason or "")) for one in newer.outcomes)
    assert told == [("replaced", False), ("unchanged", True)]
    assert has_title(store, edition)
    assert [one.state for one in reread(store, plan=PLAN, everything=True).outcomes] == ["replaced"] * 2
    assert not has_title(store, edition)
    assert store.journal.hand.all() == {}
    # I1: the bytes of the file that was replaced, and of the one that changed nothing.
    assert [fault for fault in verify(store) if fault.invariant != "I1"] == []


def test_subscribers_hear_of_it_as_of_an_import(store: Store) -> None:
    box = store.journal.outbox
    before = box.visible(store.version())
    edition = retitled(store, editions(store)[0])
    events = box.after(before, until=box.visible(store.version()), kind="edition", limit=9)
    assert [(event.iri, event.change, event.added) for event in events] == [(edition, "changed", ())]
    before = box.visible(store.version())
    change(store, f"DROP GRAPH <{edition}>")
    seen = box.visible(store.version())
    assert [e.change for e in box.after(before, until=seen, kind="edition", limit=9)] == ["removed"]
    assert [e.change for e in box.after(before, until=seen, kind="claim", limit=9)] == ["removed"]


@pytest.mark.parametrize("text", ["DROP GRAPH <{}>", "DELETE WHERE {{ GRAPH <{}> {{ ?s ?p ?o }} }}", "DROP ALL"])
def test_an_edition_that_was_removed_by_hand_stays_away_until_it_is_wanted_back(store: Store, text: str) -> None:
    edition = editions(store)[0]
    change(store, text.format(edition))
    assert store.journal.state(edition) == "quarantined"
    assert verify(store, repair=True) == []
    again = import_sources(SOURCES, store=store, plan=PLAN)
    told = [one for one in again.outcomes if one.iri == edition]
    assert [(one.state, "removed by hand by m.amsel" in (one.reason or "")) for one in told] == [("refused", True)]
    back = import_sources(SOURCES, store=store, plan=Plan(jobs=0, replace=True))
    assert not back.refused
    assert len(store.graph(NamedNode(edition)))
    assert verify(store) == []


def test_an_edition_that_no_import_brought_is_refused_with_the_way_to_bring_it(store: Store) -> None:
    edition, count = editions(store)[0], store.count()
    other = edition.replace("/edition/", "/edition/0")
    whole = store.graph(NamedNode(edition)).nquads().replace(edition, other)
    triples = "".join(f"{line.rpartition(' <')[0]} .\n" for line in whole.splitlines())
    with pytest.raises(GateError, match="kg import"):
        change(store, f"INSERT DATA {{ GRAPH <{other}> {{ {triples} }} }}")
    assert store.count() == count


def test_damage_to_a_graph_that_was_changed_by_hand_says_that_the_change_is_lost(store: Store) -> None:
    edition = retitled(store, editions(store)[0])
    store.update(f"DELETE WHERE {{ GRAPH <{edition}> {{ ?s {KG.exact} ?o }} }}", trusted=True)
    (fault,) = verify(store)
    assert "m.amsel" in fault.fact
    (mended,) = verify(store, repair=True)
    assert "received" in (mended.repaired or "")
    import_sources([], store=store, plan=PLAN)
    assert verify(store) == []
    assert store.journal.hand.all() == {}


def test_a_journal_without_the_table_has_no_changes_by_hand() -> None:
    with open_store("memory:") as store:
        store.journal._connection.execute("DROP TABLE hand")
        assert store.journal.hand.all() == {}
        assert store.journal.hand.of("x") is None
        assert not store.journal.hand.knows("c1")
