"""Paths and addresses enter; the articles behind them leave, one bad file or article never stopping the rest."""

from __future__ import annotations

import glob
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.articles import bounds
from kg.articles.options import NO_OPTIONS, Options
from kg.articles.registry import SNIFFED, Container, choose, is_known, suffixes
from kg.articles.values import Given, Item
from kg.errors import ArticleError
from kg.graph import BASE_IRI

if TYPE_CHECKING:
    from kg.articles.fetch import Fetcher

STDIN = "-"
_LOG = logging.getLogger(__name__)
_ADDRESS = ("http://", "https://")
_WILD = frozenset("*?[")


def load(source: bytes, *, origin: str, options: Options = NO_OPTIONS, base_iri: str = BASE_IRI) -> Iterator[Item]:
    """Yield the articles in the bytes of one file, in order, and an ArticleError for each that can't be taken.

    ``origin`` is the file's name, for the format (its first bytes, then its ending), for Article.origin (with the
    place in files of many) and for messages. Never raises ArticleError.
    """
    yield from _load(source, Given(origin, options, base_iri), _Left())


@dataclass(slots=True)
class _Left:
    """What may still be unpacked out of one file."""

    size: int = bounds.UNPACKED
    members: int = bounds.MEMBERS


def _load(source: bytes, given: Given, left: _Left, layer: int = 0) -> Iterator[Item]:
    if not source.strip():
        yield ArticleError(f"{given.origin}: the file is empty; give one with an article in it")
        return
    try:
        known = choose(source, origin=given.origin)
    except ArticleError as error:
        yield error
        return
    try:
        if isinstance(known, Container):
            yield from _unpack(known, source, given, left, layer)
        else:
            yield from known.load(source, given)
    except Exception as error:  # noqa: BLE001 - a format's mistake must not cost the files after this one
        _LOG.warning("%s: the format %s failed", given.origin, known.name, exc_info=True)
        yield ArticleError(
            f"{given.origin}: the format {known.name} failed on it ({type(error).__name__}: {str(error)[:200]}); "
            "that is a mistake in the format, please tell it"
        )


def _unpack(known: Container, source: bytes, given: Given, left: _Left, layer: int) -> Iterator[Item]:
    if layer >= bounds.LAYERS:
        yield ArticleError(f"{given.origin}: files in more than {bounds.LAYERS} layers; unpack it yourself")
        return
    try:
        for inner in known.unpack(source, given):
            if isinstance(inner.source, ArticleError):
                yield inner.source
                continue
            left.members -= 1
            left.size -= len(inner.source)
            if left.members < 0 or left.size < 0:
                raise ArticleError(
                    f"{given.origin}: more than {bounds.MEMBERS:,} files or {bounds.UNPACKED:,} bytes lie in it; "
                    "unpack it yourself and import it in parts"
                )
            yield from _load(inner.source, given.at(inner.name, inner.metadata), left, layer + 1)
    except ArticleError as error:
        yield error


def collect(
    paths: Iterable[str | Path],
    *,
    options: Options = NO_OPTIONS,
    base_iri: str = BASE_IRI,
) -> Iterator[Item]:
    """Yield the articles of files, folders, globs, web addresses and standard input ("-"), in the order given.

    Folders are searched recursively, files in sorted order: those whose ending some format names, and those without
    such an ending whose first bytes a format knows; hidden files are left out. What does not exist, can't be read or
    holds nothing is yielded as an ArticleError.
    """
    for origin, source in sources(paths, private=options.private):
        if isinstance(source, ArticleError):
            yield source
        else:
            yield from load(source, origin=origin, options=options, base_iri=base_iri)


def sources(paths: Iterable[str | Path], *, private: bool = False) -> Iterator[tuple[str, bytes | ArticleError]]:
    """Yield (name, bytes) of each file or page behind the paths, in order; an error in place of bytes.

    ``private`` lets addresses of this machine and of private networks be fetched as well.
    """
    fetcher: Fetcher | None = None
    for path in paths:
        if str(path) == STDIN:
            yield "stdin", _read_stdin()
        elif str(path).lower().startswith(_ADDRESS):
            from kg.articles.fetch import Fetcher  # ssl is for those who fetch

            fetcher = fetcher or Fetcher(private=private)  # one for all: it asks for each robots.txt once
            yield str(path), fetcher.get(str(path))
        else:
            yield from _files(Path(path))


def _files(path: Path) -> Iterator[tuple[str, bytes | ArticleError]]:
    try:
        files = list(find_files(path))
    except ArticleError as error:
        yield str(path), error
        return
    for file in files:
        try:
            yield file.as_posix(), _read(file)
        except ArticleError as error:
            yield file.as_posix(), error


def find_files(path: Path) -> Iterator[Path]:
    """Yield the file itself, the files of a glob, or those of a folder that some format reads, sorted.

    Raises ArticleError when there are none.
    """
    if path.is_dir():
        known = suffixes()
        found = sorted(
            file
            for file in path.rglob("*")
            if not any(part.startswith(".") for part in file.relative_to(path).parts)
            and file.is_file()
            and (file.suffix.lower() in known or _sniffed(file))
        )
        if not found:
            raise ArticleError(f"{path}: no article in this folder; files must end in {', '.join(sorted(known))}")
        yield from found
    elif path.exists():
        yield path
    elif _WILD & set(str(path)):
        matches = sorted(Path(name) for name in glob.glob(str(path), recursive=True))
        if not matches:
            raise ArticleError(f"{path}: no file has such a name; the pattern is like news/**/*.html")
        for match in matches:
            if match.is_file():
                yield match
    else:
        raise ArticleError(f"{path}: there is no such file or folder")


def _sniffed(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return is_known(opened.read(SNIFFED), origin=file.name)
    except OSError:
        return False


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > bounds.LARGEST_FILE:
            raise ArticleError(f"{file}: the file has more than {bounds.LARGEST_FILE:,} bytes; split it")
        return file.read_bytes()
    except OSError as error:
        raise ArticleError(f"{file}: it can't be read ({error.strerror}); check its rights") from None


def _read_stdin() -> bytes | ArticleError:
    source = sys.stdin.buffer.read(bounds.LARGEST_FILE + 1)
    if len(source) > bounds.LARGEST_FILE:
        return ArticleError(f"stdin: more than {bounds.LARGEST_FILE:,} bytes came; give them as files")
    return source
