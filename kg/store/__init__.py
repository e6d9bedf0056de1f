"""A URL opens a store; the store keeps named graphs and answers SPARQL."""

from __future__ import annotations

import re
import time
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, cast

from kg.errors import StoreBusy, StoreError
from kg.store import queue
from kg.store.base import Rows, Store, Term

__all__ = ["Rows", "Store", "Term", "folder_of", "open_in_turn", "open_store", "pinned"]

# The house's own are entry points like any plug-in; this table stands in where the package is not installed.
_HOUSE = {
    "memory": "kg.store.oxigraph:open_memory",
    "oxigraph": "kg.store.oxigraph:open_disk",
    "http": "kg.store.remote:open_remote",
    "https": "kg.store.remote:open_remote",
}
_LOOK = 0.01  # seconds between two looks of a writer that waits
# One letter before a colon is a Windows drive, not a scheme.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class Opener(Protocol):
    """What an entry point of the group ``kg.stores`` names; its own name is the URL's scheme."""

    def __call__(self, url: str, *, base_iri: str | None, read_only: bool) -> Store: ...


def open_store(url: str, *, read_only: bool = False, base_iri: str | None = None) -> Store:
    """Open the store of a URL: ``memory:``, ``oxigraph:DIR`` or a plain path, or any scheme of a plug-in.

    ``https:`` is any SPARQL 1.1 server (:mod:`kg.store.remote.address` reads the URL's options), ``http:`` one on
    this machine.

    ``base_iri`` is where the IRIs of data begin; a store keeps the one that it was made with. A store on disk has one
    writer at a time and any number of readers. Raises StoreError when it can't be opened; UsageError, when
    ``base_iri`` is not the store's.
    """
    return _opener(_scheme(url), url)(url, base_iri=base_iri, read_only=read_only)


def open_in_turn(url: str, *, patience: float, base_iri: str | None = None) -> Store:
    """Open a store for writing when its turn has come: writers that wait get it in the order in which they came.

    Raises StoreBusy when it is not to be had within ``patience`` seconds, and what :func:`open_store` raises.
    """
    root = folder_of(url)
    if root is None or not queue.has_queue(root):
        return open_store(url, base_iri=base_iri)
    until = time.monotonic() + patience
    with queue.waiting(root) as place:
        while True:
            first = place.is_first()
            try:
                if first:
                    return open_store(url, base_iri=base_iri)
            except StoreBusy:
                if time.monotonic() > until:
                    raise
            if not first and time.monotonic() > until:
                raise StoreBusy(f"others wait to write to {root} as well; try again in a few seconds")
            time.sleep(_LOOK)


def folder_of(url: str) -> Path | None:
    """Return the local folder of a URL's journal, spool and tokens, made or not yet; None where there is none."""
    scheme = _scheme(url)
    if scheme == "oxigraph":
        return Path(url[len("oxigraph:") :] if url.lower().startswith("oxigraph:") else url).expanduser()
    if scheme in ("http", "https"):
        from kg.store.remote.address import parse

        return parse(url).local
    return None


def _scheme(url: str) -> str:
    match = _SCHEME.match(url)
    return match.group(1).lower() if match else "oxigraph"


def pinned(store: Store) -> Store:
    """Return a store as it is now, where it can be held: several questions then are answered from one generation."""
    pin = getattr(store, "pinned", None)
    return cast(Store, pin()) if pin is not None else store


def schemes() -> list[str]:
    """Return the schemes that can be opened, sorted."""
    return sorted({*_HOUSE, *(point.name for point in entry_points(group="kg.stores"))})


def _opener(scheme: str, url: str) -> Opener:
    for point in entry_points(group="kg.stores", name=scheme):
        return cast(Opener, point.load())
    if scheme in _HOUSE:
        module, _, name = _HOUSE[scheme].partition(":")
        return cast(Opener, getattr(import_module(module), name))
    raise StoreError(f"{url}: no store is known for {scheme!r}; there are {', '.join(schemes())} and plain paths")
