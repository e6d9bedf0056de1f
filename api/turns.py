"""Processes and threads enter; who of them waits for whom when there are more than cores, leaves (Linux).

Three places: usual; before, for what answers quick queries; behind, for a query that takes long and for whoever's query
cost a process its life. The latter, and what is started in the place of such a process, leave one core to others. Who
stands before also asks for short turns: from Linux 6.12 on (EEVDF with slices of one's own) it then takes the core at
once from who has a longer turn, and does not wait until that turn is over, some 3 ms.

https://docs.kernel.org/scheduler/sched-eevdf.html, https://man7.org/linux/man-pages/man2/sched_setattr.2.html
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import re
import struct
import sys
from collections.abc import Collection
from pathlib import Path

#: Nicenesses: of a process whose queries are all quick, and of one whose query takes long, which then has a fifteenth
#: of the share of one that is quick.
BEFORE, BEHIND = -5, 12
#: Nanoseconds of a short turn; the least that the kernel grants.
SHORT = 100_000
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274, "arm64": 274}
_NOT_INHERITED = 1  # SCHED_FLAG_RESET_ON_FORK
_ATTRIBUTES = "@IIQiIQQQ"  # size, policy, flags, niceness, priority, runtime, deadline, period


def go_first(*, quick: bool = True) -> None:
    """Have short turns from now on in the calling thread; with ``quick`` go before others, too, and have what this
    thread starts do the same.

    What the system does not grant is left as it is: a niceness below zero wants CAP_SYS_NICE.
    """
    if sys.platform != "linux":
        return
    if quick:
        _at(0, BEFORE)
    if (number := _SCHED_SETATTR.get(platform.machine())) is None:
        return
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    size = struct.calcsize(_ATTRIBUTES)
    flags = 0 if quick else _NOT_INHERITED
    attributes = struct.pack(_ATTRIBUTES, size, 0, flags, usual, 0, SHORT, 0, 0)
    ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(attributes), 0)


def place(process: int, level: int) -> bool:
    """Give all threads of a process a niceness; False when the system does not allow that."""
    # A niceness is a thread's own (Linux): a query does not run on a process's first one.
    try:
        return all(_at(int(thread), level) for thread in os.listdir(f"/proc/{process}/task"))
    except OSError:
        return False


def _at(thread: int, level: int) -> bool:
    try:
        os.setpriority(os.PRIO_PROCESS, thread, level)
    except OSError:
        return False
    return True


def set_cores(process: int, allowed: Collection[int]) -> None:
    """Have all threads of a process run on these cores alone (Linux); what the system does not grant is left."""
    if allowed and hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{process}/task"):
                os.sched_setaffinity(int(thread), allowed)


def cores() -> frozenset[int]:
    """Return the cores that this process may run on; none where the system does not tell."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def all_but_one(of: Collection[int]) -> frozenset[int]:
    """Return the cores for who must leave one to others: all where there is but one."""
    return frozenset(sorted(of)[1:] or of)


def may_hurry() -> bool:
    """Tell whether this process may lower a niceness: CAP_SYS_NICE of Linux, as root has it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    found = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    return found is not None and bool(int(found.group(1), 16) >> 23 & 1)
