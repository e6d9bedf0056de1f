"""What a process does, and for whom, enters memory that its server shares; the server reads it, even of the dead.

One request at a time. Its process notes a connection before it reads from it, the request before it is evaluated, and
takes the token before it answers; so a server that holds the token can kill the process and be sure that the request
was not answered. Linux.
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
_DOES = struct.Struct("=II")


@dataclass(frozen=True, slots=True)
class Note:
    """What the board says. ``began`` is by ``time.monotonic``; ``request`` holds the bytes of one that is evaluated."""

    does: int
    connection: int
    began: float
    request: bytes


class Board:
    """Either side's view of the memory behind a descriptor, and of the token."""

    def __init__(self, memory: int, token: int) -> None:
        self._map = mmap.mmap(memory, _NOTE.size + ROOM)
        self._token = token

    @classmethod
    def create(cls) -> tuple[Board, int, int]:
        """Return a new board, the descriptor of its memory and that of its token."""
        memory = os.memfd_create("board")
        os.ftruncate(memory, _NOTE.size + ROOM)
        token = os.eventfd(1, os.EFD_SEMAPHORE | os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        return cls(memory, token), memory, token

    def does(self, what: int, connection: int) -> None:
        _DOES.pack_into(self._map, 0, what, connection)

    def asks(self, connection: int, request: bytes) -> None:
        """Note that a request, at most ROOM bytes long, is evaluated from now on."""
        self._map[_NOTE.size : _NOTE.size + len(request)] = request
        _NOTE.pack_into(self._map, 0, ASKING, connection, time.monotonic(), len(request))

    def read(self) -> Note:
        does, connection, began, length = _NOTE.unpack_from(self._map)
        request = self._map[_NOTE.size : _NOTE.size + length] if does == ASKING else b""
        return Note(does, connection, began, request)

    def take(self) -> bool:
        """Take the token, if it is there."""
        try:
            os.eventfd_read(self._token)
        except BlockingIOError:
            return False
        return True

    def give(self) -> None:
        os.eventfd_write(self._token, 1)

    def close(self) -> None:
        self._map.close()
        os.close(self._token)
