"""Which to take: `store` is the newsroom of newsroom.py with its index; `client` asks its server; `ask` sends one
GraphQL document, by a plan and ordinarily, with the index and without: the four answers must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from newsroom import Ask, four_ways, newsroom
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from kg.store import Store


@pytest.fixture(scope="session")
def store() -> Store:
    made = newsroom()
    made.publish()
    return made


@pytest.fixture(scope="session")
def client(store: Store) -> Iterator[TestClient]:
    app = create_app(ServerSettings(), store=store)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def ask(client: TestClient, store: Store) -> Ask:
    """Send a document; returns its data, and fails on any error."""

    def send(query: str, **variables: Any) -> Any:
        answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in answer, answer["errors"]
        assert {one.decode() for one in four_ways(store, query, variables)} == {orjson.dumps(answer).decode()}
        return answer["data"]

    return send
