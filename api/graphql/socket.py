"""A WebSocket at /graphql enters; operations are answered over it by the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md : the codes of closing are that page's.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.graphql.execution import refused
from api.graphql.http import operation_of
from api.graphql.live import live_of
from api.graphql.protocol import read_parameters
from api.graphql.streaming import Refused, answers
from api.service import service_of

logger = logging.getLogger("api")
PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0  # until the client has said connection_init
OPERATIONS = 50  # at once on one socket
SOCKETS = 500  # at once in one server process


class _Closed(Exception):  # noqa: N818  how a conversation ends
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def graphql_socket(socket: WebSocket) -> None:
    """Talk with one client until it leaves or breaks the protocol."""
    state = socket.app.state
    if PROTOCOL not in socket.scope.get("subprotocols", ()):
        await socket.accept()
        await socket.close(4406, "Subprotocol not acceptable")
        return
    await socket.accept(PROTOCOL)
    state.sockets = getattr(state, "sockets", 0) + 1
    talk = _Talk(socket)
    try:
        if state.sockets > SOCKETS:
            raise _Closed(1013, "Too many clients; come again later")
        await talk.hold()
    except _Closed as end:
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(end.code, end.reason)
    except WebSocketDisconnect:
        pass
    finally:
        state.sockets -= 1
        await talk.end()


class _Talk:
    """One conversation: who the client is, and which of its operations run."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.service = service_of(socket)
        self.live = live_of(socket)
        self.authorization = socket.headers.get("authorization")
        self.running: dict[str, asyncio.Task[None]] = {}
        self.turn = asyncio.Lock()
        self.acknowledged = False

    async def hold(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while not self.acknowledged:
                    await self.take(await self.receive())
        except TimeoutError:
            raise _Closed(4408, "Connection initialisation timeout") from None
        while True:
            await self.take(await self.receive())

    async def receive(self) -> dict[str, Any]:
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1000)
        text = message.get("text")
        if text is None or len(text) > self.service.limits.body:
            raise _Closed(4400, "A message is JSON text that is not too long")
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _Closed(4400, "The message is not JSON") from None
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            raise _Closed(4400, "The message has no type")
        return found

    async def take(self, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        match message["type"]:
            case "connection_init":
                if self.acknowledged:
                    raise _Closed(4429, "Too many initialisation requests")
                if payload is not None and not isinstance(payload, dict):
                    raise _Closed(4400, "The payload of connection_init is an object")
                given = {str(name).lower(): value for name, value in (payload or {}).items()}
                if isinstance(given.get("authorization"), str):
                    self.authorization = given["authorization"]
                self.acknowledged = True
                await self.send({"type": "connection_ack"})
            case "ping":
                await self.send({"type": "pong"} | ({"payload": payload} if payload is not None else {}))
            case "pong":
                pass
            case "subscribe":
                self.begin(message.get("id"), payload)
            case "complete":
                if (task := self.running.pop(str(message.get("id")), None)) is not None:
                    task.cancel()
            case other:
                raise _Closed(4400, f"There is no message type {other[:40]!r}")

    def begin(self, name: object, payload: object) -> None:
        if not self.acknowledged:
            raise _Closed(4401, "Unauthorized")
        if not isinstance(name, str) or not name or not isinstance(payload, dict):
            raise _Closed(4400, "subscribe has an id and a payload")
        if name in self.running:
            raise _Closed(4409, f"Subscriber for {name[:40]} already exists")
        if len(self.running) >= OPERATIONS:
            raise _Closed(4429, f"At most {OPERATIONS} operations run at once on one socket")
        self.running[name] = asyncio.create_task(self.answer(name, payload))

    async def answer(self, name: str, payload: dict[str, Any]) -> None:
        """Send all answers to one operation, then that it is complete; errors that keep it from beginning end it."""
        try:
            operation = operation_of(read_parameters(payload), self.service, self.live)
            async for body in answers(operation, self.service, self.live, self.authorization):
                await self.send_raw(b'{"id":' + orjson.dumps(name) + b',"type":"next","payload":' + body + b"}")
            self.running.pop(name, None)
            await self.send({"id": name, "type": "complete"})
        except GraphQLError as error:
            await self.refuse(name, refused([error], "BAD_REQUEST").body)
        except Refused as refusal:
            await self.refuse(name, refusal.answer.body)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client is gone; whoever receives hears of it too
        except Exception as error:  # the boundary of one operation
            logger.error("graphql socket: %s", error, exc_info=error)
            body = b'{"errors":[{"message":"Something broke here","extensions":{"code":"INTERNAL_ERROR"}}]}'
            await self.refuse(name, body)

    async def refuse(self, name: str, body: bytes) -> None:
        self.running.pop(name, None)
        with suppress(WebSocketDisconnect, RuntimeError):
            await self.send({"id": name, "type": "error", "payload": orjson.loads(body)["errors"]})

    async def send(self, message: dict[str, Any]) -> None:
        await self.send_raw(orjson.dumps(message))

    async def send_raw(self, message: bytes) -> None:
        # Text frames: clients in browsers take binary ones for something else.
        async with self.turn:
            await self.socket.send_text(message.decode())

    async def end(self) -> None:
        tasks = list(self.running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
