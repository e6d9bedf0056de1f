"""Every store there is, so that one contract is tried on each.

``store`` is empty and can be written; ``filled`` takes graphs and gives a store that holds them. The servers of
engines.py start once a run; what is known to differ on one of them is asked by :func:`engines.engine_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import engines
import pytest

from kg.store import Store, open_store

SERVERS = ["oxigraph serve", "Virtuoso", pytest.param("Jena ARQ", marks=pytest.mark.long)]
WRITABLE = ["memory", "disk", "disk reopened", *SERVERS]


@pytest.fixture(scope="session")
def oxigraph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with engines.oxigraph(tmp_path_factory.mktemp("oxigraph")) as url:
        yield url


@pytest.fixture(scope="session")
def virtuoso_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        yield url


@pytest.fixture(scope="session")
def arq_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with engines.arq(tmp_path_factory.mktemp("arq")) as url:
        yield url


def url_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the URL of an empty store of one kind, whose files are in ``folder``."""
    fixture = {"oxigraph serve": "oxigraph_server", "Virtuoso": "virtuoso_server", "Jena ARQ": "arq_server"}.get(kind)
    if fixture is None:
        return "memory:" if kind == "memory" else f"oxigraph:{folder / 'store'}"
    url = f"{request.getfixturevalue(fixture)}#local={folder / 'local'}"
    with open_store(url) as opened:
        opened.put([], drop=opened.graph_names())
    return url


@pytest.fixture(params=WRITABLE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store that can be written."""
    url = url_of(request.param, request, tmp_path)
    if request.param == "disk reopened":
        open_store(url).close()
    with open_store(url) as opened:
        yield opened


@pytest.fixture(params=["memory", "disk", "disk reopened", "generation", *SERVERS])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """A function that takes graphs and returns a store that holds them, open for reading at least."""
    url = url_of(request.param, request, tmp_path)
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
