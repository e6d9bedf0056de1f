"""A connection enters; it is closed when the head of its request does not arrive in time.

uvicorn waits for ever for the first line of a request: a few hundred silent connections would hold all the places of
a server. ``kg serve`` gives this class to it in the place of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SECONDS = 10.0


class Patient(HttpToolsProtocol):
    """uvicorn's protocol with a time-out for the head of each request, its first byte included."""

    seconds = SECONDS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        # A later request of a connection that is kept alive; the pause before it is uvicorn's timeout_keep_alive.
        if self._timer is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.seconds, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        transport: Any = self.transport
        if not transport.is_closing():
            transport.close()
