"""A store's folder enters; it is held while its files are swapped, so that nobody opens what is about to go."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import StoreError


@contextmanager
def held(root: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a folder until the block ends, or the process does; waits for whoever holds it.

    ``shared`` holders keep out only those who want it for themselves. Raises StoreError when there is no such folder.
    """
    try:
        descriptor = os.open(root, os.O_RDONLY)
    except OSError as error:
        raise StoreError(f"{root}: there is no store here; make one with `kg import FILE… --store {root}`") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_taken(error: BaseException) -> bool:
    """Tell whether the engine refuses to open a folder because another process has it open ("… block …" is damage)."""
    return re.search(r"\block\b", str(error), re.IGNORECASE) is not None
