"""Documents made from the schema by chance, mutations too: whatever they ask, the server does not break."""

from __future__ import annotations

import pytest
import schemathesis
from desk import COURIER, LEDGER, bring
from hypothesis import HealthCheck, Phase, given, settings
from servers import running

from kg.store import open_store


@pytest.mark.parametrize("cases", [100, pytest.param(1_000, marks=pytest.mark.long)])
@pytest.mark.slow
def test_no_document_of_the_schema_breaks_the_server(cases: int) -> None:
    answered = {"cases": 0, "executed": 0}
    with open_store("memory:") as store:
        bring(store, COURIER, "The Courier")
        bring(store, LEDGER, "The Ledger")
        with running(store) as address:
            schema = schemathesis.graphql.from_url(f"{address}/graphql")

            @settings(
                max_examples=cases,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=schema.as_strategy())
            def ask(case: schemathesis.Case) -> None:
                answer = case.call(headers={"authorization": "Bearer t-curation"})
                told = answer.json()
                assert answer.status_code < 500, (case.body, told)
                codes = {error.get("extensions", {}).get("code") for error in told.get("errors", [])}
                assert "INTERNAL_ERROR" not in codes, (case.body, told)
                answered["cases"] += 1
                answered["executed"] += "data" in told

            ask()
    assert answered["cases"] >= cases
    assert answered["executed"] > cases // 4
