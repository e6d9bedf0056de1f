"""A TCP connection enters; how many bytes programs have read from it and written to it leaves, as the kernel counts.

Who else holds the connection, and whether it still lives, does not matter. So it can be told of a process that was
killed in the middle of a system call whether a request was taken and whether an answer left. Linux 4.19 and later
(``struct tcp_info`` of linux/tcp.h).
"""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass

_ESTABLISHED = 1
#: Where ``struct tcp_info`` has: bytes that came; bytes not sent yet; bytes sent and bytes sent again.
_CAME, _NOT_SENT, _SENT = 128, 144, 200
_SIZE = 216


@dataclass(frozen=True, slots=True)
class Counts:
    """Bytes since the connection was made."""

    read: int
    written: int


def counts(descriptor: int) -> Counts | None:
    """Return the counts of a connection; None when the kernel has none: another system, a local socket, one closed."""
    if sys.platform != "linux" or descriptor < 0:
        return None
    import fcntl
    import termios

    try:
        with socket.socket(fileno=descriptor) as connection:
            try:
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
                unread = int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
            finally:
                connection.detach()
    except OSError:
        return None
    if len(info) < _SIZE:
        return None
    (came,) = struct.unpack_from("=Q", info, _CAME)
    (not_sent,) = struct.unpack_from("=I", info, _NOT_SENT)
    sent, again = struct.unpack_from("=QQ", info, _SENT)
    # The other side's end counts as a byte that came.
    ended = info[0] != _ESTABLISHED
    return Counts(came - ended - unread, sent - again + not_sent)
