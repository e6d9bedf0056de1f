"""A plain request enters; the bytes of its answer leave, from what is kept or straight from the engine.

Only for queries of a shape that is known to be quick; for all else None leaves, and why.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from api.asking import Asked, read
from api.cache import Cache
from api.encoding import WORTH_COMPRESSING, compressed
from api.heads import SECURITY, head_of, headers_of, matches, raw, tag_of
from api.plain import Head
from api.reader import Reader, whole
from kg.store.formats import PREFIXES
from kg.store.guard import has_dataset

#: Milliseconds of work that a query of a shape may take for others of that shape to be evaluated here.
SLOW = 10.0
#: Bytes of the longest answer: longer ones are streamed elsewhere.
LONGEST = 256 * 1024
_SHAPES = 2_048
_ONCE = 1_024  # query strings
_SECURITY = raw(SECURITY)


@dataclass(slots=True)
class Reply:
    """An answer: its head, its body, its ETag, and the two ends of the head of a 304."""

    head: bytes
    body: bytes
    tag: bytes
    unchanged: tuple[bytes, bytes]

    def __len__(self) -> int:
        return len(self.body) + 1_024

    def bytes_for(self, head: Head, identity: bytes) -> tuple[int, bytes]:
        """Return the status and the bytes that go over the wire."""
        ends = b"x-request-id: %s\r\n%s" % (identity, _defaults(int(time.time())))
        if head.known and self.tag and matches(head.known, self.tag):
            return 304, self.tag.join(self.unchanged) + ends
        return 200, b"".join((self.head, ends, self.body))


class Replies:
    """Answers from one generation after the other. ``learnt`` holds what was found out about shapes since it was read.

    The generation is held from its first evaluation until :meth:`follow` or :meth:`rest`.
    """

    def __init__(self, reader: Reader, settings: dict[str, Any]) -> None:
        self._reader = reader
        self._url: str = settings["url"]
        self._seconds: float = settings["seconds"]
        self._kept: Cache[Reply] = Cache(settings["kept"])
        self._once: set[bytes] = set()
        self._usual: dict[str, float] = {}
        self._open: Any = None
        self._version = ""
        self._number = -1
        self.learnt: dict[str, float] = {}
        self.follow(settings["number"])

    def follow(self, number: int) -> None:
        """Answer from another generation from now on."""
        self.rest()
        self._number, self._version = number, str(number)
        self._reader.warm(number)

    def learn(self, usual: dict[str, float]) -> None:
        """Be told the milliseconds that queries take, by shape."""
        if len(self._usual) > _SHAPES:
            self._usual.clear()
        self._usual.update(usual)

    def kept(self, target: bytes, head: Head) -> Reply | None:
        """Return the answer to a query string, when it is kept."""
        return self._kept.get((self._version, target, head.accept, head.encoding))

    def question(self, target: bytes, head: Head) -> Asked | None:
        """Return what a query string asks, when that may be evaluated here."""
        asked = read(target, head.accept)
        if asked is None or not asked.shape or self._usual.get(asked.shape, SLOW + 1) > SLOW:
            return None
        return asked

    def evaluate(self, asked: Asked, target: bytes, head: Head) -> Reply | None:
        """Return the answer; None for whatever can't be answered here: who is asked next says why."""
        clock, began = time.thread_time(), time.perf_counter()
        prefixes = PREFIXES if asked.accept == "text/turtle" else None
        try:
            if self._open is None:
                self.go_on()
                self._open = self._reader.open(self._number)
            body = whole(self._open, asked.text, asked.accept, union=not _own_dataset(asked.shape), prefixes=prefixes)
        except (OSError, RuntimeError, ValueError, SyntaxError, MemoryError):
            return None
        took = (time.perf_counter() - began) * 1000
        if took > SLOW:  # by the clock on the wall, which goes on while others have the core
            took = (time.thread_time() - clock) * 1000
        if took > SLOW or len(body) > LONGEST:
            self._usual[asked.shape] = self.learnt[asked.shape] = max(took, 2 * SLOW)
            if len(body) > LONGEST:
                return None
        else:
            self._usual[asked.shape] = max(took, 0.9 * self._usual[asked.shape] + 0.1 * took)
        reply = self._reply(asked, body, head.encoding)
        if asked.steady and self._again(target):
            self._kept.put((self._version, target, head.accept, head.encoding), reply)
        return reply

    def _again(self, target: bytes) -> bool:
        """Tell whether this was asked before, as far as is remembered: what is asked once is not worth keeping."""
        if target in self._once:
            return True
        if len(self._once) >= _ONCE:
            self._once.clear()
        self._once.add(target)
        return False

    def _reply(self, asked: Asked, body: bytes, encoding: str) -> Reply:
        coded = encoding if encoding and len(body) >= WORTH_COMPRESSING else ""
        if coded:
            body = compressed(body, coded)
        tag = tag_of(self._url, self._version, asked.media, asked.text, "True").encode() if asked.steady else b""
        before, between, behind, unchanged = _heads(asked.media, asked.steady, self._version, coded)
        return Reply(b"%s%s%s%d%s" % (before, tag, between, len(body), behind), body, tag, unchanged)

    def go_on(self) -> None:
        """Move the bound of the processor's time on; wants to be called each second."""
        self._reader.limit_cpu(self._seconds)

    def rest(self) -> None:
        """Let go of the generation: nothing is read for a while."""
        if self._open is not None:
            self._open = None
            self._reader.let_go()


_own_dataset = lru_cache(1_024)(has_dataset)


@lru_cache(256)
def _heads(media: str, steady: bool, version: str, encoding: str) -> tuple[bytes, bytes, bytes, tuple[bytes, bytes]]:
    """Return a head in parts, between which the ETag and the length belong, and that of a 304, in two."""
    headers = headers_of(media, "\0" if steady else None, version)
    if encoding:
        headers["content-encoding"] = encoding
    headers["content-length"] = "\1"
    pairs = [*raw(headers), *_SECURITY]
    before, _, rest = head_of(pairs).rpartition(b"\0")
    between, _, behind = rest.partition(b"\1")
    less = [pair for pair in pairs if pair[0] not in (b"content-type", b"content-length")]
    first, _, last = head_of(less, 304).partition(b"\0")
    return before, between, behind, (first, last)


@lru_cache(1)
def _defaults(second: int) -> bytes:
    """Return the lines of the server's own headers (uvicorn's), and the empty one behind them."""
    return f"server: uvicorn\r\ndate: {formatdate(second, usegmt=True)}\r\n\r\n".encode()
