"""A process that is about to meet a stranger's query enters; the same process leaves, able to do little harm.

Linux on x86-64 and aarch64: seccomp takes away the network, other programs and every file that would be written, and
Landlock, where the kernel has it (5.13), all files but those of one folder. Elsewhere only the bounds of memory and
time hold, and :mod:`kg.store.guard` alone stands between a query and the network.

https://docs.kernel.org/userspace-api/seccomp_filter.html, https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "arm64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277, "arm64": 277}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_OPEN_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x10000
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38


@dataclass(frozen=True, slots=True)
class _Call:
    """A line of syscalls.tsv for this machine."""

    name: str
    number: int
    rule: str


def supported() -> bool:
    """Tell whether this machine has the barriers that only Linux on two architectures has."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Have this process sent a signal when the thread that started it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, number, 0, 0, 0)


def confine(folder: Path | None, *, writing: bool = False, serving: bool = False) -> str:
    """Give up what a query has no use for, for good; returns what held, in words for the log.

    A reader may open the files below ``folder`` for reading and no others; with ``writing`` the process keeps its
    files and loses only the network and other programs, with ``serving`` it may take connections that its server hands
    over, and make none. Import first what a reader needs: afterwards nothing is found.
    """
    if not supported():
        return f"no sandbox on {sys.platform} {platform.machine()}"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return f"no sandbox: {os.strerror(ctypes.get_errno())}"
    calls = _calls()  # read before the files are out of reach
    held = []
    if folder is not None and not writing and _landlock(libc, folder):
        held.append("landlock")
    if _seccomp(libc, calls, writing, serving):
        held.append("seccomp")
    return " and ".join(held) or f"no sandbox: {os.strerror(ctypes.get_errno())}"


def _seccomp(libc: ctypes.CDLL, calls: list[_Call], writing: bool, serving: bool) -> bool:
    instructions = list(_program(calls, _ARCHITECTURES[platform.machine()], writing, serving))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in instructions))
    # struct sock_fprog: the count, padding, a pointer
    program = ctypes.create_string_buffer(struct.pack("@HP", len(instructions), ctypes.addressof(code)))
    # SECCOMP_SET_MODE_FILTER with SECCOMP_FILTER_FLAG_TSYNC: every thread there is, and all to come
    return bool(libc.syscall(_SECCOMP[platform.machine()], 1, 1, program) == 0)


def _program(
    calls: list[_Call], architecture: int, writing: bool, serving: bool
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the filter, one (code, jump if true, jump if false, operand) each."""
    refuse = (_RETURN, 0, 0, _ERRNO | _EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    yield (_LOAD, 0, 0, 4)  # seccomp_data.arch
    yield (_EQUAL, 1, 0, architecture)
    yield refuse
    yield (_LOAD, 0, 0, 0)  # seccomp_data.nr
    yield (_AT_LEAST, 0, 1, 0x40000000)  # the calls of the x32 ABI, under other numbers
    yield refuse
    for call in calls:
        match call.rule:
            case "both":
                if not writing:
                    yield from ((_EQUAL, 0, 1, call.number), allow)
            case "no":
                if writing:
                    yield from ((_EQUAL, 0, 1, call.number), refuse)
            case "receiving":
                if writing or serving:
                    yield from ((_EQUAL, 0, 1, call.number), allow if serving else refuse)
            case "waiting":
                if serving:
                    yield from ((_EQUAL, 0, 1, call.number), allow)
            case "reading":
                if not writing:
                    flags = 24 if call.name == "open" else 32  # the low half of the second or third argument
                    yield (_EQUAL, 0, 4, call.number)
                    yield from ((_LOAD, 0, 0, flags), (_ANY_BIT, 0, 1, _OPEN_FOR_WRITING), refuse, allow)
            case "threads":
                yield (_EQUAL, 0, 4, call.number)
                yield from ((_LOAD, 0, 0, 16), (_ANY_BIT, 1, 0, _CLONE_THREAD), refuse, allow)
            case "retry":
                # "No such call": the C library falls back to the older one, whose flags can be looked at.
                if not writing or call.name == "clone3":
                    yield from ((_EQUAL, 0, 1, call.number), (_RETURN, 0, 0, _ERRNO | _ENOSYS))
    yield allow if writing else refuse


def _calls() -> list[_Call]:
    machine = "aarch64" if platform.machine() == "arm64" else platform.machine()
    text = Path(__file__).with_name("syscalls.tsv").read_text(encoding="ascii")
    head, *rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    column = head.index(machine)
    return [_Call(row[0], int(row[column]), row[-1]) for row in rows if row[column] != "-"]


def _landlock(libc: ctypes.CDLL, folder: Path) -> bool:
    """Leave this thread and its children the files below one folder, for reading; False where the kernel can't."""
    create, add, restrict = 444, 445, 446
    version = libc.syscall(create, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = {1: 13, 2: 14}.get(version, 15)  # how many kinds of access this version of Landlock knows
    network = 0b11 if version >= 4 else 0  # bind and connect by TCP
    ruleset = struct.pack("=QQ", (1 << rights) - 1, network)
    rules = libc.syscall(create, ruleset, ctypes.c_size_t(16 if network else 8), 0)
    if rules < 0:
        return False
    beneath = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        read_file, read_directory = 1 << 2, 1 << 3
        rule = struct.pack("=Qi", read_file | read_directory, beneath)
        if libc.syscall(add, rules, 1, rule, 0) != 0:
            return False
        return bool(libc.syscall(restrict, rules, 0) == 0)
    finally:
        os.close(beneath)
        os.close(rules)
