"""Documents known by their hash: trusted ones of a file, others once sent; in allow-list mode none besides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from api.graphql.persisted import REMEMBERED, Documents, sha256
from api.graphql.protocol import Parameters
from kg.errors import UsageError
from kg.store import Store

NEW = "application/graphql-response+json"
TRUSTED = "query Count($first: Int = 1) { claims(first: $first) { totalCount nodes { id } } }"
OTHER = "{ articles { totalCount } }"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "persisted-documents.json"
    path.write_text(json.dumps({f"sha256:{sha256(TRUSTED)}": TRUSTED}), encoding="utf-8")
    return path


@pytest.fixture(params=[False, True], ids=["any document", "trusted ones only"])
def server(request: pytest.FixtureRequest, store: Store, manifest: Path) -> Iterator[tuple[TestClient, bool]]:
    settings = ServerSettings(documents=(manifest,), only_trusted=request.param)
    with TestClient(create_app(settings, store=store), base_url="http://localhost") as client:
        yield client, request.param


def post(client: TestClient, **body: Any) -> Any:
    return client.post("/graphql", json=body, headers={"accept": NEW})


def apollo(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}


def test_a_trusted_document_is_answered_by_its_hash(server: tuple[TestClient, bool]) -> None:
    client, _ = server
    by_id = post(client, documentId=f"sha256:{sha256(TRUSTED)}", variables={"first": 2})
    assert len(by_id.json()["data"]["claims"]["nodes"]) == 2
    by_extension = post(client, extensions=apollo(TRUSTED), variables={"first": 2})
    by_get = client.get("/graphql", params={"documentId": sha256(TRUSTED), "variables": '{"first": 2}'})
    by_text = post(client, query=TRUSTED, variables={"first": 2})
    assert by_id.json() == by_extension.json() == by_get.json() == by_text.json()


def test_another_document_is_answered_by_its_hash_once_it_was_sent_unless_only_trusted_ones_are(
    server: tuple[TestClient, bool],
) -> None:
    client, only_trusted = server
    unknown = post(client, extensions=apollo(OTHER))
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert unknown.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    sent = post(client, query=OTHER, extensions=apollo(OTHER))
    again = post(client, extensions=apollo(OTHER))
    if only_trusted:
        assert (sent.status_code, sent.json()["errors"][0]["extensions"]["code"]) == (403, "DOCUMENT_NOT_ALLOWED")
        assert again.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    else:
        assert sent.json() == again.json() == {"data": {"articles": {"totalCount": 4}}}


def test_introspection_is_no_trusted_document(server: tuple[TestClient, bool]) -> None:
    client, only_trusted = server
    answer = post(client, query="{ __schema { types { name } } }")
    assert answer.status_code == (403 if only_trusted else 200)


@pytest.mark.parametrize(
    "body",
    [
        {"query": OTHER, "extensions": apollo(TRUSTED)},
        {"documentId": "nonsense"},
        {"documentId": 1},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": {"sha256Hash": 5}}},
    ],
)
def test_a_hash_that_is_none_or_another_documents_is_400(server: tuple[TestClient, bool], body: dict[str, Any]) -> None:
    assert post(server[0], **body).status_code == 400


@pytest.mark.parametrize("text", ["[]", "{", '{"sha256:00": "{ a }"}', '{"x": 1}'])
def test_a_file_that_is_no_manifest_is_refused_when_the_server_starts(tmp_path: Path, store: Store, text: str) -> None:
    path = tmp_path / "documents.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"documents\.json"):
        create_app(ServerSettings(documents=(path,)), store=store)


def test_no_more_than_a_number_of_documents_is_remembered() -> None:
    documents = Documents()
    texts = [f"{{ a{n}: __typename }}" for n in range(REMEMBERED + 1)]
    for text in texts:
        documents.text(Parameters(text, sha256(text)))
    assert documents.text(Parameters(None, sha256(texts[-1]))) == texts[-1]
    with pytest.raises(Exception, match="PersistedQueryNotFound"):
        documents.text(Parameters(None, sha256(texts[0])))
