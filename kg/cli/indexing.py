"""``kg reindex``: the index of a store is built again."""

from __future__ import annotations

import sys
import time

from kg.cli.common import StoreOption, app, open_named
from kg.errors import UsageError


@app.command()
def reindex(store: StoreOption = None) -> None:
    """Build the index for lists, counts and search again. It holds nothing that is not in the graph."""
    started = time.perf_counter()
    with open_named(store, read_only=False) as opened:
        build = getattr(opened, "reindex", None)
        if build is None:
            raise UsageError(f"{opened.url} keeps no index; everything is asked of it in SPARQL")
        build()
        print(f"indexed generation {opened.version()} in {time.perf_counter() - started:.1f} s", file=sys.stderr)
