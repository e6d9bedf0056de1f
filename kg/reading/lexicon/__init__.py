"""A language is a folder of word lists here: a table's name enters, its rows leave."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kg.errors import LexiconError


@cache
def table(language: str, name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``lexicon/<language>/<name>.tsv`` as column -> value, in file order.

    The first line names the columns; lines that open with "#" are remarks; empty cells are "". Raises LexiconError
    with the line's number when a row has more or fewer cells than there are columns.
    """
    path = files("kg.reading.lexicon") / language / f"{name}.tsv"
    rows: list[dict[str, str]] = []
    columns: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if not columns:
            columns = cells
        elif len(cells) != len(columns):
            raise LexiconError(
                f"{language}/{name}.tsv, line {number}: {len(cells)} cells where {len(columns)} columns are named; "
                "put a tab between cells"
            )
        else:
            rows.append(dict(zip(columns, cells, strict=True)))
    return tuple(rows)


def languages() -> list[str]:
    """Return the languages that have a folder, sorted."""
    return sorted(entry.name for entry in files("kg.reading.lexicon").iterdir() if len(entry.name) == 2)


def has(language: str, name: str) -> bool:
    """Tell whether a language has this table."""
    return language in languages() and (files("kg.reading.lexicon") / language / f"{name}.tsv").is_file()
