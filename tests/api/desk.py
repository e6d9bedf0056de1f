"""A writable server over two imported articles, its tokens, and clients for its streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.testclient import TestClient, WebSocketTestSession

from api.app import create_app
from api.config import ServerSettings
from kg.articles import Options
from kg.importer import import_sources
from kg.store import Store
from kg.store.tokens import Scope
from kg.vocab import KG

COURIER = "“The harbour was sold before the tender,” said Ivo Stranne, the harbour master of Port Alda.\n"
LEDGER = "Ivo Stranne said the harbour was not sold before the tender. Petra Halloran said the ferry is late.\n"
TOKENS = {"t-all": Scope("m.amsel", "all"), "t-curation": Scope("r.keel", "curation")}
PROTOCOL = "graphql-transport-ws"


def bring(store: Store, text: str, outlet: str, published: str = "2026-03-09") -> None:
    report = import_sources(
        [(f"{outlet}.txt", text.encode())], store=store, options=Options(outlet=outlet, published=published)
    )
    assert not report.refused, report.refused


@contextmanager
def serving(store: Store, **settings: Any) -> Iterator[TestClient]:
    app = create_app(ServerSettings(writable=True, **settings), store=store, tokens=TOKENS.get)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def write(client: TestClient, query: str, token: str | None = "t-all", **variables: Any) -> Any:
    """Send a mutation; return the whole answer."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def node(store: Store, name: str, outlet: str) -> str:
    """Return the node of a source in the edition of an outlet."""
    rows = store.select(
        f'SELECT ?s {{ ?s {KG.name} "{name}" ; {KG.inEdition} ?e ; a {KG.Source} . '
        f'?a {KG.inEdition} ?e ; {KG.outletName} "{outlet}" }}',
        trusted=True,
    )
    return str(next(iter(rows))["s"]).strip("<>")


@dataclass
class Talk:
    """One conversation in graphql-transport-ws."""

    socket: WebSocketTestSession

    def begin(self, payload: Any = None) -> None:
        self.socket.send_json({"type": "connection_init", "payload": payload})
        assert self.hear() == {"type": "connection_ack"}

    def receive(self) -> Any:
        """Return what the server sent next. A server that keeps silent fails the test, and does not stop it."""

        async def soon() -> Any:
            with anyio.fail_after(10):
                return await self.socket._send_rx.receive()

        return self.socket.portal.call(soon)

    def hear(self) -> Any:
        message = self.receive()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        self.socket.send_json({"id": name, "type": "subscribe", "payload": payload})

    def next(self) -> Any:
        message = self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]


@contextmanager
def talking(client: TestClient, **options: Any) -> Iterator[Talk]:
    with client.websocket_connect("ws://localhost/graphql", subprotocols=[PROTOCOL], **options) as socket:
        yield Talk(socket)


def events(client: TestClient, query: str, most: int, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    """Return the first events of a stream as (event, id, data)."""
    found: list[tuple[str, str | None, Any]] = []
    body = {"query": query, "variables": variables}
    with client.stream(
        "POST", "/graphql/stream", json=body, headers={"accept": "text/event-stream"} | (headers or {})
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream"), answer.read()
        name, place = "", None
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name, place = value, None
            elif field == "id":
                place = value
            elif field == "data":
                found.append((name, place, json.loads(value) if value.strip() else None))
                if len(found) == most:
                    break
    return found


Bring = Callable[[str, str], None]
