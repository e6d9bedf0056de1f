"""What mending an index costs, counted in questions and rows: in proportion to an import, not to the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from importer_samples import record
from index_lives import difference

from kg.importer import Plan, import_sources
from kg.store import open_store
from kg.store.base import Rows
from kg.store.oxigraph import MemoryStore

pytest.importorskip("shacl", reason="the imports use the fast gate (extra fast)")


@dataclass(slots=True)
class Work:
    """What publishing asked of a store."""

    questions: int = 0
    rows: int = 0


def publishing(store: MemoryStore) -> list[Work]:
    """Count what each publication asks from now on."""
    told: list[Work] = []
    counting = False
    publish, select, dump = store.publish, store.select, store.ntriples

    def counted_publish() -> None:
        nonlocal counting
        counting = True
        told.append(Work())
        publish()
        counting = False

    def counted_select(sparql: str, **how: Any) -> Rows:
        found = select(sparql, **how)
        if counting:
            told[-1].questions += 1
            told[-1].rows += len(found.rows)
        return found

    def counted_dump(name: Any) -> bytes:
        found = dump(name)
        if counting:
            told[-1].questions += 1
            told[-1].rows += found.count(b"\n")
        return found

    store.publish, store.select, store.ntriples = counted_publish, counted_select, counted_dump  # type: ignore[method-assign]
    return told


@pytest.mark.slow
def test_an_import_costs_a_mend_in_proportion_to_its_articles() -> None:
    with open_store("memory:") as store:
        assert isinstance(store, MemoryStore)
        told = publishing(store)
        number = 0
        for many in (100, 5, 20, 300, 5, 20):
            lines = b"".join(
                record(n, outlet=f"Outlet {n % 7}", words=f"lamp {n} of quay {n * 31} was {n * 17} years in the dark")
                for n in range(number, number + many)
            )
            number += many
            report = import_sources([(f"{number}.jsonl", lines)], store=store, plan=Plan(gate="fast"))
            assert report.counts == {"imported": many}
        _, five, twenty, _, five_later, twenty_later = told
        assert difference(store) == ""
    # In a store four times as large the same import asks the same.
    assert five_later.questions == five.questions
    assert five_later.rows < 1.5 * five.rows
    assert twenty_later.rows < 1.5 * twenty.rows
    # And four times the articles ask for four times the rows, in as many questions.
    assert twenty.questions <= five.questions + 5
    assert 2 * five.rows < twenty.rows < 6 * five.rows
