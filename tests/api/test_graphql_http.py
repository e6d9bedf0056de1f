"""GraphQL over HTTP: media types, status codes, methods."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query
from starlette.testclient import TestClient

NEW = "application/graphql-response+json"
OLD = "application/json"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, OLD),
        ("*/*", OLD),
        ("application/*", NEW),
        (OLD, OLD),
        (NEW, NEW),
        (f"{OLD}, {NEW}", NEW),
        (f"{NEW};q=0.5, {OLD}", OLD),
        ("text/event-stream, multipart/mixed, " + NEW, NEW),
    ],
)
def test_the_answer_comes_in_the_type_that_was_asked_for(client: TestClient, accept: str | None, media: str) -> None:
    headers = {"accept": accept} if accept else {"accept": ""}
    answer = client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("query", ["{ nonsense }", "{", "{ actors(first: $n) { totalCount } }"])
def test_a_request_error_has_no_data_and_is_400_in_the_new_type_only(client: TestClient, query: str) -> None:
    new = client.post("/graphql", json={"query": query}, headers={"accept": NEW})
    old = client.post("/graphql", json={"query": query}, headers={"accept": OLD})
    assert (new.status_code, old.status_code) == (400, 200)
    assert "data" not in new.json()
    assert new.json()["errors"][0]["extensions"]["code"].startswith("GRAPHQL_")


def test_an_error_of_one_field_leaves_the_others(client: TestClient) -> None:
    query = '{ claims { totalCount } node(id: "no iri") { id } }'
    answer = client.post("/graphql", json={"query": query}, headers={"accept": NEW})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"claims": {"totalCount": 5}, "node": None}
    error = answer.json()["errors"][0]
    assert (error["path"], error["extensions"]) == (["node"], {"code": "BAD_USER_INPUT", "argument": "id"})


def test_a_query_by_get_is_answered(client: TestClient) -> None:
    query = "query named($n: Int!) { actors(first: $n) { nodes { name } } } query other { __typename }"
    parameters = {"query": query, "variables": json.dumps({"n": 1}), "operationName": "named"}
    answer = client.get("/graphql", params=parameters)
    assert len(answer.json()["data"]["actors"]["nodes"]) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'[{"query": "{ __typename }"}]', b'{"query": 1}', b"{}", b'{"query": ""}', b"\xff",
     b'{"query": "{ __typename }", "variables": []}', b'{"query": "{ __typename }", "operationName": 1}',
     b'{"query": "{ __typename }", "extensions": "x"}'],
)  # fmt: skip
def test_a_body_of_the_wrong_shape_is_400(client: TestClient, body: bytes) -> None:
    answer = client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"],
)
def test_only_json_is_taken_so_that_no_form_of_another_site_can_ask(client: TestClient, kind: str | None) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = client.post("/graphql", content=b'{"query": "{ __typename }"}', headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_and_say_which_are_allowed(client: TestClient, method: str) -> None:
    answer = client.request(method, "/graphql")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}


def test_a_body_that_is_too_long_is_413(client: TestClient) -> None:
    body: dict[str, Any] = {"query": "{ __typename }", "variables": {"x": "a" * 300_000}}
    assert client.post("/graphql", json=body).status_code == 413


def test_a_body_that_does_not_say_its_length_is_counted(client: TestClient) -> None:
    def chunks() -> Any:
        for _ in range(400):
            yield b" " * 1_000

    answer = client.post("/graphql", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_browser_that_comes_without_a_query_is_shown_graphiql(client: TestClient) -> None:
    answer = client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/graphiql")


def test_the_introspection_of_usual_tools_is_answered(client: TestClient) -> None:
    query = get_introspection_query(descriptions=True, specified_by_url=True, input_value_deprecation=True)
    answer = client.post("/graphql", json={"query": query, "operationName": "IntrospectionQuery"}).json()
    assert "errors" not in answer
    assert build_client_schema(answer["data"]).get_type("Claim") is not None
