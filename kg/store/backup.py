"""A store enters, one folder or archive leaves, from which any kind of store can be made again.

A backup holds ``graphs.nq`` (as ``kg export`` writes them), ``journal.sqlite``, ``spool/<sha256>`` and
``manifest.json`` with the sha256 of each. It is taken from a reader, beside a running import, and needs no engine to
be read. Where it was written to is noted in ``DIR/backups.jsonl``, so that ``kg purge`` can name it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox
import zstandard
from pyoxigraph import NamedNode

from kg.errors import StoreError, UsageError
from kg.graph import ArticleGraph
from kg.store.base import Store
from kg.store.copying import put_all
from kg.store.journal import Journal, Receipt
from kg.store.spool import DiskSpool, fsync_directory

FORMAT = 1
LOG = "backups.jsonl"
MANIFEST = "manifest.json"
ARCHIVES = (".tar.zst", ".tar")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; ``files`` maps each path to its sha256, ``digest`` is that of graphs.nq."""

    format: int
    base: str
    version: str
    time: str
    graphs: int
    quads: int
    digest: str
    files: dict[str, str]


def backup(store: Store, path: Path) -> Manifest:
    """Write a backup of what a store has published; ``path`` must not exist. ``.tar`` and ``.tar.zst`` are archives.

    Nothing stands at ``path`` until all of it is written and synchronised. Raises UsageError or StoreError.
    """
    if path.exists():
        raise UsageError(f"{path} exists; name a file or folder that does not, backups are never overwritten")
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.mkdir()
        manifest = _write(store, scratch)
        if _is_archive(path):
            packed = path.with_name(f"{path.name}.{os.getpid()}.packed.tmp")
            _pack(scratch, packed)
            packed.replace(path)
        else:
            scratch.rename(path)
        fsync_directory(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path} can't be written: {error.strerror or error}; make room, or choose another place"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _note(store, path, manifest)
    return manifest


def restore(path: Path, target: Store) -> Manifest:
    """Fill an empty store from a backup and publish. Every file is compared with the manifest first.

    Raises UsageError when the store is not empty or has another base IRI (see :func:`manifest`), StoreError for a
    backup that is damaged.
    """
    with opened(path) as folder:
        found = manifest_of(folder)
        if found.base != target.base_iri:
            raise UsageError(f"{path} was made with the base IRI {found.base}; open the store with that one")
        if target.graph_names() or target.journal.all():
            raise UsageError(f"{target.url} is not empty; restore into a new one")
        _compare(folder, found)
        spool = DiskSpool(folder)
        for sha256 in spool:
            target.spool.put(spool.get(sha256))
        put_all(target, _graphs(folder / "graphs.nq"))
        target.journal.restore(folder / "journal.sqlite")
        target.publish()
    return found


def base_of(path: Path) -> str:
    """Return the base IRI of a backup's data, with which its store has to be opened."""
    with opened(path) as folder:
        return manifest_of(folder).base


def known(root: Path) -> list[tuple[str, str]]:
    """Return the backups that were made of a store: (path, time), the oldest first."""
    try:
        lines = (root / LOG).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [(entry["path"], entry["time"]) for entry in map(json.loads, lines)]


def manifest_of(folder: Path) -> Manifest:
    try:
        found = Manifest(**json.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{folder} is no backup: its {MANIFEST} can't be read ({error})") from error
    if found.format > FORMAT:
        raise StoreError(
            f"{folder} was made by a newer version (format {found.format}, here {FORMAT}); install that one"
        )
    return found


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Give the folder of a backup; an archive is unpacked beside the other temporary files for as long."""
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="kg-restore-") as name:
        try:
            with path.open("rb") as raw:
                source = zstandard.ZstdDecompressor().stream_reader(raw) if path.name.endswith(".zst") else raw
                with tarfile.open(fileobj=source, mode="r|") as archive:
                    # "data" refuses links, devices and names that lead out of the folder.
                    archive.extractall(name, filter="data")
        except (OSError, tarfile.TarError, zstandard.ZstdError, EOFError) as error:
            raise StoreError(f"{path} can't be unpacked: {error}; is it a backup?") from error
        yield Path(name)


def _write(store: Store, folder: Path) -> Manifest:
    digests: dict[str, str] = {}
    total, quads, files = hashlib.sha256(), 0, {}
    version = store.version()
    with (folder / "graphs.nq").open("wb") as out:
        for name in store.graph_names():
            graph = store.graph(name)
            text = graph.nquads().encode()
            out.write(text)
            total.update(text)
            digests[name.value] = graph.digest()
            quads += len(graph)
        _sync(out)
    files["graphs.nq"] = total.hexdigest()
    (folder / "spool").mkdir()
    spool = DiskSpool(folder)
    for sha256 in store.spool:
        files[f"spool/{spool.put(store.spool.get(sha256))}"] = sha256
    store.journal.snapshot(folder / "journal.sqlite")
    _settle(folder, digests)
    files["journal.sqlite"] = _sha256(folder / "journal.sqlite")
    time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    found = Manifest(FORMAT, store.base_iri, version, time, len(digests), quads, total.hexdigest(), files)
    with (folder / MANIFEST).open("wb") as out:
        out.write(json.dumps(asdict(found), indent=1).encode() + b"\n")
        _sync(out)
    fsync_directory(folder)
    return found


def _settle(folder: Path, digests: dict[str, str]) -> None:
    """Set back to "received" what the journal took for committed after the graphs were read.

    An import that runs meanwhile is always ahead in the journal; the restored store reads those articles again.
    """
    journal = Journal(folder)
    try:
        ahead = [entry for entry in journal.all("committed") if digests.get(entry.iri) != entry.digest]
        journal.received(
            Receipt(entry.iri, entry.raw_sha256, entry.text_sha256, entry.origin, entry.outlet, entry.given)
            for entry in ahead
        )
        journal.scrub()
    finally:
        journal.close()
    for left in folder.glob("journal.sqlite-*"):
        left.unlink()


def _graphs(path: Path) -> Iterator[ArticleGraph]:
    """Yield the graphs of sorted N-Quads: their lines stand together."""
    name: NamedNode | None = None
    triples: list[ox.Triple] = []
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS):
        if quad.graph_name != name:
            if name is not None:
                yield ArticleGraph(name, frozenset(triples))
            assert isinstance(quad.graph_name, NamedNode)
            name, triples = quad.graph_name, []
        triples.append(quad.triple)
    if name is not None:
        yield ArticleGraph(name, frozenset(triples))


def _compare(folder: Path, found: Manifest) -> None:
    for name, sha256 in found.files.items():
        path = folder / name
        if not path.is_file():
            raise StoreError(f"the backup is damaged: {name} is missing; use another one")
        if _sha256(path) != sha256:
            raise StoreError(f"the backup is damaged: {name} was changed since it was made; use another one")


def _pack(folder: Path, target: Path) -> None:
    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    with target.open("wb") as raw:
        out = zstandard.ZstdCompressor(level=6).stream_writer(raw, closefd=False) if ".zst" in target.name else raw
        with tarfile.open(fileobj=out, mode="w|") as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.add(path, arcname=str(path.relative_to(folder)), filter=plain)
        if out is not raw:
            out.close()
        _sync(raw)


def _note(store: Store, path: Path, found: Manifest) -> None:
    if store.root is not None:
        with (store.root / LOG).open("a", encoding="utf-8") as out:
            out.write(json.dumps({"path": str(path.resolve()), "time": found.time, "version": found.version}) + "\n")


def _is_archive(path: Path) -> bool:
    return path.name.endswith(ARCHIVES)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
