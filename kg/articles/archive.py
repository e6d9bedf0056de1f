"""An archive (zip, tar) enters, the files in it leave; names in archives are words for messages, never paths."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles import bounds
from kg.articles.registry import is_known, suffixes
from kg.articles.values import Given, Inner
from kg.errors import ArticleError

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What lies in a zip file that is a document of an office program.
_OFFICE = {
    "[Content_Types].xml": "a Word, Excel or PowerPoint document",
    "mimetype": "an OpenDocument or EPUB file",
}
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """Files around many files."""

    name: str = "archive"
    suffixes: tuple[str, ...] = (".zip", ".tar")

    def sniff(self, source: bytes, origin: str) -> bool:
        return source.startswith(_ZIP) or source[257:262] == b"ustar"

    def unpack(self, source: bytes, given: Given) -> Iterator[Inner]:
        if source.startswith(_ZIP):
            yield from _zip(source, given)
        else:
            yield from _tar(source, given)


FORMAT = ArchiveFormat()


def _zip(source: bytes, given: Given) -> Iterator[Inner]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(source))
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise ArticleError(f"{given.origin}: the zip file is damaged ({error}); get it again") from None
    infos = archive.infolist()
    if len(infos) > bounds.MEMBERS:
        raise ArticleError(f"{given.origin}: {len(infos):,} files lie in it; unpack it yourself and import it in parts")
    for name, what in _OFFICE.items():
        if any(info.filename == name for info in infos[:3]):
            raise ArticleError(f"{given.origin}: this is {what}; save it as plain text, HTML or PDF")
    found = False
    for info in infos:
        if info.is_dir() or _is_hidden(info.filename):
            continue
        name = _name(given.origin, info.filename)
        read = _read_member(archive, info, name)
        if isinstance(read, ArticleError) or _is_wanted(info.filename, read):
            found = True
            yield Inner(name, read, given.metadata)
    if not found:
        raise ArticleError(f"{given.origin}: no file in it is in a format that is read here")


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes | ArticleError:
    if info.flag_bits & 0x1:
        return ArticleError(f"{name}: it is locked by a password; unpack it yourself")
    try:
        with archive.open(info) as opened:
            # The size that the directory states may be a lie: what comes out is counted.
            return bounds.gather(iter(lambda: opened.read(_PIECE), b""), info.compress_size, origin=name)
    except ArticleError as error:
        return error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError, RuntimeError) as error:
        return ArticleError(f"{name}: it can't be unpacked ({error}); get it again")


def _tar(source: bytes, given: Given) -> Iterator[Inner]:
    found = False
    try:
        with tarfile.open(fileobj=io.BytesIO(source), mode="r:") as archive:
            for number, member in enumerate(archive):
                if number >= bounds.MEMBERS:
                    raise ArticleError(
                        f"{given.origin}: more than {bounds.MEMBERS:,} files lie in it; import it in parts"
                    )
                # Links and devices point elsewhere: only what lies in the archive itself is taken.
                opened = archive.extractfile(member) if member.isreg() and not _is_hidden(member.name) else None
                if opened is None:
                    continue
                name = _name(given.origin, member.name)
                if member.size > bounds.MEMBER:
                    found = True
                    yield Inner(name, ArticleError(f"{name}: it has more than {bounds.MEMBER:,} bytes; split it"))
                    continue
                read = opened.read(bounds.MEMBER)
                if _is_wanted(member.name, read):
                    found = True
                    yield Inner(name, read, given.metadata)
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
        raise ArticleError(f"{given.origin}: the tar file is damaged ({error}); get it again") from None
    if not found:
        raise ArticleError(f"{given.origin}: no file in it is in a format that is read here")


def _name(origin: str, inside: str) -> str:
    return f"{origin}!{_CONTROL.sub('_', inside)[-200:]}"


def _is_hidden(name: str) -> bool:
    """Tell whether a member is one that a folder would leave out as well: .git/…, __MACOSX/…, .DS_Store."""
    parts = [part for part in name.split("/") if part not in ("..", ".", "")]
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _is_wanted(name: str, source: bytes) -> bool:
    ending = "." + name.rpartition(".")[2].lower()
    return ending in suffixes() or is_known(source[:65_536], origin=name)
