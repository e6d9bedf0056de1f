"""Answers that were given enter; the same ones leave, until the data change or there is no room."""

from __future__ import annotations

from collections import OrderedDict


class Cache:
    """Keeps the answers used last, in so many bytes; one answer takes at most a sixteenth of them.

    A key holds the version of the data: answers from older data are never found again, and make room.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._kept: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> bytes | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: tuple[str, ...], body: bytes) -> None:
        cost = _cost(key, body)
        if cost > self._size // 16 or key in self._kept:
            return
        self._kept[key] = body
        self._used += cost
        while self._used > self._size:
            self._used -= _cost(*self._kept.popitem(last=False))


def _cost(key: tuple[str, ...], body: bytes) -> int:
    return len(body) + sum(map(len, key)) + 200
