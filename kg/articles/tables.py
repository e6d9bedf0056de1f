"""A table (CSV, TSV) with a line of names enters, an Article a row leaves; columns are read as the keys of JSON are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.clean import MAX_BYTES, decode
from kg.articles.fieldmap import house_maps
from kg.articles.objects import item_of
from kg.articles.values import Given, Item
from kg.errors import ArticleError

_DELIMITERS = ",\t;|"
_MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class TableFormat:
    """Files of one article a row; the first row names the columns."""

    name: str = "csv"
    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def sniff(self, source: bytes, origin: str) -> bool:
        """Tell by a first line of three or more names, one of them of a text that we know."""
        first = source.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        if len(first) > 2000 or b"\n" not in source:
            return False
        names = _header(first.decode("utf-8", "replace"))[0]
        other = house_maps()[-1]
        known = {path.strip() for path in other.paths["text"].split("|")}
        return len(names) >= 3 and bool(known & set(names)) and all(len(name.split()) <= 2 for name in names)

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            yield from _rows(decode(source, origin=given.origin), given)
        except ArticleError as error:
            yield error


FORMAT = TableFormat()


def _header(line: str) -> tuple[list[str], str]:
    line = line.replace("\r", "\n").strip()
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        row = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [], delimiter
    return [name.strip().lower() for name in row], delimiter


def _rows(text: str, given: Given) -> Iterator[Item]:
    first, _, _ = text.partition("\n")
    names, delimiter = _header(first[:65_536])
    if len(names) < 2 or len(names) > _MOST_COLUMNS:
        raise ArticleError(f"{given.origin}: its first line names {len(names)} columns; name them like title,date,text")
    if given.options.map is None and not _has_text(names):
        raise ArticleError(
            f"{given.origin}: no column is known to hold the text (there are {', '.join(names[:12])}); "
            "say which with --map text=COLUMN"
        )
    csv.field_size_limit(MAX_BYTES)
    # Without strict=True a quotation mark that is never closed takes the rest of the file for one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        place = f"{given.origin}, row {number}"
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield ArticleError(f"{place}: the row can't be read ({error}); mend it. The rows after it are left out")
            return
        if number == 1 or not any(cell.strip() for cell in row):
            continue
        try:
            if len(row) > len(names):
                raise ArticleError(f"{place}: {len(row)} cells where {len(names)} columns are named; quote the commas")
            data = {name: cell for name, cell in zip(names, row, strict=False) if cell.strip()}
            yield item_of(data, given.at(f"{given.origin}:{number}"), place=place, number=number)
        except ArticleError as error:
            yield error


def _has_text(names: list[str]) -> bool:
    paths = [path for one in house_maps() for path in (one.paths.get("text"), one.paths.get("excerpt")) if path]
    return any(alternative.strip() in names for path in paths for alternative in path.split("|"))
