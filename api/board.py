"""What a process does, and for whom, enters memory that its server shares; the server reads it, even of the dead.

One request at a time. Its process notes a connection before it reads from it, reads the request onto the board, and
notes that it answers before it does, each with the bytes of the connection until then. So who reads the board of a dead
process and has the kernel's counts (:mod:`api.counts`) knows whether the request was read, what it is, and whether it
was answered. Linux.
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
#: What it does, for which connection, since when, bytes of the request, bytes read and written before it, bytes of the
#: answer.
_NOTE = struct.Struct("=IIdIIII")
#: All but the time, as places in :attr:`Board.words`.
DOES, FOR, REQUEST, READ, WRITTEN, ANSWER = 0, 1, 4, 5, 6, 7


@dataclass(frozen=True, slots=True)
class Note:
    """What the board says.

    ``began`` is by ``time.monotonic``, of a request that is evaluated. ``room`` begins with the request, of which
    ``length`` bytes are known to be there; it is empty while nothing is done. ``read`` and ``written`` are the bytes of
    the connection before it, and ``answer`` those of its answer, modulo 2**32.
    """

    does: int
    connection: int
    began: float
    length: int
    read: int
    written: int
    answer: int
    room: bytes

    @property
    def request(self) -> bytes:
        return self.room[: self.length]


class Board:
    """Either side's view of the memory behind a descriptor."""

    def __init__(self, memory: int) -> None:
        self._map = mmap.mmap(memory, _NOTE.size + ROOM)
        #: For the busy side: what it does, for whom and after how many bytes, each set in some fifty nanoseconds.
        self.words = memoryview(self._map)[: _NOTE.size].cast("I")
        #: Where a request is read into.
        self.room = memoryview(self._map)[_NOTE.size :]

    @classmethod
    def create(cls) -> tuple[Board, int]:
        """Return a new board and the descriptor of its memory."""
        memory = os.memfd_create("board")
        os.ftruncate(memory, _NOTE.size + ROOM)
        return cls(memory), memory

    def asks(self) -> None:
        """Note that the request that stands here is evaluated from now on."""
        words = self.words
        _NOTE.pack_into(self._map, 0, ASKING, words[FOR], time.monotonic(), *words[REQUEST : ANSWER + 1])

    def read(self) -> Note:
        does, connection, began, length, read, written, answer = _NOTE.unpack_from(self._map)
        room = b"" if does == IDLE else bytes(self.room)
        return Note(does, connection, began, length, read, written, answer, room)

    def close(self) -> None:
        self.words.release()
        self.room.release()
        self._map.close()
