"""``kg query``, ``kg headline``, ``kg export``, ``kg stats``: a store answers."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.common import StoreOption, app, open_named
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.store.base import Store


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    tsv = "tsv"


class Dump(StrEnum):
    """How a store is exported."""

    nquads = "nquads"
    trig = "trig"
    jsonld = "jsonld"


@app.command()
def query(
    what: Annotated[
        str, typer.Argument(metavar="TEXT|FILE.rq|NAME", help="SPARQL, a file of it, or a named question.")
    ],
    params: Annotated[list[str] | None, typer.Argument(metavar="param=value…", help="Of a named question.")] = None,
    store: StoreOption = None,
    format: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.table,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask the graph: SPARQL, or a named question with its parameters (`kg query said_by actor=…`)."""
    from kg import query as questions

    given = _parameters(params or [])
    chosen = Format.json if as_json else format
    with open_named(store, read_only=True) as source:
        if what in questions.names():
            rows = questions.run(source, what, **given)
            _print_rows(rows, chosen)
            return
        if given:
            raise UsageError(f"{what}: only named questions take parameters; `kg query --list` … see docs/queries.md")
        text = Path(what).read_text(encoding="utf-8") if what.endswith(".rq") and Path(what).is_file() else what
        if not any(mark in text for mark in "{ \n"):
            raise UsageError(
                f"There is no question named {what!r} and no such file; there are {', '.join(questions.names())}"
            )
        _print_sparql(source, text, chosen)


def _parameters(params: list[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for param in params:
        name, sign, value = param.partition("=")
        if not sign:
            raise UsageError(f"{param!r} is no parameter; write name=value")
        given.setdefault(name, []).append(value)
    return given


MEDIA = {
    Format.json: "application/sparql-results+json",
    Format.csv: "text/csv",
    Format.tsv: "text/tab-separated-values",
}


def _print_sparql(source: Store, text: str, format: Format) -> None:
    from kg.store.base import Rows

    data, kind = source.query(text, accept=MEDIA.get(format, MEDIA[Format.json]))
    if format is Format.table and kind == MEDIA[Format.json]:
        import orjson

        answer = orjson.loads(data)
        if "boolean" in answer:
            print("yes" if answer["boolean"] else "no")
            return
        rows: Rows = source.select(text)
        _print_rows(rows, format)
        return
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")


def _print_rows(rows: object, format: Format) -> None:
    from kg.store.base import Rows

    assert isinstance(rows, Rows)
    table = [[_plain(term) for term in row] for row in rows.rows]
    if format is Format.json:
        import orjson

        objects = [{k: _plain(term) for k, term in row.items()} for row in rows]
        sys.stdout.buffer.write(orjson.dumps(objects, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    elif format is Format.table:
        from rich.console import Console
        from rich.table import Table

        console = Console(markup=False, highlight=False)
        if len(rows.variables) * 16 > console.width:  # too many columns for a table: one block a row
            width = max((len(name) for name in rows.variables), default=0)
            for line in table:
                for name, value in zip(rows.variables, line, strict=True):
                    if value:
                        console.print(f"{name:>{width}}  {' '.join(value.split())}", soft_wrap=True)
                console.print()
        else:
            shown = Table(*rows.variables, header_style="bold")
            for line in table:
                shown.add_row(*line)
            console.print(shown)
        console.print("1 row" if len(table) == 1 else f"{len(table)} rows")
    else:
        import csv

        writer = csv.writer(sys.stdout, delimiter="," if format is Format.csv else "\t", lineterminator="\n")
        writer.writerow(rows.variables)
        writer.writerows(table)


def _plain(term: object) -> str:
    """Return a term's value without datatype; IRIs as they are."""
    return "" if term is None else str(getattr(term, "value", term))


@app.command()
def headline(
    claim: Annotated[str | None, typer.Argument(metavar="IRI", help="A claim; left out: the most telling one.")] = None,
    store: StoreOption = None,
) -> None:
    """Answer for one claim: how many outlets, how many roots, how many named, who denies it, in which words."""
    from kg import query as questions

    with open_named(store, read_only=True) as source:
        rows = list(questions.run(source, "headline", **({"claim": [claim]} if claim else {})))
    if not rows:
        raise UsageError("The store holds no such claim; `kg query claims` lists them")
    first = {name: _plain(term) for name, term in rows[0].items()}
    low, high, named = int(first["roots_low"]), int(first["roots_high"]), int(first["named"])
    roots = f"{low}" if low == high else f"{low} to {high}"
    told = "none of them named" if not named else f"{named} of them named"
    print(f"“{first['label']}”\n")
    print(f"{_many(int(first['outlets']), 'outlet')}, {roots} independent {_root(high)}, {told};", end=" ")
    print(f"denied {_many(int(first['denials']), 'time')}.\n")
    for row in rows:
        cells = {name: _plain(term) for name, term in row.items()}
        words = " ".join(cells["words"].split())
        who = cells.get("who", "(nobody named)")
        print(f"  {cells['stance']:6}  {cells.get('outlet', '(unknown)')}, {cells.get('published', 'undated')}: {who}")
        print(f"          “{words}”")
    print(f"\n{first['claim']}")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _root(count: int) -> str:
    return "root" if count == 1 else "roots"


@app.command()
def export(
    store: StoreOption = None,
    format: Annotated[Dump, typer.Option("--format", help="Sorted N-Quads, TriG or JSON-LD.")] = Dump.nquads,
) -> None:
    """Write the whole store to stdout; the same data give the same N-Quads."""
    with open_named(store, read_only=True) as source:
        if format is Dump.nquads:
            for name in source.graph_names():
                sys.stdout.write(source.graph(name).nquads())
            return
        from pyoxigraph import RdfFormat, serialize

        quads = [quad for name in source.graph_names() for quad in source.graph(name).quads()]
        chosen = RdfFormat.TRIG if format is Dump.trig else RdfFormat.JSON_LD
        serialize(quads, sys.stdout.buffer, format=chosen)


@app.command()
def stats(
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count what the store holds."""
    from kg import query as questions

    with open_named(store, read_only=True) as source:
        counts: dict[str, object] = {"store": source.url, "version": source.version(), "quads": source.count()}
        for row in questions.run(source, "stats"):
            counts[_plain(row["what"])] = int(_plain(row["count"]))
    if as_json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(counts, option=orjson.OPT_APPEND_NEWLINE))
    else:
        for name, count in counts.items():
            print(f"{name:24} {count}")
