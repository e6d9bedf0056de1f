"""What is shipped beside the code: the folders ``ontology`` and ``shapes``, and tables (TSV) as rows."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from kg.errors import LexiconError


def folder(name: str) -> Traversable:
    """Return the ``ontology`` or ``shapes`` folder of a wheel, or of the checkout it came from."""
    shipped = files("kg") / name
    return shipped if shipped.is_dir() else Path(__file__).parents[1] / name


def table(path: Traversable) -> tuple[dict[str, str], ...]:
    """Return the rows of a TSV file as column -> value, in file order.

    The first line names the columns; lines that open with "#" are remarks; empty cells are "". Raises LexiconError
    with the line's number when a row has more or fewer cells than there are columns.
    """
    rows: list[dict[str, str]] = []
    columns: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if not columns:
            columns = cells
        elif len(cells) != len(columns):
            raise LexiconError(
                f"{path.name}, line {number}: {len(cells)} cells where {len(columns)} columns are named; "
                "put a tab between cells"
            )
        else:
            rows.append(dict(zip(columns, cells, strict=True)))
    return tuple(rows)
