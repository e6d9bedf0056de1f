"""The folder of a store that may be damaged enters; files that open and can be read to the end leave.

Works on files only, before the store is opened: what the graphs should be is then checked by :mod:`kg.store.verify`.
A damaged file is moved aside (``*.damaged``), never thrown away. The engine's files are hard links: damage in one of
them is damage in every generation that has it, so graphs are saved one by one from whichever still gives them.
"""

from __future__ import annotations

import gc
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox
from pyoxigraph import NamedNode

from kg import crash
from kg.errors import StoreError
from kg.graph import ArticleGraph
from kg.store.fault import Fault
from kg.store.generations import DIRTY, Generations
from kg.store.journal import Journal
from kg.store.lock import held, is_taken
from kg.store.meta import FORMAT, META, base_of
from kg.store.spool import fsync_directory, write_durably

REBUILT, NEW = "primary.rebuilt", "primary.new"
T = TypeVar("T")


def mend(root: Path, *, repair: bool) -> list[Fault]:
    """Check that every file of a store on disk opens and is whole; with ``repair`` put right what is not.

    Cost: one reading of all quads of the writer's store and its current generation. Raises StoreError when another
    process writes, or when nothing can be saved.
    """
    checks = (_meta, _journal, _generations, _primary, _left_overs)
    return [fault for check in checks if (fault := check(root, repair)) is not None]


def rebuild(root: Path, graphs: Iterable[ArticleGraph]) -> None:
    """Write graphs into a new engine's folder beside the writer's; :func:`swap` puts it in its place.

    Only so do the bytes of dropped graphs leave the disk: the engine keeps them in its files.
    """
    target = root / REBUILT
    _remove(target)
    engine = ox.Store(str(target))
    for graph in graphs:
        engine.extend(graph.quads())
    engine.flush()
    del engine
    gc.collect()  # its lock goes with the last reference to it


def swap(root: Path) -> None:
    """Put the rebuilt folder in the place of the writer's. The caller holds the folder and has closed the store.

    What is made of the generation before and of what changed since (the index) is made anew: nobody knows what did.
    """
    write_durably(root / DIRTY, b"")
    old = root / "primary.old"
    _remove(old)
    if (root / "primary").exists():
        (root / "primary").rename(old)
    (root / REBUILT).rename(root / "primary")
    fsync_directory(root)
    _remove(old)


def unfit(root: Path) -> str | None:
    """Return why the writer's folder must not be opened: the engine would make a new, empty one in its place."""
    primary = root / "primary"
    if not primary.exists():
        return "the folder is missing" if (root / "CURRENT").exists() or (root / "generations").exists() else None
    if any(primary.iterdir()) and not (primary / "CURRENT").exists():
        return "its file CURRENT is missing"
    return None


def begin(root: Path) -> None:
    """Make the engine's folder of a new store, whole or not at all: one without its CURRENT would look like a damaged
    one, and the engine's first files take some milliseconds. Called before each opening; does nothing to an old store.
    """
    primary = root / "primary"
    if primary.exists():
        return
    with held(root):
        if primary.exists() or (root / REBUILT).exists() or unfit(root):
            return
        _remove(root / NEW)  # what a cut left
        ox.Store(str(root / NEW))
        gc.collect()  # its lock goes with the last reference to it
        crash.point("begun")
        (root / NEW).rename(primary)
        fsync_directory(root)


def settle(root: Path) -> None:
    """Finish a swap that was cut off between its two renames. Called, holding the folder, before each opening."""
    if not (root / "primary").exists() and (root / REBUILT).exists():
        (root / REBUILT).rename(root / "primary")


def _meta(root: Path, repair: bool) -> Fault | None:
    try:
        base_of(root, None, make=False)
        return None
    except StoreError as error:
        fact = str(error)
        if "newer version" in fact:
            raise
    ending = "graph/linking"
    bases = {
        name.value.removesuffix(ending)
        for engine in _engines(root)
        for name in _names(engine)
        if name.value.endswith(f"/{ending}")
    }
    if len(bases) != 1:
        raise StoreError(f"{fact}; the data do not tell the base IRI either: write it there by hand")
    if not repair:
        return Fault("files", META, fact)
    _aside(root / META)
    write_durably(root / META, json.dumps({"format": FORMAT, "base": bases.pop()}).encode() + b"\n")
    return Fault("files", META, fact, "written again; the base IRI was found in the data")


def _journal(root: Path, repair: bool) -> Fault | None:
    path = root / "journal.sqlite"
    generations = Generations(root)
    fact = _sqlite_fault(path) if path.exists() else "the file is missing"
    kept = [generations.journal(number) for number in generations.newest_first()]
    good = next((copy for copy in kept if copy.exists() and _sqlite_fault(copy) is None), None)
    if fact is None or (good is None and not path.exists() and not kept):
        return None
    if good is None:
        raise StoreError(f"{path}: {fact}, and no generation has a copy that is whole; restore a backup")
    if not repair:
        return Fault("files", path.name, fact)
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        _aside(root / name)
    fresh = Journal(root)
    try:
        fresh.restore(good)
    finally:
        fresh.close()
    return Fault("files", path.name, fact, f"taken from {good.name}, as it was when that generation was published")


def _generations(root: Path, repair: bool) -> Fault | None:
    """Find a CURRENT that names no generation that can be read."""
    generations = Generations(root)
    try:
        number = generations.current()
        if number is None:
            return None
        engine = ox.Store.read_only(str(generations.path(number)))
        _read_all(engine)
        return None
    except (StoreError, OSError, RuntimeError) as error:
        fact = " ".join(str(error).split())[:300]
    if repair:
        (root / "CURRENT").unlink(missing_ok=True)  # the writer publishes a new one when it finds none
    return Fault("files", "CURRENT", fact, "a new generation is published" if repair else None)


def _primary(root: Path, repair: bool) -> Fault | None:
    with held(root):
        settle(root)
    path = root / "primary"
    engine: ox.Store | None = None
    try:
        if why := unfit(root) or (None if path.exists() else "the folder is missing"):
            raise OSError(why)
        engine = ox.Store(str(path))
        _read_all(engine)
        return None
    except (OSError, RuntimeError) as error:
        if is_taken(error):
            raise StoreError(f"another process is writing to {root}; wait for it") from error
        fact = " ".join(str(error).split())[:300]
    if not repair:
        return Fault("files", path.name, fact)
    saved = _saved(root, engine)
    del engine
    gc.collect()
    _aside(path)
    rebuild(root, saved)
    with held(root):
        swap(root)
    return Fault("files", path.name, fact, f"{len(saved)} graphs were saved into a new one")


def _left_overs(root: Path, repair: bool) -> Fault | None:
    """Clear what a killed process left half-written."""
    names = ("*.tmp", "spool/*.tmp", "primary.old", REBUILT, NEW)
    left = [path for name in names for path in root.glob(name)]
    if not left:
        return None
    if repair:
        for path in left:
            _remove(path)
    return Fault(
        "files",
        left[0].name,
        f"{len(left)} temporary files were left by a killed process",
        "removed" if repair else None,
    )


def _saved(root: Path, primary: ox.Store | None) -> list[ArticleGraph]:
    """Save every graph that the journal knows in its right form, and of the others the newest that can be read."""
    engines = ([primary] if primary is not None else []) + list(_engines(root))
    journal = Journal(root, read_only=True)
    try:
        wanted = {entry.iri: entry.digest for entry in journal.all("committed")}
    finally:
        journal.close()
    names = {NamedNode(iri) for iri in wanted}
    for engine in engines:
        names.update(_try(partial(_names, engine)) or ())
    saved = []
    for name in sorted(names, key=lambda name: name.value):
        for engine in engines:
            graph = _try(partial(_graph, engine, name))
            if graph and graph.triples and wanted.get(name.value) in (None, graph.digest()):
                saved.append(graph)
                break
    return saved


def _engines(root: Path) -> Iterator[ox.Store]:
    """Open the generations that open, the newest first."""
    generations = Generations(root)
    for number in generations.newest_first():
        engine = _try(partial(ox.Store.read_only, str(generations.path(number))))
        if engine is not None:
            yield engine


def _names(engine: ox.Store) -> list[NamedNode]:
    return [name for name in engine.named_graphs() if isinstance(name, NamedNode)]


def _graph(engine: ox.Store, name: NamedNode) -> ArticleGraph:
    return ArticleGraph(name, frozenset(quad.triple for quad in engine.quads_for_pattern(None, None, None, name)))


def _try(work: Callable[[], T]) -> T | None:
    try:
        return work()
    except (OSError, RuntimeError):
        return None


def _read_all(engine: ox.Store) -> None:
    """Read every quad by every index: the engine notices a damaged block only when it reads it.

    Six readings of the data; memory: some 40 bytes a quad.
    """
    seen: set[int] = set()
    for subject, predicate, thing, graph in engine:
        for pattern in (
            (subject, None, None, None),
            (None, predicate, None, None),
            (None, None, thing, None),
            (None, None, None, graph),
            (None, predicate, None, graph),
            (None, None, thing, graph),
        ):
            key = hash(pattern)
            if key not in seen:
                seen.add(key)
                for _ in engine.quads_for_pattern(*pattern):
                    pass


def _sqlite_fault(path: Path) -> str | None:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
            said = [str(row[0]) for row in found.execute("PRAGMA quick_check(3)")]
            found.execute("SELECT COUNT(*) FROM edition").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if said == ["ok"] else "; ".join(said)


def _aside(path: Path) -> None:
    if path.exists():
        damaged = path.with_name(f"{path.name}.damaged")
        _remove(damaged)
        path.rename(damaged)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
