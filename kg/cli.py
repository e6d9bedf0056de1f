"""The command ``kg``: data to stdout, talk to stderr; exit status 1 when an article was refused, 2 on misuse.

What is heavy (the parser, SHACL, the server) is imported inside the commands, so that ``kg --help`` answers at once.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.errors import KgError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.articles import Options
    from kg.importer.report import ImportReport, Outcome
    from kg.model import Article, Reading
    from kg.store.base import Store

app = typer.Typer(
    name="kg",
    help="News articles in, a knowledge graph out: who said what, on whose word.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the time that `kg --help` takes
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


class Gold(StrEnum):
    """What ``kg eval`` measures."""

    quotes = "quotes"
    statements = "statements"
    times = "times"
    entities = "entities"
    events = "events"
    agreement = "agreement"


StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="DIR|URL", help="The store. Default: $KG_STORE, else ./kg-store.")
]
Files = Annotated[list[str], typer.Argument(metavar="FILE…", help='Files or folders; "-" is standard input.')]
Outlet = Annotated[str | None, typer.Option(help="Outlet of articles, over what their files say.")]
PublishedOption = Annotated[
    str | None,
    typer.Option("--published", metavar="DATE", help='Date of articles (YYYY-MM-DD); "on Sunday" counts from it.'),
]
Url = Annotated[str | None, typer.Option(help="Address of the article.")]
Title = Annotated[str | None, typer.Option(help="Title of the article.")]
Author = Annotated[list[str] | None, typer.Option(help="Author; may be given several times.")]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="Language of articles (en).")]
Base = Annotated[str | None, typer.Option(metavar="IRI", help="Base IRI of the data of a new store.")]


def main() -> None:
    """Run the command; a KgError becomes one line on stderr and its exit status."""
    try:
        app()
    except KgError as error:
        print(f"kg: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except BrokenPipeError:  # `kg export | head`
        sys.stderr.close()
        sys.exit(0)


@app.callback()
def _top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    if version:
        from kg import __version__

        print(__version__)
        raise typer.Exit


def _options(
    outlet: str | None,
    published: str | None,
    url: str | None,
    title: str | None,
    author: list[str] | None,
    language: str | None,
) -> Options:
    from kg.articles import Options

    return Options(outlet, published, url, title, tuple(author or ()), language)


def _open(store: str | None, *, read_only: bool, base: str | None = None) -> Store:
    from kg.settings import Settings
    from kg.store import open_store

    return open_store(store or Settings.from_env().store, read_only=read_only, base_iri=base)


@app.command("import")
def import_(
    files: Files,
    store: StoreOption = None,
    outlet: Outlet = None,
    published: PublishedOption = None,
    url: Url = None,
    title: Title = None,
    author: Author = None,
    language: Language = None,
    base: Base = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that read; the result is the same. Default: 1.")] = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Read again what is there unchanged.")] = False,
    reader: Annotated[str, typer.Option(help="The reader, by its entry point's name.")] = "rules-en",
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what was refused.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object an article to stdout.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Print articles a second per stage, and memory.")] = False,
) -> None:
    """Read articles, check them, store each as its own named graph, and link them."""
    from kg.importer import import_files

    options = _options(outlet, published, url, title, author, language)
    talk = _Talk(quiet=quiet, as_json=as_json)
    with _open(store, read_only=False, base=base) as target, talk:
        report = import_files(
            files, store=target, options=options, jobs=jobs, replace=replace, reader=reader, notify=talk.tell
        )
    talk.close(report, timings=timings)
    if report.refused:
        raise typer.Exit(1)


class _Talk:
    """What `kg import` says: a bar on a terminal, lines of JSON when asked, refusals always."""

    def __init__(self, *, quiet: bool, as_json: bool) -> None:
        from rich.console import Console

        self.as_json = as_json
        self.quiet = quiet
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.progress = None
        self.count = self.refused = 0
        if self.console.is_terminal and not quiet:
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self.progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=self.console,
                transient=True,
            )
            self.task = self.progress.add_task("reading …", total=None)

    def __enter__(self) -> _Talk:
        if self.progress:
            self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.progress:
            self.progress.stop()

    def tell(self, outcome: Outcome) -> None:
        self.count += 1
        self.refused += outcome.state == "refused"
        if self.progress:
            said = f"{self.count} articles" + (f", {self.refused} refused" if self.refused else "")
            self.progress.update(self.task, description=f"{said} — {outcome.title or outcome.origin}"[:100])
        if outcome.state == "refused":
            self.console.print(f"{outcome.origin} refused: {outcome.reason}", markup=False)
        if self.as_json:
            import orjson

            sys.stdout.buffer.write(orjson.dumps(outcome, option=orjson.OPT_APPEND_NEWLINE))

    def close(self, report: ImportReport, *, timings: bool) -> None:
        if self.quiet:
            return
        counts = report.counts
        parts = [f"{counts[state]} {state}" for state in ("imported", "replaced", "unchanged", "duplicate", "refused")]
        said = ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing to import"
        self.console.print(f"{said}; {report.elapsed:.1f} s; the store is at version {report.version}", markup=False)
        if report.linked:
            linked = ", ".join(f"{count} {what}" for what, count in report.linked.items())
            self.console.print(f"linked: {linked}", markup=False)
        if timings:
            for stage, rate in report.rates().items():
                self.console.print(f"  {stage:8} {report.seconds[stage]:8.2f} s {rate:10.1f} articles/s", markup=False)
            self.console.print(f"  peak memory {report.peak_bytes / 2**20:.0f} MiB a process", markup=False)


@app.command()
def read(
    files: Files,
    outlet: Outlet = None,
    published: PublishedOption = None,
    url: Url = None,
    title: Title = None,
    author: Author = None,
    language: Language = None,
    reader: Annotated[str, typer.Option(help="The reader, by its entry point's name.")] = "rules-en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the reading record, one object a line.")] = False,
) -> None:
    """Read articles and show what was found, without a store."""
    from kg.importer.work import open_reader
    from kg.record import dump_line

    bad = 0
    options = _options(outlet, published, url, title, author, language)
    for item in _articles(files, options):
        if isinstance(item, KgError):
            bad += 1
            print(f"refused: {item}", file=sys.stderr)
            continue
        reading = _as_reading(item, lambda article: open_reader(reader).read(article))
        if as_json:
            sys.stdout.buffer.write(dump_line(reading))
            sys.stdout.buffer.flush()
        else:
            _show(reading)
    if bad:
        raise typer.Exit(1)


def _articles(files: list[str], options: Options) -> Iterator[Article | Reading | KgError]:
    from kg.articles import RecordLine, collect
    from kg.errors import ArticleError, RecordError
    from kg.record import from_record
    from kg.settings import Settings

    base = Settings.from_env().base_iri
    for item in collect(files, options=options, base_iri=base):
        if isinstance(item, RecordLine):
            try:
                yield from_record(item.data, base=base)
            except RecordError as error:
                yield ArticleError(f"{item.origin}, line {item.number}: {error}")
        else:
            yield item


def _as_reading(item: Article | Reading, read: object) -> Reading:
    from kg.model import Reading

    if isinstance(item, Reading):
        return item
    assert callable(read)
    reading = read(item)
    assert isinstance(reading, Reading)
    return reading


def _show(reading: Reading) -> None:
    """Print for a person: each statement with its chain, act and words."""
    article = reading.article
    names = {source.key: source.name or "(unknown)" for source in reading.sources}
    print(f"{article.title or article.origin or article.iri}")
    outlet = article.outlet.name if article.outlet else "outlet unknown"
    print(f"  {outlet}, {article.published.edtf if article.published else 'date unknown'}, {article.iri}")
    for statement in reading.statements:
        words = " … ".join(span.of(article.text) for span in statement.content)
        chain = " <- ".join(names[link.source] for link in statement.chain)
        mark = "not: " if statement.polarity == "negative" else ""
        print(f"  {statement.key} [{statement.mode}, {statement.act}] {mark}{' '.join(words.split())}")
        print(f"      {chain}   ({statement.rule}, {statement.confidence:.2f})")
    print()


@app.command()
def check(
    files: Files,
    outlet: Outlet = None,
    published: PublishedOption = None,
    url: Url = None,
    title: Title = None,
    author: Author = None,
    language: Language = None,
    reader: Annotated[str, typer.Option(help="The reader, by its entry point's name.")] = "rules-en",
) -> None:
    """Read articles and check their graphs against the shapes, without a store."""
    from kg.importer.work import work
    from kg.model import Reading

    bad = 0
    options = _options(outlet, published, url, title, author, language)
    for item in _articles(files, options):
        if isinstance(item, KgError):
            bad += 1
            print(f"refused: {item}")
            continue
        done = work(item, reader=reader)
        article = item.article if isinstance(item, Reading) else item
        name = article.origin or article.iri
        if done.refusal is None:
            print(f"{name}: conforms; {done.statements} statements")
            for warning in done.warnings:
                print(f"  warning: {warning}")
        else:
            bad += 1
            print(f"{name} refused: {done.refusal}")
    if bad:
        raise typer.Exit(1)


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
    with _open(store, read_only=True) as source:
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

    with _open(store, read_only=True) as source:
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
    with _open(store, read_only=True) as source:
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

    with _open(store, read_only=True) as source:
        counts: dict[str, object] = {"store": source.url, "version": source.version(), "quads": source.count()}
        for row in questions.run(source, "stats"):
            counts[_plain(row["what"])] = int(_plain(row["count"]))
    if as_json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(counts, option=orjson.OPT_APPEND_NEWLINE))
    else:
        for name, count in counts.items():
            print(f"{name:24} {count}")


@app.command()
def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
) -> None:
    """Serve the page, SPARQL and GraphQL."""
    import os

    import uvicorn

    from kg.settings import Settings

    os.environ["KG_STORE"] = store or Settings.from_env().store
    _open(store, read_only=True).close()  # a clear error here, not a traceback in each worker
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        timeout_keep_alive=5,
        log_level="info",
    )


@app.command("eval")
def eval_(
    what: Annotated[Gold, typer.Argument(help="What to measure.")],
    gold: Annotated[list[Path], typer.Argument(metavar="GOLD…", help="Gold files; of statements also folders.")],
    predictions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Score these predictions instead of reading.")
    ] = None,
    write_predictions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what was read, in the format of --predictions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the reader against gold (docs/evaluation.md)."""
    import orjson

    from kg.evaluation import evaluate

    result = evaluate(what.value, gold, predictions=predictions)
    if write_predictions:
        result.write_predictions(write_predictions)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(result.figures, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        sys.stdout.write(result.table())


if __name__ == "__main__":
    main()
