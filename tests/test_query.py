"""Names, parameters and values of questions, before a store sees them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from kg import query
from kg.errors import NotFound, QueryError
from kg.graph import literal
from kg.store import open_store
from kg.vocab import concept

OWN = """# Which mentions read like this?
# param ?exact   strings, the words
# param ?since   date, of the mention
# param ?count   integer
# param ?weight  decimal
# param ?named   boolean
# param ?when    dateTime
# param ?act     concept of act
# param ?node    IRI of a mention
PREFIX kg: <https://w3id.org/on-the-record/ns#>
SELECT ?mention (COUNT(?other) AS ?n)
WHERE {
  VALUES ?exact { UNDEF } VALUES ?since { UNDEF } VALUES ?count { UNDEF } VALUES ?weight { UNDEF }
  VALUES ?named { UNDEF } VALUES ?when { UNDEF } VALUES ?act { UNDEF } VALUES ?node { UNDEF }
  ?mention kg:exact ?exact . OPTIONAL { ?other kg:exact ?exact }
}
GROUP BY ?mention
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own questions, with one question ``reads_like`` in it."""
    (tmp_path / "reads_like.rq").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("KG_QUERIES", str(tmp_path))
    return tmp_path


def test_the_house_has_its_questions() -> None:
    assert {"said_by", "chain_of", "claim_roots", "headline", "integrity"} <= set(query.names())


def test_an_unknown_question_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"no question 'said_bye'; there are .*said_by"):
        query.load("said_bye")


@pytest.mark.parametrize("name", ["../query", "/etc/passwd", "said_by.rq", ""])
def test_a_path_is_no_name(own: Path, name: str) -> None:
    with pytest.raises(NotFound):
        query.load(name)


def test_a_question_is_described_by_its_head(own: Path) -> None:
    described = query.describe("reads_like")
    assert described.question == "Which mentions read like this?"
    assert [(param.name, param.type) for param in described.params[:3]] == [
        ("exact", "string"),
        ("since", "date"),
        ("count", "integer"),
    ]
    assert described.params[0].about == "the words"
    assert described.params[6].scheme == "act"
    assert described.columns == ("mention", "n")


def test_ones_own_questions_are_asked_like_the_houses(own: Path) -> None:
    with open_store("memory:") as store:
        store.update(
            'INSERT DATA { GRAPH <https://a.b/g> { <https://a.b/m> <https://w3id.org/on-the-record/ns#exact> "said" } }'
        )
        rows = query.run(store, "reads_like", exact=["said", "told"])
    assert rows.rows == ((NamedNode("https://a.b/m"), literal(1)),)


def test_ones_own_file_does_not_replace_a_question_of_the_house(own: Path) -> None:
    (own / "said_by.rq").write_text("# Mine?\nSELECT ?x { }")
    assert query.describe("said_by").question.startswith("What is an actor reported to have said")


def test_service_is_refused_in_a_file_of_ones_own(own: Path) -> None:
    (own / "away.rq").write_text("# Elsewhere?\nSELECT ?s { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")
    with open_store("memory:") as store, pytest.raises(QueryError, match="SERVICE"):
        query.run(store, "away")


def test_a_folder_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KG_QUERIES", str(tmp_path / "missing"))
    with pytest.raises(QueryError, match=r"KG_QUERIES names .*, which is not a folder"):
        query.names()


@pytest.mark.parametrize(
    ("param", "value", "term"),
    [
        ("exact", 'He said: "no" } DROP ALL', Literal('He said: "no" } DROP ALL')),
        ("exact", "https://a.b/", Literal("https://a.b/")),
        ("since", "2026-03-02", literal(date(2026, 3, 2))),
        ("since", date(2026, 3, 2), literal(date(2026, 3, 2))),
        ("count", " 7", literal(7)),
        ("weight", "0.50", literal(Decimal("0.5"))),
        ("named", "True", literal(True)),
        ("when", "2026-03-02T10:00:00Z", literal(datetime(2026, 3, 2, 10, tzinfo=UTC))),
        ("act", "deny", concept("act", "deny")),
        ("act", "kgs:act-deny", concept("act", "deny")),
        ("act", "https://w3id.org/on-the-record/schemes#act-deny", concept("act", "deny")),
        ("node", "https://a.b/edition/1#char=0,5", NamedNode("https://a.b/edition/1#char=0,5")),
        ("node", NamedNode("https://a.b/x"), NamedNode("https://a.b/x")),
    ],
)
def test_a_value_is_read_by_the_declared_type(own: Path, param: str, value: object, term: object) -> None:
    prepared = query.prepare("reads_like", **{param: value})  # type: ignore[arg-type]
    assert f"VALUES ?{param} {{ {term} }}" in prepared
    assert prepared.count("UNDEF") == 7


@pytest.mark.parametrize(
    ("param", "value", "words"),
    [
        ("since", "Feb. 30", r"reads_like: since='Feb. 30' is not a date \(YYYY-MM-DD\)"),
        ("count", "many", "count='many' is not an integer"),
        ("weight", "heavy", "weight='heavy' is not a decimal"),
        ("named", "perhaps", "named='perhaps' is not a boolean"),
        ("act", "sing", "act='sing' is not one of state, report, allege, deny"),
        ("node", "Lukashenko", "node='Lukashenko' is not an IRI"),
        ("node", "https://a.b/> } DROP ALL #", r"is not an IRI"),
        ("node", BlankNode("b1"), "node is a blank node"),
        ("speaker", "x", "has no parameter 'speaker'; it has exact, since, count"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_right(own: Path, param: str, value: object, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        query.prepare("reads_like", **{param: value})  # type: ignore[arg-type]


def test_none_means_any(own: Path) -> None:
    assert query.prepare("reads_like", exact=None) == query.load("reads_like")


def test_a_gap_must_be_there_to_be_filled() -> None:
    with pytest.raises(QueryError, match=r"no 'VALUES \?actor { UNDEF }' to fill"):
        query.bind("SELECT ?actor { ?actor ?p ?o }", actor=[NamedNode("https://a.b/")])


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("SELECT ?x { }", "line 1: the question should stand here"),
        ("# Which?\n# param actor IRI\nSELECT ?x { }", r"line 2: write '# param \?name  TYPE"),
        ("# Which?\n# param ?actor  thing\nSELECT ?x { }", r"line 2: write '# param \?name  TYPE"),
        ("# Which?\n# param ?actor  concept of colour\nSELECT ?x { }", "line 2: write 'concept of SCHEME'"),
    ],
)
def test_a_head_that_says_too_little_is_told_by_its_line(own: Path, head: str, words: str) -> None:
    (own / "poor.rq").write_text(head)
    with pytest.raises(QueryError, match=words):
        query.describe("poor")


@pytest.mark.parametrize(
    ("sparql", "names"),
    [
        ("SELECT ?a $b WHERE { ?x ?y ?z }", ["a", "b"]),
        ("SELECT DISTINCT ?a (COUNT(DISTINCT ?x) AS ?n) ?c { ?x ?y ?c }", ["a", "n", "c"]),
        ("SELECT * { ?s ?p ?o }", []),
        ("ASK { ?s ?p ?o }", []),
        ('# SELECT ?no\nSELECT (CONCAT("(", STR(?a), "{") AS ?b) FROM <https://g/> { ?a ?p ?o }', ["b"]),
    ],
)
def test_columns_are_read_from_the_text(sparql: str, names: list[str]) -> None:
    assert query.columns(sparql) == names
