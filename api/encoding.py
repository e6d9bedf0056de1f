"""An answer's bytes and what its client accepts enter; the bytes leave, compressed when the client likes that."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard

from api.negotiation import ranges

#: Shorter answers are not worth it.
WORTH_COMPRESSING = 1_024


class Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def encoding_of(accept_encoding: str) -> str:
    """Return "zstd", "gzip" or "", whichever the client likes best of those (RFC 9110, section 12.5.3)."""
    if not accept_encoding:
        return ""
    weights = dict(ranges(accept_encoding))
    best = max(("zstd", "gzip"), key=lambda name: weights.get(name, 0.0))
    return best if weights.get(best, 0.0) > 0 else ""


def compressor(encoding: str) -> Compressor:
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=3).compressobj()
    return zlib.compressobj(5, zlib.DEFLATED, 31)  # 31: with the header of gzip


def compressed(body: bytes, encoding: str) -> bytes:
    machine = compressor(encoding)
    return machine.compress(body) + machine.flush()
