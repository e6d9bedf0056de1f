"""The bounds of work on one article, and how a child process puts them on itself before each task."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import ceil
from typing import Any

try:
    import resource
except ImportError:  # Windows has no such limits: there only the parent's deadline holds
    resource = None  # type: ignore[assignment]

MEBIBYTE = 2**20
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one article may take: bytes of UTF-8 text, seconds, and bytes of memory beyond what the reader holds.

    The seconds are of computing time; a child that waits instead of computing is killed after as many on the clock,
    and one that the machine gives too little of its time to after ``patience`` times as many.
    """

    text_bytes: int = 2_000_000
    seconds: float = 10.0
    memory: int = 512 * MEBIBYTE
    patience: int = 6


def bound_task(bounds: Bounds) -> None:
    """Bound this process from now on: address space by RLIMIT_AS (Linux), computing time by RLIMIT_CPU (SIGXCPU)."""
    if resource is None:
        return
    size = memory_of(os.getpid())[0]
    if size:
        _soft(resource.RLIMIT_AS, size + bounds.memory)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _soft(resource.RLIMIT_CPU, ceil(usage.ru_utime + usage.ru_stime + bounds.seconds))


def unbound() -> None:
    """Take the bounds away again: loading a language model is no article's fault."""
    if resource is not None:
        for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
            resource.setrlimit(kind, (resource.getrlimit(kind)[1], resource.getrlimit(kind)[1]))


def no_core_dump() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _soft(kind: Any, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def memory_of(process: int) -> tuple[int, int]:
    """Return a process's address space and resident memory, in bytes; zeros where /proc is missing."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            size, resident = file.read().split()[:2]
    except OSError:
        return 0, 0
    return int(size) * _PAGE, int(resident) * _PAGE


def seconds_of(process: int) -> float | None:
    """Return the computing time that a process has used, in seconds; None where /proc is missing."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            # The command's name stands in parentheses and may hold blanks.
            cells = file.read().rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return None
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")
