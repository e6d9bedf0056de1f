"""A subscriber that is cut off again and again while another process imports misses nothing and gets nothing twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flood import STATEMENTS
from servers import running
from websockets.sync.client import connect

from api.config import ServerSettings
from kg.settings import Settings
from kg.store import open_store

HERE = Path(__file__).parent
QUERY = "subscription ($since: ID) { statementAdded(since: $since) { id statement { text } } }"


def some(address: str, since: str, most: int) -> list[tuple[str, str]]:
    """Return the next events behind ``since`` as (id, text), and break the connection off in the middle of the rest."""
    found: list[tuple[str, str]] = []
    socket = connect(f"{address.replace('http', 'ws', 1)}/graphql", subprotocols=["graphql-transport-ws"], legacy=True)  # type: ignore[list-item]
    try:
        socket.send(json.dumps({"type": "connection_init"}))
        payload = {"query": QUERY, "variables": {"since": since}}
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        while len(found) < most:
            message: Any = json.loads(socket.recv(timeout=60))
            if message["type"] == "next":
                told = message["payload"]["data"]["statementAdded"]
                found.append((told["id"], told["statement"]["text"]))
            else:
                assert message["type"] == "connection_ack", message
    finally:
        socket.socket.close()  # no closing handshake: the line is cut
    return found


@pytest.mark.parametrize(
    ("events", "reconnects", "batch"),
    [(300, 10, 10), pytest.param(10_000, 50, 50, marks=pytest.mark.long)],
    ids=["300 events", "10,000 events"],
)
def test_none_is_lost_and_none_comes_twice(tmp_path: Path, events: int, reconnects: int, batch: int) -> None:
    url = str(tmp_path / "store")
    open_store(url).close()
    editions = events // STATEMENTS
    command = [sys.executable, str(HERE / "flood.py"), url, str(editions), str(batch)]
    dice = random.Random(events)
    # Where the line is cut: anywhere, between the two statements of one edition as well.
    cuts = [*sorted(dice.sample(range(1, events), reconnects)), events]
    seen: list[tuple[str, str]] = []
    with running(None, ServerSettings(base=Settings(store=url))) as address:
        writer = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(HERE.parents[1])})
        try:
            for cut in cuts:
                seen += some(address, seen[-1][0] if seen else "0", cut - len(seen))
        finally:
            assert writer.wait(timeout=120) == 0
    assert [text for _, text in seen] == [f"{n}.{i}" for n in range(editions) for i in range(STATEMENTS)]
    assert len({place for place, _ in seen}) == events
