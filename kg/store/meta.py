"""A store's folder enters; the base IRI that it was made with leaves."""

from __future__ import annotations

import json
from pathlib import Path

from kg.errors import StoreError, UsageError
from kg.graph import BASE_IRI
from kg.store.spool import write_durably

FORMAT = 1
META = "store.json"
#: What may be in a folder before the store is: tokens for the server that will write it.
EARLY = ("tokens.json",)


def base_of(root: Path, wanted: str | None, *, make: bool) -> str:
    """Return the base IRI that a store was made with; with ``make``, make the folder where there is none."""
    meta = root / META
    if not meta.exists():
        if not make:
            raise StoreError(f"{root}: there is no store here; make one with `kg import FILE… --store {root}`")
        # What a cut left of the very first write is no other thing.
        if root.exists() and (not root.is_dir() or any(not _early(entry) for entry in root.iterdir())):
            raise StoreError(f"{root} holds other things than a store; name an empty or a new folder")
        base = wanted or BASE_IRI
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{root} can't be made: {error.strerror or error}") from error
        write_durably(meta, json.dumps({"format": FORMAT, "base": base}).encode() + b"\n")
        return base
    try:
        found = json.loads(meta.read_bytes())
        form, base = int(found["format"]), str(found["base"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{meta} can't be read: {error!r}; it should hold the format and the base IRI") from error
    if form > FORMAT:
        raise StoreError(f"{root} was made by a newer version (format {form}, here {FORMAT}); install that one")
    if wanted is not None and wanted != base:
        raise UsageError(f"{root} was made with the base IRI {base}, not {wanted}; leave it out, or make a new store")
    return base


def _early(entry: Path) -> bool:
    return entry.suffix == ".tmp" or entry.name in EARLY
