"""What a process does, and for whom, enters memory that its server shares; the server reads it, even of the dead.

One request at a time. Its process notes a connection before it reads from it, the request before it is evaluated, and
that it answers before it does. So who reads the board of a dead process knows whether the request was answered: not
while ASKING; unknown in TAKING and SENDING, some microseconds each. Linux.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from dataclasses import dataclass

IDLE, TAKING, ASKING, SENDING = range(4)
#: Bytes of the longest request that is noted.
ROOM = 48 * 1024
_NOTE = struct.Struct("=IIdI")  # what it does, for which connection, since when, the request's length
#: The first two of them, as places in :attr:`Board.words`.
DOES, FOR = 0, 1


@dataclass(frozen=True, slots=True)
class Note:
    """What the board says. ``began`` is by ``time.monotonic``; ``request`` holds the bytes of one that is evaluated."""

    does: int
    connection: int
    began: float
    request: bytes


class Board:
    """Either side's view of the memory behind a descriptor."""

    def __init__(self, memory: int) -> None:
        self._map = mmap.mmap(memory, _NOTE.size + ROOM)
        #: For the busy side: what it does and for whom, each set in some fifty nanoseconds.
        self.words = memoryview(self._map)[:8].cast("I")

    @classmethod
    def create(cls) -> tuple[Board, int]:
        """Return a new board and the descriptor of its memory."""
        memory = os.memfd_create("board")
        os.ftruncate(memory, _NOTE.size + ROOM)
        return cls(memory), memory

    def asks(self, request: bytes) -> None:
        """Note that the request of the connection that stands there, at most ROOM bytes, is evaluated from now on."""
        self._map[_NOTE.size : _NOTE.size + len(request)] = request
        _NOTE.pack_into(self._map, 0, ASKING, self.words[FOR], time.monotonic(), len(request))

    def read(self) -> Note:
        does, connection, began, length = _NOTE.unpack_from(self._map)
        request = self._map[_NOTE.size : _NOTE.size + length] if does == ASKING else b""
        return Note(does, connection, began, request)

    def close(self) -> None:
        self.words.release()
        self._map.close()
