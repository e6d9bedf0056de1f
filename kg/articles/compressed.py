"""A compressed file (gzip, zstd, bzip2, xz) enters, the file in it leaves, unpacked piece by piece within bounds."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from kg.articles import bounds
from kg.articles.values import Given, Inner
from kg.errors import ArticleError

_GZIP, _ZSTD, _BZIP2, _XZ = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\x00"
_PIECE = 1 << 20
# xz asks for as much memory as its header says, up to 4 GB.
_XZ_MEMORY = 128 << 20
_ENDINGS = (".gz", ".zst", ".zstd", ".bz2", ".xz", ".tgz")


@dataclass(frozen=True, slots=True)
class CompressedFormat:
    """Files around one file; several gzip members one after the other are one file."""

    name: str = "compressed"
    suffixes: tuple[str, ...] = _ENDINGS

    def sniff(self, source: bytes, origin: str) -> bool:
        return source.startswith((_GZIP, _ZSTD, _XZ)) or (source.startswith(_BZIP2) and source[4:10] == b"1AY&SY")

    def unpack(self, source: bytes, given: Given) -> Iterator[Inner]:
        if not self.sniff(source, given.origin):
            raise ArticleError(f"{given.origin}: this is no gzip, zstd, bzip2 or xz file; rename it as what it is")
        unpacked = bounds.gather(unpacked_pieces(source, origin=given.origin), len(source), origin=given.origin)
        yield Inner(_inner_name(given.origin), unpacked, given.metadata)


FORMAT = CompressedFormat()


def unpacked_pieces(source: bytes, *, origin: str) -> Iterator[bytes]:
    """Yield what a compressed file holds in pieces of at most a megabyte, checking no bound.

    Raises ArticleError where the file is damaged or cut off; what came before has been yielded then.
    """
    try:
        if source.startswith(_GZIP):
            yield from _gzip(source, origin)
        elif source.startswith(_ZSTD):
            yield from _zstd(source)
        elif source.startswith(_BZIP2):
            yield from _streams(source, bz2.BZ2Decompressor)
        else:
            yield from _streams(source, _xz)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise ArticleError(f"{origin}: the compressed file is damaged ({error}); get it again") from None


def peek(source: bytes, size: int = 512) -> bytes:
    """Return the first bytes of what a compressed file holds, b"" when it can't be unpacked."""
    try:
        if source.startswith(_GZIP):
            return zlib.decompressobj(31).decompress(source[:65_536], size)
        return next(unpacked_pieces(source[:65_536], origin=""), b"")[:size]
    except (ArticleError, zlib.error):
        return b""


def _inner_name(origin: str) -> str:
    lower = origin.lower()
    for ending in _ENDINGS:
        if lower.endswith(ending):
            return origin[: -len(ending)] + (".tar" if ending == ".tgz" else "")
    return origin


def _gzip(source: bytes, origin: str) -> Iterator[bytes]:
    rest = memoryview(source)
    while rest.nbytes:
        if bytes(rest[:2]) != _GZIP[:2]:
            if bytes(rest[:512]).strip(b"\x00"):
                raise ArticleError(f"{origin}: something else follows the gzip data; take it away")
            return  # padding of tapes and blocks
        unpacker = zlib.decompressobj(31)
        at = 0
        while not unpacker.eof:
            fed = bytes(rest[at : at + _PIECE])
            piece = unpacker.decompress(fed, _PIECE)
            # What was not looked at is fed again: so no copy of the whole rest is kept.
            # At the end the rest stands in unused_data, and may stand in unconsumed_tail as well.
            used = len(fed) - len(unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail)
            at += used
            if piece:
                yield piece
            elif not used and not unpacker.eof:
                raise EOFError("it ends before its end mark")
        rest = rest[at:]


def _zstd(source: bytes) -> Iterator[bytes]:
    import zstandard

    try:
        # The window that a frame asks for is memory: 128 MB is what `zstd --long=27` uses, and more is refused.
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
            source, read_across_frames=True
        ) as reader:
            while piece := reader.read(_PIECE):
                yield piece
    except zstandard.ZstdError as error:
        raise ValueError(error) from None


class _Unpacker(Protocol):
    """What bz2's and lzma's decompressors have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def _streams(source: bytes, opened: Callable[[], _Unpacker]) -> Iterator[bytes]:
    """Yield the pieces of one or more streams, one after the other."""
    at = 0
    while at < len(source) and source[at : at + 512].strip(b"\x00"):
        unpacker = opened()
        while not unpacker.eof:
            fed = source[at : at + _PIECE] if unpacker.needs_input else b""
            if unpacker.needs_input and not fed:
                raise EOFError("it ends before its end mark")
            at += len(fed)
            piece = unpacker.decompress(fed, _PIECE)
            if piece:
                yield piece
        at -= len(unpacker.unused_data)
