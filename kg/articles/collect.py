"""Paths enter; the articles of the files behind them leave, one bad file or article never stopping the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.articles.options import NO_OPTIONS, Options
from kg.articles.registry import choose, suffixes
from kg.articles.values import Item
from kg.errors import ArticleError
from kg.graph import BASE_IRI

STDIN = "-"
# A file is held in memory once; a set of articles above this is better split (each line of it is bounded by itself).
_LARGEST_FILE = 2_000_000_000


def load(source: bytes, *, origin: str, options: Options = NO_OPTIONS, base_iri: str = BASE_IRI) -> Iterator[Item]:
    """Yield the articles in the bytes of one file, in order, and an ArticleError for each that can't be taken.

    ``origin`` is the file's name, for the format (its ending, then its first bytes), for Article.origin (with the
    line's number in files of many) and for messages. Never raises ArticleError.
    """
    if not source.strip():
        yield ArticleError(f"{origin}: the file is empty; give one with an article in it")
        return
    try:
        known = choose(source, origin=origin)
    except ArticleError as error:
        yield error
        return
    yield from known.load(source, origin=origin, options=options, base_iri=base_iri)


def collect(
    paths: Iterable[str | Path],
    *,
    options: Options = NO_OPTIONS,
    base_iri: str = BASE_IRI,
) -> Iterator[Item]:
    """Yield the articles of files, folders and standard input ("-"), in the order given.

    Folders are searched recursively, files in sorted order, and only those whose ending some format names; hidden
    files are left out. What does not exist, can't be read or holds nothing is yielded as an ArticleError.
    """
    for origin, source in sources(paths):
        if isinstance(source, ArticleError):
            yield source
        else:
            yield from load(source, origin=origin, options=options, base_iri=base_iri)


def sources(paths: Iterable[str | Path]) -> Iterator[tuple[str, bytes | ArticleError]]:
    """Yield (name, bytes) of each file behind the paths, in order; an error in place of bytes."""
    for path in paths:
        if str(path) == STDIN:
            yield "stdin", sys.stdin.buffer.read()
            continue
        try:
            files = list(find_files(Path(path)))
        except ArticleError as error:
            yield str(path), error
            continue
        for file in files:
            try:
                yield file.as_posix(), _read(file)
            except ArticleError as error:
                yield file.as_posix(), error


def find_files(path: Path) -> Iterator[Path]:
    """Yield the file itself, or the files of a folder that some format reads, sorted; ArticleError when none is."""
    if path.is_dir():
        known = suffixes()
        found = sorted(
            file
            for file in path.rglob("*")
            if file.suffix.lower() in known
            and file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        )
        if not found:
            raise ArticleError(f"{path}: no article in this folder; files must end in {', '.join(sorted(known))}")
        yield from found
    elif path.exists():
        yield path
    else:
        raise ArticleError(f"{path}: there is no such file or folder")


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ArticleError(f"{file}: the file has more than {_LARGEST_FILE:,} bytes; split it")
        return file.read_bytes()
    except OSError as error:
        raise ArticleError(f"{file}: it can't be read ({error.strerror}); check its rights") from None
