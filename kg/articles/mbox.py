"""A mailbox (mbox) enters, its messages leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.mail import FORMAT as MAIL
from kg.articles.values import Given, Inner
from kg.errors import ArticleError

# "From ada@herald.example Mon Feb 28 10:00:00 2022"; "From the harbour …" in a story has no year at its end.
_FROM = re.compile(rb"^From \S{1,300} .{0,100}(?:19|20)\d\d(?: [+-]\d{4})?\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MboxFormat:
    """Files of many messages, each behind a line that begins with "From "."""

    name: str = "mbox"
    suffixes: tuple[str, ...] = (".mbox", ".mbx")

    def sniff(self, source: bytes, origin: str) -> bool:
        return source.startswith(b"From ") and _FROM.match(source) is not None

    def unpack(self, source: bytes, given: Given) -> Iterator[Inner]:
        starts = [found.start() for found in _FROM.finditer(source) if _follows_blank(source, found.start())]
        if not starts:
            raise ArticleError(f"{given.origin}: no message begins here; in an mbox each stands behind a line 'From …'")
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(source)], strict=True), start=1):
            name = f"{given.origin}:{number}.eml"
            message = source[source.find(b"\n", start) + 1 : end].replace(b"\n>From ", b"\nFrom ")
            if not MAIL.sniff(message[:65_536], name):
                yield Inner(name, ArticleError(f"{name}: this is no message; its headers are missing"))
            else:
                yield Inner(name, message)


FORMAT = MboxFormat()


def _follows_blank(source: bytes, start: int) -> bool:
    before = source[max(0, start - 4) : start]
    return start == 0 or before.endswith((b"\n\n", b"\r\n\r\n"))
