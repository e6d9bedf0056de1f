"""The examples of docs/graphql.md and docs/sparql.md, run as they stand."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from newsroom import Ask
from starlette.testclient import TestClient

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("document", blocks("graphql.md", "graphql"))
def test_a_graphql_example_is_answered(ask: Ask, document: str) -> None:
    assert json.dumps(ask(document)).count('"') > 2


def test_the_answers_that_are_shown_are_the_answers(ask: Ask) -> None:
    text = (DOCS / "graphql.md").read_text(encoding="utf-8")
    pairs = re.findall(r"^```graphql\n(.*?)^```\n```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(pairs) == 2
    for document, answer in pairs:
        assert ask(document) == json.loads(answer)


@pytest.mark.parametrize("query", blocks("sparql.md", "sparql"))
def test_a_sparql_example_has_an_answer(client: TestClient, query: str) -> None:
    answer = client.post("/sparql", data={"query": query})
    assert answer.status_code == 200
    assert len(answer.text) > 200


def commands() -> list[list[str]]:
    return [
        shlex.split(line) for block in blocks("sparql.md", "sh") for line in re.split(r"\n(?=curl )", block.strip())
    ]


@pytest.mark.parametrize("command", commands(), ids=lambda command: command[1])
def test_a_curl_example_is_answered(client: TestClient, command: list[str]) -> None:
    program, address, *options = command
    headers, data = {}, {}
    for option, value in zip(options[::2], options[1::2], strict=True):
        name, _, content = value.partition(":" if option == "-H" else "=")
        (headers if option == "-H" else data)[name] = content.strip()
    assert program == "curl"
    path = address.removeprefix("http://127.0.0.1:8000")
    answer = client.post(path, data=data, headers=headers) if data else client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(headers.get("accept", "application/json"))
