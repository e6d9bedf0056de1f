"""A store's URL, a host and a port enter; a running server is what leaves."""

from __future__ import annotations

import os

import uvicorn


def serve(store_url: str, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve a store until the process is stopped; ``workers`` are processes, each with the store opened for reading.

    The settings travel by the environment: uvicorn starts its workers anew. A host other than this machine's own must
    be named in KG_HOSTS as well.
    """
    os.environ["KG_STORE"] = store_url
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # api.middleware writes one line a request, with its id
        limit_concurrency=256,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=65_536,
        server_header=False,
        log_config=_log_config(),
    )


def _log_config() -> dict[str, object]:
    """Return uvicorn's log with our own lines beside it; everything goes to stderr."""
    config: dict[str, object] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {name: {"handlers": ["stderr"], "level": "INFO", "propagate": False} for name in ("uvicorn", "api")},
    }
    return config
