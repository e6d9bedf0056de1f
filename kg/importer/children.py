"""A task enters, its answer leaves, from a child process that is killed when it takes too long; and what it died of."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, Literal, cast

from kg.errors import KgError
from kg.importer.bounds import MEBIBYTE, Bounds, seconds_of
from kg.importer.child import NO_MEMORY, OK, receive, send

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from kg.importer.child import main; main()"
# One thread of computing each: the children are what runs in parallel, and a bound on time must mean the same for all.
_ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_START_SECONDS = 120.0  # to start, import and load a model on a busy machine
_LOOK_SECONDS = 0.2
# A child whose memory has grown by this much since its first answer is replaced: vocabularies only ever grow.
_GROWTH = 512 * MEBIBYTE


# One that loads never needs the language model, and should not take a place where one is loaded.
Role = Literal["load", "read"]


class TaskFailed(KgError):  # noqa: N818 -- says what it is
    """A task had no answer: the child died, was killed at a bound, or an exception was raised in it.

    ``outside`` is true when something else killed the child, which says nothing about the task.
    """

    def __init__(self, message: str, *, outside: bool = False) -> None:
        super().__init__(message)
        self.outside = outside


class Child:
    """One child process, which loads files or reads articles (``role``). Not for several threads at once."""

    def __init__(self, role: Role, bounds: Bounds) -> None:
        self.role = role
        self._bounds = bounds
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the child
        path = json.dumps([entry for entry in sys.path if isinstance(entry, str)])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, bufsize=0, env={**os.environ, **_ALONE},
            start_new_session=True,  # Ctrl-C is for the parent: it closes its children in order
        )  # fmt: skip
        self._stdin, self._stdout = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        self._at_first: int | None = None
        self.grown = False
        self._warm = False
        with suppress(OSError):  # it died at once; the first call says so
            send(self._stdin, bounds)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def call(self, name: str, *values: object) -> Any:
        """Have a task done and return its answer. Raises TaskFailed; then a child that still lives is of no use."""
        started, used = time.monotonic(), seconds_of(self.pid) or 0.0
        try:
            send(self._stdin, (name, values))
            self._await(started, used)
            status, value, resident = receive(self._stdout)
        except (OSError, EOFError):
            raise self._died() from None
        self._warm = True
        self._at_first = self._at_first or resident
        self.grown = resident - self._at_first > _GROWTH
        if status == OK:
            return value
        self.kill()
        if status == NO_MEMORY:
            raise TaskFailed(f"It needs more than {self._bounds.memory / MEBIBYTE:.0f} MiB of memory; split it")
        raise TaskFailed(str(value))

    def _await(self, started: float, used: float) -> None:
        """Wait for an answer; kill the child when its time is over."""
        # The first call starts Python and loads a model; computing time is bounded by the child itself all the same.
        patience = self._bounds.seconds if self._warm else _START_SECONDS
        while not select.select([self._stdout], [], [], _LOOK_SECONDS)[0]:
            waited = time.monotonic() - started
            if waited < patience:
                continue
            computed = (seconds_of(self.pid) or 0.0) - used
            # A busy machine is no fault of the article: while the child gets its share, its computing time counts.
            busy = computed > waited / (2 * self._bounds.patience) and computed < self._bounds.seconds
            if not busy or waited > self._bounds.patience * patience:
                self.close()
                raise TaskFailed(f"It took more than {self._bounds.seconds:g} s; split it")

    def _died(self) -> TaskFailed:
        code = self._process.wait()
        words = self._last_words()
        self.close()
        if code == -getattr(signal, "SIGXCPU", 0):
            return TaskFailed(f"It took more than {self._bounds.seconds:g} s of computing time; split it")
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            return TaskFailed(
                "The process that read it was killed from outside, perhaps for want of memory", outside=True
            )
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return TaskFailed(f"The process that read it died ({how}){': ' if words else ''}{words}")

    def _last_words(self) -> str:
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - 500))
        return " ".join(self._words.read().decode("utf-8", "replace").split())

    def kill(self) -> None:
        """End the process now, also in the middle of a task of another thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process and wait for it."""
        self.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout, self._words):
            pipe.close()


class Spares:
    """Children that wait for the next import of this process: loading a language model takes 2 s."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[object, list[Child]] = {}

    def take(self, role: Role, bounds: Bounds) -> Child:
        """Return a child that waits, or a new one."""
        with self._lock:
            waiting = self._kept.get(_kind(role, bounds), [])
            while waiting:
                child = waiting.pop()
                if child.alive:
                    return child
        return Child(role, bounds)

    def give(self, child: Child, bounds: Bounds) -> None:
        """Take a child back that has no task; one too many, or one that has grown, is ended."""
        with self._lock:
            waiting = self._kept.setdefault(_kind(child.role, bounds), [])
            if child.alive and not child.grown and len(waiting) < (os.cpu_count() or 1):
                waiting.append(child)
                return
        child.close()

    def close(self) -> None:
        with self._lock:
            mine = [child for kind, waiting in self._kept.items() for child in waiting if _owner(kind) == os.getpid()]
            self._kept.clear()
        for child in mine:
            child.close()


def _kind(role: Role, bounds: Bounds) -> tuple[int, Role, Bounds, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return what makes a child another: a fork of this process, bounds, where modules are found, settings."""
    settings = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("KG_")))
    return os.getpid(), role, bounds, tuple(map(str, sys.path)), settings


def _owner(kind: object) -> int:
    return cast(tuple[int], kind)[0]


SPARES = Spares()
atexit.register(SPARES.close)
