"""Answers that were given enter; the same ones leave, until the data change or there is no room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sized
from typing import Generic, TypeVar

Key = tuple[str | bytes, ...]
#: What is kept: its length is the bytes that it takes.
T = TypeVar("T", bound=Sized)


class Cache(Generic[T]):
    """Keeps the answers used last, in so many bytes; one answer takes at most a sixteenth of them.

    A key holds the version of the data: answers from older data are never found again, and make room.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._kept: OrderedDict[Key, T] = OrderedDict()

    def get(self, key: Key) -> T | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Key, body: T) -> None:
        cost = _cost(key, body)
        if cost > self._size // 16 or key in self._kept:
            return
        self._kept[key] = body
        self._used += cost
        while self._used > self._size:
            self._used -= _cost(*self._kept.popitem(last=False))


def _cost(key: Key, body: Sized) -> int:
    return len(body) + sum(map(len, key)) + 200
