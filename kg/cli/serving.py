"""``kg serve``: the page, SPARQL and GraphQL of one store."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli.common import StoreOption, app, open_named


@app.command()
def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
    writable: Annotated[
        bool, typer.Option("--writable", help="Take updates, graphs and mutations from who has a token.")
    ] = False,
) -> None:
    """Serve the page, SPARQL and GraphQL."""
    import os
    import tempfile

    import uvicorn

    from kg.settings import Settings

    os.environ["KG_STORE"] = store or Settings.from_env().store
    if writable:
        os.environ["KG_WRITABLE"] = "1"
    open_named(store, read_only=True).close()  # a clear error here, not a traceback in each worker
    os.environ["KG_PROCESSES"] = str(workers)
    if workers > 1:
        os.environ["KG_SUPERVISOR"] = str(os.getpid())
        # Whichever process is asked for /metrics adds up what all of them counted.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="kg-metrics-")
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http="api.patience:Patient",  # closes connections that send no request
        timeout_keep_alive=5,
        timeout_graceful_shutdown=30,  # seconds for answers under way when the server is told to stop
        limit_concurrency=1_000,
        proxy_headers=False,  # who is behind a proxy is the Door's affair: KG_PROXIES
        access_log=False,  # the Door writes the line of a request
        log_level="info",
    )
