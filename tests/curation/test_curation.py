"""What people do is recorded with who, when and why, is checked by the shapes, and holds after every import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.articles import Options
from kg.curation import (
    Refused,
    Signed,
    Text,
    annotate,
    confirm_identity,
    confirm_relation,
    submit,
    undo_identity,
    undo_relation,
)
from kg.gate import check_shared
from kg.importer import import_sources
from kg.query import run
from kg.store import Store, open_store
from kg.vocab import KG

COURIER = "“The harbour was sold before the tender,” said Ivo Stranne, the harbour master of Port Alda.\n"
LEDGER = "Ivo Stranne said the harbour was not sold before the tender. Petra Halloran agreed.\n"
WHY = Signed.now("m.amsel", "The desk rang both.")


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as opened:
        bring(opened, COURIER, "The Courier", "2026-03-09")
        bring(opened, LEDGER, "The Ledger", "2026-03-10")
        yield opened


def bring(store: Store, text: str, outlet: str, published: str) -> None:
    report = import_sources(
        [(f"{outlet}.txt", text.encode())], store=store, options=Options(outlet=outlet, published=published)
    )
    assert not report.refused, report.refused


def local(store: Store, name: str, outlet: str) -> str:
    """Return the node of a source in the edition of an outlet."""
    rows = store.select(
        f'SELECT ?s {{ ?s {KG.name} "{name}" ; {KG.inEdition} ?e ; a {KG.Source} . '
        f'?a {KG.inEdition} ?e ; {KG.outletName} "{outlet}" }}',
        trusted=True,
    )
    return str(next(iter(rows))["s"]).strip("<>")


def canonical(store: Store, node: str) -> str:
    return str(next(iter(store.select(f"SELECT ?c {{ <{node}> {KG.identifiedAs} ?c }}", trusted=True)))["c"]).strip(
        "<>"
    )


def statements(store: Store) -> list[str]:
    rows = store.select(f"SELECT ?s {{ ?s a {KG.Statement} ; {KG.contentText} ?t }} ORDER BY ?t", trusted=True)
    return [str(row["s"]).strip("<>") for row in rows]


def decisions(store: Store) -> list[tuple[str, str, str, bool]]:
    rows = run(store, "decisions")
    names = rows.variables
    found = [dict(zip(names, row, strict=True)) for row in rows.rows]
    return [
        (
            getattr(row["decided_by"], "value", ""),
            getattr(row["decided"], "value", ""),
            getattr(row["reason"], "value", ""),
            row["superseded_by"] is not None,
        )
        for row in found
    ]


def test_an_undone_identity_is_recorded_and_holds_after_an_import(store: Store) -> None:
    one, other = local(store, "Ivo Stranne", "The Courier"), local(store, "Ivo Stranne", "The Ledger")
    shared = canonical(store, one)
    assert canonical(store, other) == shared
    undo_identity(store, other, shared, Signed.now("m.amsel", "Father and son."))
    assert canonical(store, other) != shared
    assert decisions(store) == [("m.amsel", "undone", "Father and son.", False)]
    bring(store, "Petra Halloran said the ferry sails again on Monday.\n", "The Wire", "2026-03-11")
    assert canonical(store, other) != canonical(store, one)
    assert decisions(store) == [("m.amsel", "undone", "Father and son.", False)]


def test_a_later_decision_takes_the_place_of_an_earlier_one_which_stays_on_record(store: Store) -> None:
    other = local(store, "Ivo Stranne", "The Ledger")
    shared = canonical(store, other)
    undo_identity(store, other, shared, Signed.now("m.amsel", "Father and son."))
    confirm_identity(store, other, shared, Signed.now("m.amsel", "No, one man."))
    assert canonical(store, other) == shared
    assert sorted(decisions(store)) == [
        ("m.amsel", "confirmed", "No, one man.", False),
        ("m.amsel", "undone", "Father and son.", True),
    ]


def test_a_confirmed_identity_joins_what_the_machine_keeps_apart(store: Store) -> None:
    petra, ivo = local(store, "Petra Halloran", "The Ledger"), local(store, "Ivo Stranne", "The Courier")
    confirm_identity(store, petra, canonical(store, ivo), WHY)
    assert canonical(store, petra) == canonical(store, ivo)


def relation(store: Store) -> list[tuple[str, str]]:
    rows = store.select(
        f"SELECT ?r ?b {{ ?x a {KG.StatementRelation} ; {KG.relation} ?r ; {KG.basis} ?b }}", trusted=True
    )
    return sorted((str(row["r"]).rpartition("-")[2][:-1], str(row["b"]).rpartition("-")[2][:-1]) for row in rows)


def test_a_relation_is_confirmed_replaced_and_undone(store: Store) -> None:
    one, other, *_ = statements(store)
    confirm_relation(store, one, other, "contradicts", WHY)
    assert relation(store) == [("contradicts", "person")]
    confirm_relation(store, other, one, "updates", WHY)
    assert relation(store) == [("updates", "person")]
    undo_relation(store, one, other, "updates", WHY)
    assert not [found for found in relation(store) if found[1] == "person"]
    assert [d[1:] for d in decisions(store) if not d[3]] == [("undone", WHY.reason, False)]


def test_a_note_is_kept_with_its_node(store: Store) -> None:
    statement = statements(store)[0]
    annotate(store, statement, "The recording was heard in full.", WHY)
    found = run(store, "notes")
    row = dict(zip(found.variables, found.rows[0], strict=True))
    assert getattr(row["note"], "value", "") == "The recording was heard in full."
    assert (str(row["node"]), getattr(row["decided_by"], "value", "")) == (f"<{statement}>", "m.amsel")


def test_an_article_is_handed_in_and_recorded(store: Store) -> None:
    given = Text(text="Petra Halloran said the quay is closed.\n", outlet="The Wire", published="2026-03-12")
    found = submit(store, given, Signed.now("m.amsel", "For the harbour dossier."))
    assert (found.state, found.statements) == ("imported", 1)
    ask = f'ASK {{ ?s a {KG.Submission} ; {KG.submitted} <{found.edition}> ; {KG.decidedBy} "m.amsel" }}'
    assert store.ask(ask, trusted=True)
    assert submit(store, given, Signed.now("m.amsel", "Again.")).state == "unchanged"


def test_one_text_of_two_outlets_is_two_editions(store: Store) -> None:
    text = "Petra Halloran said the quay is closed.\n"
    editions = {
        submit(store, Text(text=text, outlet=outlet, published="2026-03-12"), WHY).edition
        for outlet in ("The Wire", "The Echo")
    }
    assert len(editions) == 2
    for edition in editions:
        assert store.ask(f"ASK {{ <{edition}> a {KG.Edition} }}", trusted=True)


def test_the_curation_graph_conforms_to_its_shapes(store: Store) -> None:
    one, other, *_ = statements(store)
    confirm_relation(store, one, other, "contradicts", WHY)
    undo_relation(store, one, other, "contradicts", Signed.now("m.amsel", "No."))
    annotate(store, one, "Heard.", WHY)
    name = next(name for name in store.graph_names() if name.value.endswith("graph/curation"))
    assert check_shared(store.graph(name)).conforms


def refusals() -> list[tuple[str, str]]:
    return [
        ("blank reason", "says why"),
        ("unknown node", "knows no such node"),
        ("no iri", "no IRI"),
        ("canonical as node", "edition's own"),
        ("local as canonical", "node of one edition"),
        ("same statement", "one statement"),
        ("unknown relation", "no relation"),
        ("source as statement", "no statement"),
        ("blank note", "kg:note"),
        ("long note", "kg:note"),
        ("bad date", "no date"),
        ("nothing", "Neither text nor url"),
        ("file address", "no address of the web"),
        ("blank text", "blank"),
    ]


@pytest.mark.parametrize(("case", "words"), refusals(), ids=[case for case, _ in refusals()])
def test_what_can_not_be_done_is_refused_in_words_and_changes_nothing(store: Store, case: str, words: str) -> None:
    source = local(store, "Ivo Stranne", "The Courier")
    shared, (one, other, *_) = canonical(store, source), statements(store)
    doing = {
        "blank reason": lambda: undo_identity(store, source, shared, Signed.now("m.amsel", "  ")),
        "unknown node": lambda: undo_identity(store, "https://example.org/x", shared, WHY),
        "no iri": lambda: annotate(store, "no iri", "x", WHY),
        "canonical as node": lambda: undo_identity(store, shared, shared, WHY),
        "local as canonical": lambda: undo_identity(store, source, source, WHY),
        "same statement": lambda: confirm_relation(store, one, one, "contradicts", WHY),
        "unknown relation": lambda: confirm_relation(store, one, other, "likes", WHY),
        "source as statement": lambda: confirm_relation(store, one, source, "contradicts", WHY),
        "blank note": lambda: annotate(store, one, " \n", WHY),
        "long note": lambda: annotate(store, one, "x" * 10_001, WHY),
        "bad date": lambda: submit(store, Text(text="Words.", published="soon"), WHY),
        "nothing": lambda: submit(store, Text(), WHY),
        "file address": lambda: submit(store, Text(url="file:///etc/passwd"), WHY),
        "blank text": lambda: submit(store, Text(text="  "), WHY),
    }
    before = store.version()
    with pytest.raises(Refused, match=words) as caught:
        doing[case]()
    assert store.version() == before
    if "kg:" in words or case == "blank reason":
        assert caught.value.violations[0].shape.value.startswith("https://w3id.org/on-the-record/ns#")


def test_decisions_on_disk_hold_when_the_store_is_opened_again(tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    with open_store(url) as store:
        bring(store, COURIER, "The Courier", "2026-03-09")
        bring(store, LEDGER, "The Ledger", "2026-03-10")
        other = local(store, "Ivo Stranne", "The Ledger")
        shared = canonical(store, other)
        undo_identity(store, other, shared, WHY)
    with open_store(url, read_only=True) as reader:
        assert canonical(reader, other) != shared
        assert [row[1] for row in decisions(reader)] == ["undone"]
