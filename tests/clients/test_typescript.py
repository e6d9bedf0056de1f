"""The TypeScript example under strict tsc against live servers, and the audits of graphql-http. Wants node and npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import COURIER, LEDGER, bring
from servers import running

from api.config import ServerSettings
from kg.store import Store, open_store

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "clients" / "typescript-example"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("node") and shutil.which("npm")),
        reason="node and npm are not installed; the clients need them",
    ),
]


def call(*command: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, env={**os.environ, **environment}, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example as its lock says, generate its types from the committed schema, and compile it."""
    top = tmp_path_factory.mktemp("npm")
    folder = top / "clients" / "typescript-example"
    leave = shutil.ignore_patterns("node_modules", "dist", "gql")
    shutil.copytree(EXAMPLE, folder, ignore=leave)
    (top / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "schema.graphql", top / "docs")
    call("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    call("npm", "run", "codegen", folder=folder)
    call("npm", "run", "build", folder=folder)
    return folder


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("memory:") as opened:
        bring(opened, COURIER, "The Courier")
        bring(opened, LEDGER, "The Ledger")
        yield opened


def test_five_typed_clients_ask_write_and_listen(project: Path, store: Store) -> None:
    manifest = project / "src" / "gql" / "persisted-documents.json"
    trusting = ServerSettings(documents=(manifest,), only_trusted=True)
    with running(store) as server, running(store, trusting) as trusted:
        told = json.loads(
            call("npm", "--silent", "start", folder=project, SERVER=server, TRUSTED=trusted, TOKEN="t-curation")
        )
    assert told == {
        "urql": "3 claims",
        "apollo": "noted by r.keel; 1 violation",
        "graphql-request": "The Ledger -> Ivo Stranne",
        "graphql-ws": "The Courier, The Ledger",
        "graphql-sse": "2 statements",
        "graphql-sse, one stream": "2 + 2 + 2 statements",
        "persisted": "3 claims; a stranger's document is refused",
    }


def audits(project: Path, store: Store, profile: str) -> Any:
    with running(store, ServerSettings(graphql_http=profile)) as server:
        return json.loads(call("node", "audit.mjs", folder=project, SERVER=server))


def test_all_61_audits_of_graphql_http_are_passed(project: Path, store: Store) -> None:
    told = audits(project, store, "stable")
    assert (told["ok"], told["warn"], told["error"]) == (61, [], [])


#: The draft wants the codes of application/graphql-response+json for application/json as well, and 422 where a document
#: does not fit the schema; the audits expect 200 and 400.
EXCEPTIONS = {"572B", "FDE2", "7B9B", "86EE"}


def test_the_newer_draft_fails_the_audits_that_it_contradicts_and_no_other(project: Path, store: Store) -> None:
    told = audits(project, store, "draft")
    assert told["error"] == []
    assert {one["id"] for one in told["warn"]} <= EXCEPTIONS
    assert told["ok"] == 61 - len(told["warn"])
