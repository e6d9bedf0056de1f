"""A connection's bytes as its kernel counts them, and what they tell of a process that died."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from api.board import ASKING, SENDING, TAKING, Board, Note
from api.counts import Counts, counts
from api.handover import unanswered_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have other counts, or none")

REQUEST, ANSWER = b"GET /sparql HTTP/1.1\r\n\r\n", 5_000


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
        listening.accept()[0] as server,
    ):
        yield server, client


def becomes(found: Callable[[], object], wanted: object) -> None:
    until = time.monotonic() + 5
    while found() != wanted:
        assert time.monotonic() < until, found()
        time.sleep(0.002)


def test_what_was_read_and_written_is_counted(ends: tuple[socket.socket, socket.socket]) -> None:
    server, client = ends
    assert counts(server.fileno()) == Counts(0, 0)
    client.sendall(b"x" * 100)
    becomes(lambda: counts(server.fileno()), Counts(0, 0))
    assert server.recv(40) == b"x" * 40
    assert counts(server.fileno()) == Counts(40, 0)
    client.shutdown(socket.SHUT_WR)
    assert server.recv(100) == b"x" * 60
    assert server.recv(1) == b""
    assert counts(server.fileno()) == Counts(100, 0), "the other's end is no byte"
    server.setblocking(False)
    sent = server.send(b"y" * 50_000_000)
    assert 0 < sent < 50_000_000
    assert counts(server.fileno()) == Counts(100, sent), "also what the other did not take yet"


def test_a_local_socket_and_a_closed_one_have_no_counts() -> None:
    here, there = socket.socketpair()
    with there, here:
        assert counts(here.fileno()) is None
    assert counts(here.fileno()) is None
    assert counts(1_000_000) is None


def noted(does: int, length: int, *, read: int = 7, written: int = 11) -> Note:
    return Note(does, 3, 0.0, length, read, written, ANSWER, REQUEST + b"of one before")


@pytest.mark.parametrize(
    ("last", "since", "unanswered"),
    [
        (noted(TAKING, 0), Counts(7, 11), b""),  # not read
        (noted(TAKING, 0), Counts(7 + len(REQUEST), 11), REQUEST),  # read in the instant before it died
        (noted(TAKING, 0), None, None),
        (noted(TAKING, len(REQUEST)), Counts(7 + len(REQUEST), 11), REQUEST),
        (noted(TAKING, len(REQUEST)), None, REQUEST),
        (noted(ASKING, len(REQUEST)), None, REQUEST),
        (noted(SENDING, len(REQUEST)), Counts(7 + len(REQUEST), 11), REQUEST),  # about to be answered
        (noted(SENDING, len(REQUEST)), Counts(7 + len(REQUEST), 11 + ANSWER), b""),
        (noted(SENDING, len(REQUEST)), Counts(7 + len(REQUEST), 11 + 1), None),  # in part
        (noted(SENDING, len(REQUEST)), None, None),
        (noted(SENDING, len(REQUEST), written=2**32 - 1), Counts(7, 2**32 - 1 + ANSWER), b""),
        (noted(TAKING, 0, read=2**32 - 2), Counts(2**32 - 2 + len(REQUEST), 0), REQUEST),
    ],
)
def test_the_board_and_the_counts_tell_what_is_unanswered(
    last: Note, since: Counts | None, unanswered: bytes | None
) -> None:
    assert unanswered_of(last, since) == unanswered


def test_the_board_holds_what_its_process_noted() -> None:
    board, memory = Board.create()
    other = Board(memory)
    other.room[: len(REQUEST)] = REQUEST
    other.words[:2] = memoryview(b"\1\0\0\0\5\0\0\0").cast("I")
    other.words[4:8] = memoryview(bytes(16)).cast("I")
    other.words[4] = len(REQUEST)
    other.asks()
    last = board.read()
    assert (last.does, last.connection, last.request) == (ASKING, 5, REQUEST)
    assert last.began <= time.monotonic()
    other.close()
    board.close()
