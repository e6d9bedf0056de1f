"""The two profiles of GraphQL over HTTP: which status for which media type."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.config import ServerSettings
from kg.errors import UsageError
from kg.store import Store

NEW, OLD = "application/graphql-response+json", "application/json"
#: What is sent -> statuses of (stable, new type), (stable, old type), (draft, new type), (draft, old type).
TABLE = {
    "{ __typename }": (200, 200, 200, 200),
    "{": (400, 200, 400, 400),
    "{ nonsense }": (400, 200, 422, 422),
    "query ($n: Int!) { claims(first: $n) { totalCount } }": (400, 200, 422, 422),
    '{ claims { totalCount } node(id: "no iri") { id } }': (200, 200, 294, 294),
}


@pytest.mark.parametrize("query", TABLE)
@pytest.mark.parametrize("profile", ["stable", "draft"])
def test_each_outcome_has_its_status(store: Store, profile: str, query: str) -> None:
    with TestClient(
        create_app(ServerSettings(graphql_http=profile), store=store), base_url="http://localhost"
    ) as client:
        found = tuple(
            client.post("/graphql", json={"query": query}, headers={"accept": media}).status_code
            for media in (NEW, OLD)
        )
    assert found == (TABLE[query][:2] if profile == "stable" else TABLE[query][2:])


def test_a_client_that_takes_neither_type_is_406(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": "{ __typename }"}, headers={"accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json()["offers"] == [NEW, OLD]


def test_the_profile_is_a_setting_and_another_is_refused() -> None:
    assert ServerSettings.from_env({}).graphql_http == "stable"
    assert ServerSettings.from_env({"KG_GRAPHQL_HTTP": "draft"}).graphql_http == "draft"
    with pytest.raises(UsageError, match="stable or draft"):
        ServerSettings.from_env({"KG_GRAPHQL_HTTP": "2031"})
