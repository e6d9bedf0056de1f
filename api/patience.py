"""A connection enters; it is closed when a request's head comes too late, and short answers leave at once.

uvicorn waits for ever for the first line of a request: a few hundred silent connections would hold all the places of
a server. It also sends the head and the body of an answer in two system calls, which take half of the time of an
answer that is kept; here the application may send both in one (:func:`api.sending.send_whole`). ``kg serve`` gives this
class to uvicorn in the place of its own.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache, partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.handover import FIRST, Handover
from api.sending import LENDING, WHOLE

SECONDS = 10.0


def _whole(cycle: RequestResponseCycle, head: bytes, body: bytes) -> bool:
    """Send a whole answer in one write, as the two messages of ASGI would in two; False when they have to.

    ``head`` is its status line and its headers, content-length among them, each with its line's end.
    """
    if cycle.response_started or cycle.disconnected or not cycle.keep_alive or cycle.flow.write_paused:
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join((head, _defaults(tuple(cycle.default_headers)), b"\r\n", body)))
    cycle.message_event.set()
    cycle.on_response()
    return True


@lru_cache(4)
def _defaults(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return the lines of uvicorn's own headers; its Date changes each second."""
    return b"".join(b"%s: %s\r\n" % pair for pair in headers)


class Patient(HttpToolsProtocol):
    """uvicorn's protocol with a time-out for the head of each request, its first byte included."""

    seconds = SECONDS
    _timer: asyncio.TimerHandle | None = None
    plain = 0  # queries since it was last handed back; see api.handover
    needed = FIRST
    _holder: Handover | None = None
    _stopping = False

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
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            # The task that answers begins after this.
            offered = {WHOLE: partial(_whole, self.cycle), LENDING: self}
            self.scope["extensions"] = offered  # type: ignore[typeddict-item]  # no plain data

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        if self._holder is not None:
            self._stopping = True
            if self._holder.recall(self):
                return
        super().shutdown()

    # --- another process answers for a while; see api.handover

    def lend(self, holder: Handover, peer: str) -> None:
        """Stop reading and, when all is written, hand the connection over; nothing while something is under way."""
        cycle, transport = self.cycle, self.transport
        if self._holder is not None or self._timer is not None or self.pipeline or transport.is_closing():
            return
        if cycle is None or not cycle.response_complete or not cycle.keep_alive or cycle.more_body:
            return
        if self.scheme != "http":
            return
        self._unset_keepalive_if_required()
        self.flow.pause_reading()
        self._holder = holder
        self.loop.call_soon(self._lent, holder, peer)  # uvloop writes at the end of a turn

    def _lent(self, holder: Handover, peer: str) -> None:
        transport = self.transport
        if transport.is_closing() or transport.get_write_buffer_size() or self._stopping:
            self.take_back()
        else:
            holder.lend(self, transport.get_extra_info("socket").fileno(), peer)

    def send(self, data: bytes) -> None:
        """Send a part of an answer that the other process could not."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def take_back(self, data: bytes = b"") -> None:
        """Go on with bytes that were read, and read again."""
        self._holder = None
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if data:
            self.data_received(data)
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        if self._stopping:
            super().shutdown()

    def drop(self) -> None:
        """Close it: its answer left in part, or whether it left can't be told."""
        self._holder = None
        self.transport.abort()

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
