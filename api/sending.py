"""An answer enters, whole or in pieces; HTTP messages leave, compressed where the client likes that.

An answer in pieces that breaks off cuts the connection: without the last chunk no client takes it for a whole one
(https://www.rfc-editor.org/rfc/rfc9112#section-8).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.encoding import compressor
from api.heads import head_of

#: The extension of ASGI by which a whole answer is sent in one write, where the server is ours (:mod:`api.patience`).
WHOLE = "kg.whole"
#: The extension by which a connection can be handed over (:mod:`api.handover`).
LENDING = "kg.lending"


async def send_whole(
    scope: Scope, send: Send, headers: list[tuple[bytes, bytes]], body: bytes, *, status: int = 200, head: bytes = b""
) -> None:
    """Send an answer, in one write if the server can. ``head``: the headers as :func:`head_of` has them, if known."""
    write = scope.get("extensions", {}).get(WHOLE)
    if write is None or not write(head or head_of(headers, status), body):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Streamed(Response):
    """An answer in pieces."""

    def __init__(self, pieces: AsyncIterator[bytes], headers: Mapping[str, str], encoding: str = "") -> None:
        self.pieces = pieces
        self.status_code = 200
        self.background = None
        self.encoding = encoding
        self.init_headers({**headers, **({"content-encoding": encoding} if encoding else {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            if scope["method"] != "HEAD":
                machine = compressor(self.encoding) if self.encoding else None
                async for piece in self.pieces:
                    if machine is not None:
                        piece = machine.compress(piece)
                    if piece:
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                if machine is not None:
                    await send({"type": "http.response.body", "body": machine.flush(), "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            close = getattr(self.pieces, "aclose", None)
            if close is not None:
                await close()  # a worker that still writes is stopped
