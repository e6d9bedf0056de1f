"""Who goes first on a core: nicenesses and turns, as the system says that they are."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from api.turns import BEFORE, BEHIND, all_but_one, may_hurry, place

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="nicenesses of threads and turns are Linux's")
#: Prints (niceness, nanoseconds of a turn) of a thread that went first, and of a process that it then started.
ASKED = """
import ctypes, os, platform, struct, subprocess, sys
from api.turns import go_first
FORM = "@IIQiIQQQ"
GET = {"x86_64": 315, "aarch64": 275}[platform.machine()]
def turn(process=0):
    found = ctypes.create_string_buffer(struct.calcsize(FORM))
    assert ctypes.CDLL(None).syscall(GET, process, found, len(found), 0) == 0
    _, _, _, nice, _, runtime, _, _ = struct.unpack(FORM, found.raw)
    return nice, runtime
go_first(quick=sys.argv[1] == "quick")
child = subprocess.Popen(["sleep", "5"])
print(*turn(), *turn(child.pid))
child.kill()
"""


def turns(how: str) -> list[int]:
    told = subprocess.run([sys.executable, "-c", ASKED, how], check=True, capture_output=True, text=True).stdout
    return [int(word) for word in told.split()]


@linux_only
def test_who_is_quick_has_short_turns_before_others_and_so_has_what_it_starts() -> None:
    nice, turn, nice_of_child, turn_of_child = turns("quick")
    assert nice == nice_of_child == (BEFORE if may_hurry() else os.getpriority(os.PRIO_PROCESS, 0))
    assert turn == turn_of_child
    if _release() >= (6, 12):
        assert turn == 100_000


@linux_only
def test_a_server_has_short_turns_and_its_children_have_not() -> None:
    nice, turn, nice_of_child, turn_of_child = turns("server")
    assert nice == nice_of_child == os.getpriority(os.PRIO_PROCESS, 0)
    if _release() >= (6, 12):
        assert turn == 100_000 < turn_of_child


def _release() -> tuple[int, ...]:
    return tuple(
        int("".join(filter(str.isdigit, part)) or 0) for part in os.uname().release.split("-")[0].split(".")[:2]
    )


@linux_only
def test_a_process_is_put_behind_with_all_of_its_threads() -> None:
    sleepers = "for _ in range(2): threading.Thread(target=time.sleep, args=(9,)).start()"
    code = f"import threading, time\n{sleepers}\nprint(flush=True)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert place(process.pid, BEHIND)
        levels = [os.getpriority(os.PRIO_PROCESS, int(one)) for one in os.listdir(f"/proc/{process.pid}/task")]
        assert levels == [BEHIND] * 3
        process.kill()
        process.wait()
        assert not place(process.pid, BEHIND)


def test_one_core_is_left_where_there_are_more() -> None:
    assert all_but_one({3, 1, 2}) == {2, 3}
    assert all_but_one({5}) == {5}
    assert all_but_one(()) == frozenset()
