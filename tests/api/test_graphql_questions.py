"""Each of the twenty-seven questions as one GraphQL document (docs/questions.graphql), with the rows that are right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox
import pytest
from graphql import OperationDefinitionNode, parse, print_ast
from newsroom import four_ways
from pyoxigraph import NamedNode

from kg.graph import ArticleGraph
from kg.store import Store, open_store

ROOT = Path(__file__).parents[2]
ID = "https://example.org/id/"
EDITION = ID + "edition/"
TOO_MANY = "The ferry Selma took too many cars on Sunday"
FERRY = "Ferry took too many cars"
POST, RADIO, QUILL = "The Harrow Post", "Veld Radio", "Daily Quill"
DOCUMENTS = {
    definition.name.value: print_ast(definition)
    for definition in parse((ROOT / "docs" / "questions.graphql").read_text(encoding="utf-8")).definitions
    if isinstance(definition, OperationDefinitionNode) and definition.name
}
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def ferry() -> Iterator[Store]:
    quads = list(ox.parse(path=str(ROOT / "tests" / "queries" / "ferry.trig"), format=ox.RdfFormat.TRIG))
    names = {quad.graph_name for quad in quads}
    with open_store("memory:", base_iri=ID) as store:
        store.put(
            ArticleGraph.of(name, [quad.triple for quad in quads if quad.graph_name == name])
            for name in names
            if isinstance(name, NamedNode)
        )
        store.publish()
        yield store


def rows(value: Any, tree: dict[str, Any]) -> Iterator[Row]:
    """Yield the rows of an answer: a tree of keys, whose lists multiply."""
    if isinstance(value, list):
        for one in value:
            yield from rows(one, tree)
        return
    cells = []
    for key, below in tree.items():
        inside = value.get(key) if isinstance(value, dict) else None
        if not below:
            cells.append([(tuple(inside) if isinstance(inside, list) else inside,)])
        else:
            nothing = (None,) * sum(1 for _ in leaves(below))
            cells.append([nothing] if inside is None else list(rows(inside, below)))
    for parts in itertools.product(*cells):
        yield tuple(itertools.chain.from_iterable(parts))


def leaves(tree: dict[str, Any]) -> Iterator[str]:
    for key, below in tree.items():
        yield from leaves(below) if below else [key]


def columns(text: str) -> dict[str, Any]:
    """Read "nodes.text nodes.speaker.name" into a tree."""
    tree: dict[str, Any] = {}
    for path in text.split():
        at = tree
        for key in path.split("."):
            at = at.setdefault(key, {})
    return tree


CASES: dict[str, tuple[dict[str, str], str, list[Row]]] = {
    "SaidBy": (
        {"name": "falk"},
        "statements.nodes.text statements.nodes.saidOn.edtf statements.nodes.article.title "
        "statements.nodes.outlet.name",
        [
            ("We kept to the limit,", None, FERRY, POST),
            ("the limit was 40 cars", None, FERRY, POST),
            ("The limit was 40 cars", None, FERRY, QUILL),
            ("The limit was 60 cars,", "2026-05-04", "Captain speaks", RADIO),
            ("the ferry was full", None, FERRY, POST),
        ],
    ),
    "DirectQuotations": (
        {"name": "falk"},
        "statements.nodes.quoted.exact statements.nodes.quoted.start statements.nodes.outlet.name",
        [("We kept to the limit,", 111, POST), ("The limit was 60 cars,", 87, RADIO)],
    ),
    "SecondHand": (
        {"name": "falk"},
        "statements.nodes.text statements.nodes.chain.source.name",
        [
            ("the limit was 40 cars", POST),
            ("the limit was 40 cars", "Tom Brandt"),
            ("the limit was 40 cars", "Ines Falk"),
        ],
    ),
    "Chain": (
        {"id": EDITION + "radio#s1"},
        "node.chain.position node.chain.source.name node.chain.source.unnamed node.chain.act node.chain.evidence.exact",
        [
            (0, RADIO, False, "PUBLISHES", None),
            (1, POST, False, "REPORT", "reported"),
            (2, "a port official", True, "UNSPECIFIED", "citing"),
        ],
    ),
    "Roots": (
        {},
        "claims.nodes.label claims.nodes.outletCount claims.nodes.independentRootCount.low "
        "claims.nodes.independentRootCount.high claims.nodes.namedRootCount claims.nodes.denialCount "
        "claims.nodes.roots.name",
        [
            ("The ferry Selma took too many cars", 3, 1, 2, 0, 2, "a port official"),
            ("The ferry Selma took too many cars", 3, 1, 2, 0, 2, "a port official"),
            ("the limit was 40 cars", 2, 1, 1, 1, 0, "Ines Falk"),
            ("the inquiry meet in Brenn", 1, 1, 1, 1, 1, "Olga Reuss"),
            ("The limit was 60 cars", 1, 1, 1, 1, 0, "Ines Falk"),
        ],
    ),
    "SharedRoots": (
        {},
        "claims.nodes.label claims.nodes.sharedRoots.source.name claims.nodes.sharedRoots.how "
        "claims.nodes.sharedRoots.outletCount",
        [
            ("The ferry Selma took too many cars", POST, "same chain", 3),
            ("The ferry Selma took too many cars", "a port official", "copy", 2),
            ("The ferry Selma took too many cars", "a port official", "repeats", 2),
            ("The ferry Selma took too many cars", "a port official", "sharesRoot", 2),
            ("the limit was 40 cars", "Ines Falk", "same chain", 2),
        ],
    ),
    "UnnamedOnly": (
        {},
        "statements.nodes.outlet.name statements.nodes.text statements.nodes.rootSource.name",
        [
            (POST, TOO_MANY, "a port official"),
            (POST, TOO_MANY, "a port official"),
            (QUILL, TOO_MANY, "a port official"),
            (RADIO, "The ferry Selma took too many cars", "a port official"),
        ],
    ),
    "Denials": (
        {},
        "statements.nodes.speaker.name statements.nodes.text statements.nodes.claim.label",
        [
            ("Ines Falk", "We kept to the limit,", "The ferry Selma took too many cars"),
            ("Ines Falk", "the ferry was full", "The ferry Selma took too many cars"),
            ("Tom Brandt", "to let the inquiry meet in Brenn", "the inquiry meet in Brenn"),
        ],
    ),
    "Contradictions": (
        {},
        "relations.nodes.basis relations.nodes.from.text relations.nodes.by relations.nodes.to.text "
        "relations.nodes.assertedBy.name relations.nodes.assertedBy.reader",
        [
            ("DECLARED", None, ({"name": "Port records"},), "The limit was 60 cars,", RADIO, None),
            ("OPPOSITE_POLARITY", "the ferry was full", (), TOO_MANY, None, "linker"),
        ],
    ),
    "DeclaredCorroboration": (
        {},
        "relations.nodes.by.name relations.nodes.by.number relations.nodes.certainty relations.nodes.evidence.exact "
        "relations.nodes.to.text relations.nodes.to.outlet.name",
        [("Two sailors", 2, "PROBABLE", "Two sailors confirmed it", TOO_MANY, POST)],
    ),
    "Unverified": (
        {},
        "relations.nodes.evidence.exact relations.nodes.to.text relations.nodes.to.article.title",
        [("could not be verified", TOO_MANY, FERRY)],
    ),
    "OnDay": (
        {"day": "2026-05-03"},
        "events.nodes.label events.nodes.reports.status events.nodes.reports.outlet.name "
        "events.nodes.reports.when.edtf",
        # The radio's report of the crossing gives no day.
        [
            ("took too many cars", "ALLEGED", POST, "2026-05-03"),
            ("took too many cars", "ALLEGED", QUILL, "2026-05-03"),
            ("took too many cars", "REPORTED", RADIO, None),
        ],
    ),
    "Timeline": (
        {"from": "2026-06-15", "to": "2026-07-15"},
        "events.nodes.label events.nodes.earliest events.nodes.latest events.nodes.statuses events.nodes.place.name",
        [("the inquiry meets", "2026-06-01", "2026-06-30", ("HYPOTHETICAL", "PLANNED"), "Brenn")],
    ),
    "EventsInSeveral": (
        {},
        "events.nodes.label events.nodes.articleCount events.nodes.statuses",
        [("took too many cars", 3, ("ALLEGED", "REPORTED"))],
    ),
    "ActorsInSeveral": (
        {},
        "actors.nodes.name actors.nodes.articleCount actors.nodes.spellings",
        [
            ("Ines Falk", 3, ("Ines Falk", "Falk", "Inés Falk")),
            (POST, 3, (POST, "Harrow Post")),
            ("Tom Brandt", 2, ("Tom Brandt", "Brandt")),
        ],
    ),
    "Roles": (
        {},
        "actors.nodes.name actors.nodes.roles.label actors.nodes.roles.status",
        [
            ("Ines Falk", "Captain", "CURRENT"),
            ("Ines Falk", "heroic captain", "EVALUATIVE"),
            ("Olga Reuss", "Former minister", "FORMER"),
            ("Tom Brandt", "Mayor", "CURRENT"),
        ],
    ),
    "Cites": (
        {},
        "actors.nodes.name actors.nodes.cites.outlet.name actors.nodes.cites.count actors.nodes.cites.statements",
        [
            (QUILL, POST, 1, (TOO_MANY,)),
            (RADIO, POST, 1, ("The ferry Selma took too many cars",)),
        ],
    ),
    "SpokeTo": (
        {"name": "falk"},
        "statements.nodes.speaker.name statements.nodes.addressee.name statements.nodes.text",
        [
            ("Ines Falk", "Tom Brandt", "the limit was 40 cars"),
            ("Ines Falk", RADIO, "The limit was 60 cars,"),
        ],
    ),
    "AboutEvent": (
        {"id": ID + "event/inquiry"},
        "node.label node.statements.nodes.speaker.name node.statements.nodes.act node.statements.nodes.polarity "
        "node.statements.nodes.certainty",
        [
            ("the inquiry meets", "Olga Reuss", "SUGGEST", "POSITIVE", "POSSIBLE"),
            ("the inquiry meets", "Tom Brandt", "REFUSE", "POSITIVE", "CERTAIN"),
        ],
    ),
    "Inconsistencies": (
        {},
        "actors.nodes.name actors.nodes.inconsistencies.relation actors.nodes.inconsistencies.from.text "
        "actors.nodes.inconsistencies.to.text actors.nodes.inconsistencies.confidence",
        [("Ines Falk", "IN_TENSION_WITH", "the limit was 40 cars", "The limit was 60 cars,", 0.8)],
    ),
    "ExactCharacters": (
        {"id": EDITION + "radio#s2"},
        "node.content.start node.content.end node.content.exact node.content.edition.sha256",
        [(87, 109, "The limit was 60 cars,", "%RADIO%")],
    ),
    "Integrity": ({}, "articles.nodes.editions.damage.exact", []),
    "Proposals": (
        {"id": ID + "event/inquiry"},
        "node.label node.proposals.place node.proposals.answer node.proposals.speaker node.proposals.act "
        "node.proposals.statement.text",
        [
            ("the inquiry meets", "Brenn", "PROPOSED", "Olga Reuss", "SUGGEST", "the inquiry meet in Brenn in June"),
            ("the inquiry meets", "Brenn", "REFUSED", "Tom Brandt", "REFUSE", "to let the inquiry meet in Brenn"),
        ],
    ),
    "InferredDates": (
        {},
        "times.nodes.edtf times.nodes.resolution times.nodes.evidence.exact times.nodes.anchor "
        "times.nodes.edition.title",
        [
            ("2026-05-03", "RELATIVE", "Sunday", "2026-05-04", FERRY),
            ("2026-05-03", "RELATIVE", "Sunday", "2026-05-05", FERRY),
            ("2026-05-04", "RELATIVE", "Monday", "2026-05-05", "Captain speaks"),
            ("2026-05-05", "INFERRED", None, None, FERRY),
        ],
    ),
    "NotTheStory": (
        {},
        "articles.nodes.editions.zones.zone articles.nodes.editions.zones.exact",
        [
            ("TITLE", FERRY),
            ("TITLE", FERRY),
            ("PROMOTION", "Sign up for our newsletter."),
            ("TITLE", FERRY),
        ],
    ),
    "Copies": (
        {},
        "articles.nodes.outlet.name articles.nodes.changes.how articles.nodes.changes.added "
        "articles.nodes.changes.removed",
        [
            (POST, "REVISION", ("the ferry was full",), ("We kept to the limit,", "the limit was 40 cars")),
            (QUILL, "COPY", ("The limit was 40 cars",), ("We kept to the limit,", "the limit was 40 cars")),
        ],
    ),
    "Decisions": (
        {},
        "decisions.nodes.verdict decisions.nodes.decidedBy decisions.nodes.decidedOn decisions.nodes.from.name "
        "decisions.nodes.to.name decisions.nodes.reason",
        [
            ("UNDONE", "Mara, desk", "2026-05-07T09:05:00Z", "Brandt", "Olga Reuss", "mayor, not minister"),
            ("CONFIRMED", "Mara, desk", "2026-05-07T09:00:00Z", "Falk", "Ines Falk", "one captain"),
        ],
    ),
}


def test_every_question_has_a_document_and_every_document_its_rows() -> None:
    assert list(DOCUMENTS) == list(CASES)
    assert len(DOCUMENTS) == 27


@pytest.mark.parametrize("name", CASES)
def test_a_question_is_answered_by_one_document(ferry: Store, name: str) -> None:
    variables, wanted, expected = CASES[name]
    bodies = four_ways(ferry, DOCUMENTS[name], variables)
    assert len(set(bodies)) == 1
    answer = orjson.loads(bodies[0])
    assert "errors" not in answer, answer["errors"]
    found = list(rows(answer["data"], columns(wanted)))
    expected = [tuple(SHA.get(cell, cell) if isinstance(cell, str) else cell for cell in row) for row in expected]
    ordered = name in ("SaidBy", "Chain", "Timeline", "Roots", "ExactCharacters", "Decisions", "Roles", "AboutEvent")
    if name == "SaidBy":  # one day's statements come in the order of their IRIs
        assert found[:2] == expected[:2]
        assert found[-1] == expected[-1]
        ordered = False
    if ordered:
        assert found == expected
    else:
        assert sorted(found, key=repr) == sorted(expected, key=repr)


SHA = {
    "%RADIO%": next(
        quad.object.value
        for quad in ox.parse(path=str(ROOT / "tests" / "queries" / "ferry.trig"), format=ox.RdfFormat.TRIG)
        if quad.subject == NamedNode(EDITION + "radio") and quad.predicate.value.endswith("#sha256")
    )
}
