"""Bytes enter, the text that all offsets count in leaves: decoded, line ends as LF, no control characters."""

from __future__ import annotations

import codecs
import shlex

from kg.errors import ArticleError

# 2 MB are some 300,000 words: a book, not an article. The reader's memory grows with the text.
MAX_BYTES = 2_000_000
_UNREADABLE = "\ufffd"
_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32LE"), (codecs.BOM_UTF32_BE, "UTF-32BE"),
    (codecs.BOM_UTF16_LE, "UTF-16LE"), (codecs.BOM_UTF16_BE, "UTF-16BE"),
)  # fmt: skip


def _table() -> dict[int, str]:
    # C0 controls and DEL pass into a store and make its XML results ill-formed, and so do the non-characters U+FFFE and
    # U+FFFF. NEL and the separators of Unicode end lines. Lone surrogates (from JSON escapes) are in no UTF-8.
    table = dict.fromkeys([*range(0x20), 0x7F, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], _UNREADABLE)
    table |= {ord("\t"): "\t", ord("\n"): "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
    # The rest of C1 is Windows-1252 read as Latin-1; HTML's table of character references says what was meant.
    for code in range(0x80, 0xA0):
        if code != 0x85:
            table[code] = bytes([code]).decode("cp1252", errors="replace")
    return table


_CLEAN = str.maketrans(_table())


def decode(source: bytes, *, origin: str, offset: int = 0) -> str:
    """Decode UTF-8, without its byte order mark.

    Raises ArticleError that names the first byte that is none, counted from the start of the file: ``offset`` is
    where in the file ``source`` begins.
    """
    for mark, name in _BOMS:
        if source.startswith(mark):
            raise ArticleError(f"{origin}: this is {name}; convert it with: {_iconv(name, origin)}")
    start = len(codecs.BOM_UTF8) if source.startswith(codecs.BOM_UTF8) else 0
    try:
        return source[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        at = start + error.start
        raise ArticleError(
            f"{origin}, byte {offset + at}: 0x{source[at]:02X} is not UTF-8; convert it with: "
            f"{_iconv('WINDOWS-1252', origin)} (or the encoding that it is in)"
        ) from None


def _iconv(encoding: str, origin: str) -> str:
    return f"iconv -f {encoding} -t UTF-8 {shlex.quote(origin)}"


def clean(text: str) -> str:
    """Return the final text, in which all spans count.

    CRLF and CR become LF, which moves offsets once, here. All else keeps its length: a control character becomes
    U+FFFD (reading tells how many there are), NEL, U+2028 and U+2029 become LF. Tabs, marks of writing direction and
    combining characters stay as they are; there is no normalisation (NFC), since it would move offsets.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)


def check_size(size: int, *, origin: str) -> None:
    """Raise ArticleError when one article has more than ``MAX_BYTES`` bytes of UTF-8."""
    if size > MAX_BYTES:
        raise ArticleError(
            f"{origin}: {size:,} bytes are more than the {MAX_BYTES:,} that one article may have; split it"
        )
