"""An index that is made of the one before says what one says that is built whole, whatever was written in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from index_lives import difference, life, mended


def lives(folder: Path, seeds: range, steps: int) -> tuple[int, int]:
    """Live through writes by chance; returns how many publications there were and how many of them mended an index."""
    published = made = 0
    for seed in seeds:
        root = folder / str(seed)
        done = []
        for store, deeds in life("memory:" if seed % 4 == 3 else str(root), seed, steps):
            done.append(deeds)
            found = difference(store)
            assert not found, f"life {seed}, after {' | '.join(done)}: {found}"
            published += 1
            made += store.root is not None and mended(root)
    return published, made


def test_a_mended_index_is_one_built_whole(tmp_path: Path) -> None:
    published, made = lives(tmp_path, range(20), 4)
    assert published == 80
    assert made > 25


@pytest.mark.long
def test_a_mended_index_is_one_built_whole_in_many_long_lives(tmp_path: Path) -> None:
    published, made = lives(tmp_path, range(100, 250), 12)
    assert published == 1_800
    assert made > 600
