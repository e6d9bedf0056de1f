"""The bounds of what is read: sizes enter, an ArticleError with the way out leaves where one is passed.

These are the soft bounds, which give a message; the importer adds hard ones (time and memory of a process).
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.errors import ArticleError

# A file is held in memory once; a set of articles above this is better split.
LARGEST_FILE = 2_000_000_000
# One file inside a container, unpacked; the bytes are held in memory.
MEMBER = 300_000_000
# All that lies in one container, in all its layers.
UNPACKED = 4_000_000_000
MEMBERS = 200_000
# gzip reaches 1,030:1 on zeros; text and HTML stay under 30:1, repetitive logs under 100:1.
RATIO = 200
RATIO_FROM = 10_000_000
# a .warc.gz in a .zip in a .zip is two too many already
LAYERS = 4
# A web page, a feed, one XML or JSON document. The largest of 350 real news pages has 1.3 MB.
PAGE = 10_000_000
DOCUMENT = 64_000_000
_CHUNK = 1 << 20


def check(size: int, most: int, *, origin: str, what: str, way_out: str, unit: str = "bytes") -> None:
    """Raise ArticleError when there are more than ``most`` bytes, or whatever else is counted."""
    if size > most:
        raise ArticleError(f"{origin}: {size:,} {unit} are more than the {most:,} that {what} may have; {way_out}")


def check_unpacked(size: int, packed: int, *, origin: str, most: int = MEMBER) -> None:
    """Raise ArticleError when what was unpacked so far is too much in itself or for the bytes it came from."""
    if size > most:
        raise ArticleError(f"{origin}: it unpacks to more than {most:,} bytes; unpack it yourself and split it")
    if size > RATIO_FROM and size > packed * RATIO:
        raise ArticleError(
            f"{origin}: {packed:,} bytes unpack to more than {size:,}, over {RATIO} times as many, as only made-up "
            "files do; unpack it yourself if you trust it"
        )


def gather(chunks: Iterator[bytes], packed: int, *, origin: str, most: int = MEMBER) -> bytes:
    """Return all chunks as one, stopping with an ArticleError as soon as a bound is passed."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        check_unpacked(len(gathered), packed, origin=origin, most=most)
    return bytes(gathered)


def slices(source: bytes) -> Iterator[bytes]:
    """Yield the bytes in pieces of a megabyte."""
    for start in range(0, len(source), _CHUNK):
        yield source[start : start + _CHUNK]
