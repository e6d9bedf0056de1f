"""``kg read``, ``kg check``, ``kg eval``: articles are read without a store."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.common import (
    Author,
    Files,
    Language,
    Map,
    Outlet,
    Private,
    PublishedOption,
    Title,
    Url,
    app,
    article_options,
)
from kg.errors import KgError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.articles import Options
    from kg.model import Article, Reading


class Gold(StrEnum):
    """What ``kg eval`` measures."""

    quotes = "quotes"
    statements = "statements"
    times = "times"
    entities = "entities"
    events = "events"
    agreement = "agreement"


@app.command()
def read(
    files: Files,
    outlet: Outlet = None,
    published: PublishedOption = None,
    url: Url = None,
    title: Title = None,
    author: Author = None,
    language: Language = None,
    fields: Map = None,
    private: Private = False,
    reader: Annotated[str, typer.Option(help="The reader, by its entry point's name.")] = "rules-en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the reading record, one object a line.")] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Mark the spans in the text, and tell rule, evidence and what was passed over."),
    ] = False,
) -> None:
    """Read articles and show what was found, without a store."""
    from kg.cli.explaining import explain as explained
    from kg.errors import UsageError
    from kg.importer.work import open_reader
    from kg.reading.weighing import keeping
    from kg.record import dump_line

    if explain and as_json:
        raise UsageError("--explain is for a person and --json for a machine: give one of them")

    bad = 0
    options = article_options(outlet, published, url, title, author, language, fields, private)
    for item in _articles(files, options):
        if isinstance(item, KgError):
            bad += 1
            print(f"refused: {item}", file=sys.stderr)
            continue
        with keeping() if explain else nullcontext() as decisions:
            reading = _as_reading(item, lambda article: open_reader(reader).read(article))
        if explain:
            house = reading is not item and reading.run.reader.startswith("rules-")
            print("\n".join(explained(reading, decisions if house else None)))
        elif as_json:
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
    fields: Map = None,
    private: Private = False,
    reader: Annotated[str, typer.Option(help="The reader, by its entry point's name.")] = "rules-en",
) -> None:
    """Read articles and check their graphs against the shapes, without a store."""
    from kg.importer.work import work
    from kg.model import Reading

    bad = 0
    options = article_options(outlet, published, url, title, author, language, fields, private)
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
    gold_mentions: Annotated[
        bool, typer.Option("--gold-mentions", help="Of entities and events: give the reader the gold's spans.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the reader against gold (docs/evaluation.md)."""
    import orjson

    from kg.evaluation import evaluate

    result = evaluate(what.value, gold, predictions=predictions, gold_mentions=gold_mentions)
    if write_predictions:
        result.write_predictions(write_predictions)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(result.figures, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        sys.stdout.write(result.table())
