"""Every store there is, so that one contract is tried on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.store import Store, open_store


@pytest.fixture(params=["memory", "disk", "disk reopened"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store that can be written."""
    if request.param == "memory":
        url = "memory:"
    elif request.param == "disk":
        url = f"oxigraph:{tmp_path / 'store'}"
    else:
        url = str(tmp_path / "store")
        open_store(url).close()
    with open_store(url) as opened:
        yield opened


@pytest.fixture(params=["memory", "disk", "disk reopened", "generation"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """A function that takes graphs and returns a store that holds them, open for reading at least."""
    url = "memory:" if request.param == "memory" else str(tmp_path / "store")
    opened: list[Store] = []

    def fill(*graphs: object) -> Store:
        store = open_store(url)
        opened.append(store)
        store.put(graphs)  # type: ignore[arg-type]
        if request.param in ("disk reopened", "generation"):
            store.publish()
            store.close()
            opened.append(open_store(url, read_only=request.param == "generation"))
        return opened[-1]

    yield fill
    for store in reversed(opened):
        store.close()
