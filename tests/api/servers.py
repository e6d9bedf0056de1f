"""A store enters; the address of a real server over it, on a port of the system's choice, leaves."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from desk import TOKENS

from api.app import create_app
from api.config import ServerSettings
from kg.store import Store


@contextmanager
def running(store: Store | None, settings: ServerSettings | None = None, **more: Any) -> Iterator[str]:
    """Serve on a thread of this process until the block is left."""
    app = create_app(
        settings or ServerSettings(writable=True, **more), store=store, tokens=TOKENS.get if store is not None else None
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        assert thread.is_alive(), "the server ended"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
