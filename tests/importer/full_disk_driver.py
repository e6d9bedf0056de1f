"""Imports run into a disk with little room left, are given room, and are taken up again; one JSON line a level.

    python tests/importer/full_disk_driver.py DISK LEVELS

DISK is a small file system of its own; test_kills.py mounts one. The room left goes from 64 kB up to what a clean
import needs and somewhat more.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from importer_samples import record
from kill_driver import PLAN, SOURCES, clean_run, forked, look, run, settle

from kg.gate import open_engine
from kg.importer import import_sources
from kg.store import open_store, oxigraph

STEP = 4096


def free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def fill(disk: Path, room: int) -> None:
    """Leave so many bytes free."""
    with (disk / "filler").open("wb") as out:
        for _ in range(max(0, free(disk) - room) // STEP):
            out.write(b"\0" * STEP)


def main() -> None:
    disk, levels = Path(sys.argv[1]), int(sys.argv[2])
    root = disk / "store"
    open_engine("fast")
    import_sources([("warm.jsonl", record(1))], store=open_store("memory:"), plan=PLAN)
    before = free(disk)
    forked(run(root, SOURCES))
    needed = before - free(disk)
    shutil.rmtree(root)
    clean, seconds = clean_run(root)
    print(json.dumps({"needed": needed, "seconds": seconds}), flush=True)
    for level in range(levels):
        oxigraph.BULK = (100, 10_000)[level % 2]
        room = 65_536 + (needed * 6 // 5) * level // levels
        fill(disk, room)
        cut = forked(run(root, SOURCES))
        (disk / "filler").unlink()
        problems = [] if cut.code in (0, 3) else [f"the import ended with {cut.code}: {cut.value}"]
        seen = forked(look(root, whole=False))
        if isinstance(seen.value, dict):
            problems += seen.value["faults"]
        elif cut.acknowledged:
            problems.append(f"the store can't be looked at: {seen.value}")
        problems += settle(root, clean, cut.acknowledged)
        print(json.dumps({"room": room, "code": cut.code, "said": cut.value, "problems": problems}), flush=True)
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
