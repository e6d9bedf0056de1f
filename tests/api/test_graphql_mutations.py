"""Mutations: who may, what is recorded, and how a refusal speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import COURIER, LEDGER, ask, bring, node, serving, write
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from kg.settings import Settings
from kg.store import Store, open_store, tokens
from kg.store.journal import Journal

IMPORT = """
mutation ($input: ArticleInput!) {
  importArticle(input: $input) {
    __typename
    ... on ImportAccepted {
      state statementCount warnings
      edition { text statements { nodes { text speaker { name } } } }
      article { outlet { name } published { edtf } }
      submission { decidedBy decidedOn reason edition { id } }
    }
    ... on WriteRefused { message violations { focus path value shape message severity } }
  }
}
"""
DECIDE = """
mutation ($input: IdentityInput!) {
  %s(input: $input) {
    __typename
    ... on DecisionRecorded {
      decision {
        id verdict decidedBy reason
        from { id ... on Source { name } }
        to { id ... on Source { name } }
        supersedes { id verdict }
      }
    }
    ... on WriteRefused { message violations { message } }
  }
}
"""
RELATE = """
mutation ($input: RelationInput!) {
  %s(input: $input) {
    ... on DecisionRecorded { decision { verdict relation from { ... on Statement { text related: id } } } }
    ... on WriteRefused { message }
  }
}
"""
ANNOTATE = """
mutation ($input: AnnotationInput!) {
  annotate(input: $input) {
    ... on AnnotationRecorded { annotation { note reason decidedBy node { ... on Statement { text } } } }
    ... on WriteRefused { message violations { path shape message } }
  }
}
"""


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as opened:
        bring(opened, COURIER, "The Courier")
        bring(opened, LEDGER, "The Ledger")
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    with serving(store) as client:
        yield client


def test_an_article_is_imported_and_can_be_asked_for_in_the_same_answer(client: TestClient) -> None:
    article = {"text": "Petra Halloran said the quay is closed.\n", "outlet": "The Wire", "published": "2026-03-12"}
    answer = write(client, IMPORT, input=article | {"reason": "For the harbour dossier."}).json()
    found = answer["data"]["importArticle"]
    assert (found["__typename"], found["state"], found["statementCount"]) == ("ImportAccepted", "IMPORTED", 1)
    assert found["edition"]["statements"]["nodes"][0]["speaker"] == {"name": "Petra Halloran"}
    assert found["article"] == {"outlet": {"name": "The Wire"}, "published": {"edtf": "2026-03-12"}}
    assert (found["submission"]["decidedBy"], found["submission"]["reason"]) == ("m.amsel", "For the harbour dossier.")
    again = write(client, IMPORT, input=article | {"reason": "Again."}).json()["data"]["importArticle"]
    assert again["state"] == "UNCHANGED"


@pytest.mark.parametrize(
    ("article", "words"),
    [
        ({"text": "  "}, "blank"),
        ({}, "Neither text nor url"),
        ({"text": "Words.", "published": "soon"}, "no date"),
        ({"url": "file:///etc/passwd"}, "no address of the web"),
    ],
)
def test_an_article_that_can_not_be_taken_is_refused_in_words(
    client: TestClient, article: dict[str, str], words: str
) -> None:
    found = write(client, IMPORT, input=article | {"reason": "Why not."}).json()["data"]["importArticle"]
    assert found["__typename"] == "WriteRefused"
    assert words in found["message"]


def test_an_identity_is_undone_and_confirmed_again(client: TestClient, store: Store) -> None:
    local = node(store, "Ivo Stranne", "The Ledger")
    query = 'query ($id: ID!) { actors(filter: { name: "stranne" }) { totalCount } node(id: $id) { id } }'
    assert ask(client, query, id=local)["actors"]["totalCount"] == 1
    shared = ask(client, '{ actors(filter: { name: "stranne" }) { nodes { id } } }')["actors"]["nodes"][0]["id"]
    given = {"node": local, "canonical": shared}
    undone = write(client, DECIDE % "undoIdentity", "t-curation", input=given | {"reason": "Father and son."}).json()
    decision = undone["data"]["undoIdentity"]["decision"]
    assert (decision["verdict"], decision["decidedBy"], decision["reason"]) == ("UNDONE", "r.keel", "Father and son.")
    assert decision["from"] == {"id": local, "name": "Ivo Stranne"}
    assert ask(client, query, id=local)["actors"]["totalCount"] == 2
    confirmed = write(client, DECIDE % "confirmIdentity", "t-curation", input=given | {"reason": "One man."}).json()
    again = confirmed["data"]["confirmIdentity"]["decision"]
    assert again["supersedes"] == [{"id": decision["id"], "verdict": "UNDONE"}]
    assert ask(client, query, id=local)["actors"]["totalCount"] == 1


def test_a_relation_is_confirmed_and_undone(client: TestClient) -> None:
    one, other = (node["id"] for node in ask(client, "{ statements { nodes { id } } }")["statements"]["nodes"][:2])
    given = {"from": one, "to": other, "relation": "UPDATES", "reason": "A day later."}
    found = write(client, RELATE % "confirmRelation", "t-curation", input=given).json()["data"]["confirmRelation"]
    assert (found["decision"]["verdict"], found["decision"]["relation"]) == ("CONFIRMED", "UPDATES")
    found = write(client, RELATE % "undoRelation", "t-curation", input=given).json()["data"]["undoRelation"]
    assert found["decision"]["verdict"] == "UNDONE"


def test_a_note_is_recorded_and_a_blank_one_is_refused_by_its_shape(client: TestClient) -> None:
    statement = ask(client, "{ statements { nodes { id text } } }")["statements"]["nodes"][0]
    given = {"node": statement["id"], "note": "Heard in full.", "reason": "The desk asked."}
    found = write(client, ANNOTATE, "t-curation", input=given).json()["data"]["annotate"]["annotation"]
    assert (found["note"], found["decidedBy"]) == ("Heard in full.", "r.keel")
    assert found["node"] == {"text": statement["text"]}
    refused = write(client, ANNOTATE, "t-curation", input=given | {"note": " "}).json()["data"]["annotate"]
    assert refused["violations"] == [
        {
            "path": "https://w3id.org/on-the-record/ns#note",
            "shape": "https://w3id.org/on-the-record/ns#AnnotationShape-note",
            "message": refused["message"],
        }
    ]


def test_two_changes_in_one_document_are_made_in_order(client: TestClient, store: Store) -> None:
    target = ask(client, "{ statements { nodes { id } } }")["statements"]["nodes"][0]["id"]
    query = """mutation ($node: ID!) {
      one: annotate(input: { node: $node, note: "first", reason: "r" }) { ...written }
      two: annotate(input: { node: $node, note: "second", reason: "r" }) { ...written }
    }
    fragment written on AnnotationRecorded { annotation { note } }"""
    data = write(client, query, node=target).json()["data"]
    assert [data[name]["annotation"]["note"] for name in ("one", "two")] == ["first", "second"]


NOTE = 'mutation { annotate(input: { node: "x:y", note: "n", reason: "r" }) { __typename } }'


@pytest.mark.parametrize("token", [None, "wrong", ""])
def test_without_a_token_that_is_known_nothing_is_changed(client: TestClient, token: str | None) -> None:
    answer = write(client, NOTE, token)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_token_for_the_curation_graph_imports_nothing(client: TestClient) -> None:
    answer = write(client, IMPORT, "t-curation", input={"text": "Words.", "reason": "r"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert ask(client, "{ articles { totalCount } }") == {"articles": {"totalCount": 2}}


def test_a_server_changes_nothing_unless_it_was_started_so(store: Store) -> None:
    app = create_app(ServerSettings(), store=store)
    with TestClient(app, base_url="http://localhost") as client:
        answer = write(client, NOTE)
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_mutation_by_get_is_405_and_says_what_is_allowed(client: TestClient) -> None:
    answer = client.get("/graphql", params={"query": NOTE}, headers={"authorization": "Bearer t-all"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("query", ["mutation { nonsense }", "mutation {", "mutation { annotate }"])
def test_a_mutation_that_is_none_is_refused_before_the_store_is_opened(client: TestClient, query: str) -> None:
    answer = write(client, query)
    assert answer.json()["errors"][0]["extensions"]["code"].startswith("GRAPHQL_")


def test_another_writer_gives_an_error_that_says_try_again(tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    with open_store(url) as writer:
        bring(writer, COURIER, "The Courier")
        secret = tokens.create(tmp_path / "store", "m.amsel", graphs="all")
        settings = ServerSettings(base=Settings(store=url), writable=True)
        app = create_app(settings)
        app.state.live.writer.patience = 0.2
        with TestClient(app, base_url="http://localhost") as client:
            statement = ask(client, "{ statements { nodes { id } } }")["statements"]["nodes"][0]["id"]
            given = {"node": statement, "note": "n", "reason": "r"}
            busy = write(client, ANNOTATE, secret, input=given).json()["errors"][0]
            assert busy["extensions"] == {"code": "STORE_BUSY", "retryable": True}
            assert "again" in busy["message"]
            writer.close()
            done = write(client, ANNOTATE, secret, input=given).json()
            assert done["data"]["annotate"]["annotation"]["decidedBy"] == "m.amsel"
            tokens.revoke(tmp_path / "store", "m.amsel")
            assert write(client, ANNOTATE, secret, input=given).status_code == 401


def test_an_import_after_a_decision_keeps_it(tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    with open_store(url) as writer:
        bring(writer, COURIER, "The Courier")
        bring(writer, LEDGER, "The Ledger")
        local = node(writer, "Ivo Stranne", "The Ledger")
    secret = tokens.create(tmp_path / "store", "m.amsel")
    with TestClient(
        create_app(ServerSettings(base=Settings(store=url), writable=True)), base_url="http://localhost"
    ) as client:
        query = '{ actors(filter: { name: "stranne" }) { nodes { id } } }'
        shared = ask(client, query)["actors"]["nodes"][0]["id"]
        given = {"node": local, "canonical": shared, "reason": "Father and son."}
        assert write(client, DECIDE % "undoIdentity", secret, input=given).json()["data"]["undoIdentity"]["decision"]
        with open_store(url) as writer:
            bring(writer, "Petra Halloran said the ferry sails again.\n", "The Wire", "2026-03-11")
        assert len(ask(client, query)["actors"]["nodes"]) == 2
        assert ask(client, "{ articles { totalCount } }") == {"articles": {"totalCount": 3}}
    assert isinstance(open_store(url, read_only=True).journal, Journal)
