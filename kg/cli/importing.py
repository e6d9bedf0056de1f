"""``kg import`` and ``kg reread``: files enter a store; the talk goes to stderr."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.common import (
    Author,
    Base,
    Language,
    Map,
    Outlet,
    Private,
    PublishedOption,
    StoreOption,
    Title,
    Url,
    app,
    article_options,
    open_named,
)
from kg.cli.talking import Talk
from kg.errors import KgError, StoreError, UsageError

if TYPE_CHECKING:
    from kg.articles import Options
    from kg.importer import ImportReport, Plan
    from kg.importer.feedmemory import FeedMemory
    from kg.store.base import Store

Jobs = Annotated[
    int, typer.Option(min=0, help="Processes that read; the result is the same. 0: this one, unbounded. Default: 1.")
]
Reader = Annotated[str, typer.Option(help="The reader, by its entry point's name.")]
Gate = Annotated[
    str | None,
    typer.Option(metavar="pyshacl|fast", help="The SHACL engine. Default: $KG_GATE, else pyshacl, the reference."),
]
Dask = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS|local", help="Read on a Dask cluster; local: one of --jobs processes here."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say only what was refused.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object an event to stdout.")]
Timings = Annotated[bool, typer.Option("--timings", help="Print articles a second per stage, and memory.")]


@app.command("import")
def import_(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE…", help='Files, folders, patterns or web addresses; "-" is standard input.'),
    ] = None,
    store: StoreOption = None,
    outlet: Outlet = None,
    published: PublishedOption = None,
    url: Url = None,
    title: Title = None,
    author: Author = None,
    language: Language = None,
    fields: Map = None,
    private: Private = False,
    base: Base = None,
    jobs: Jobs = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Read again what is there unchanged.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check, and write nothing.")] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Leave out articles that say that they were published before this day."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Read this many articles at most.")] = None,
    watch: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Go on and import files as they come into this folder.")
    ] = None,
    feed: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Go on and import what is new in this feed or page.")
    ] = None,
    every: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Time between two looks: 90s, 15m, 2h. Default: 2s or 15m.")
    ] = None,
    reader: Reader = "rules-en",
    gate: Gate = None,
    dask: Dask = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    timings: Timings = False,
) -> None:
    """Read articles, check them, store each as its own named graph, and link them."""
    from kg.importer import import_files

    if not (files or watch or feed):
        raise UsageError("Name files or folders, or --watch DIR, or --feed URL; “-” is standard input")
    options = article_options(outlet, published, url, title, author, language, fields, private)
    plan = make_plan(
        jobs=jobs, replace=replace, dry_run=dry_run, since=since, limit=limit, reader=reader, gate=gate, dask=dask
    )
    refused = False
    if files:
        with _target(store, base, dry_run=dry_run) as target, Talk(quiet=quiet, as_json=as_json) as talk:
            report = import_files(files, store=target, options=options, plan=plan, notify=talk.tell, progress=talk.step)
        talk.close(report, timings=timings)
        refused = bool(report.refused)
    if watch or feed:
        _go_on(store, base, options, plan, watch or [], feed or [], every, quiet=quiet, as_json=as_json)
    if refused:
        raise typer.Exit(1)


@app.command()
def reread(
    store: StoreOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Read all editions, not only those of another reader.")
    ] = False,
    jobs: Jobs = 1,
    limit: Annotated[int | None, typer.Option(min=0, help="Read this many articles at most.")] = None,
    reader: Reader = "rules-en",
    gate: Gate = None,
    dask: Dask = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    timings: Timings = False,
) -> None:
    """Read again, from the spool, what another version of the reader read; the store can be served meanwhile."""
    from kg.importer import reread as again

    plan = make_plan(jobs=jobs, limit=limit, reader=reader, gate=gate, dask=dask)
    with open_named(store, read_only=False) as target, Talk(quiet=quiet, as_json=as_json) as talk:
        report = again(target, plan=plan, everything=everything, notify=talk.tell, progress=talk.step)
    talk.close(report, timings=timings)
    if report.refused:
        raise typer.Exit(1)


def make_plan(
    *,
    jobs: int,
    reader: str,
    gate: str | None,
    dask: str | None,
    limit: int | None = None,
    replace: bool = False,
    dry_run: bool = False,
    since: str | None = None,
) -> Plan:
    """Return the plan that options and settings say."""
    from kg.importer import Plan
    from kg.settings import Settings

    return Plan(
        jobs=jobs,
        replace=replace,
        dry_run=dry_run,
        since=since,
        limit=limit,
        reader=reader,
        gate=gate or Settings.from_env().gate,
        dask=dask,
    )


def _target(store: str | None, base: str | None, *, dry_run: bool) -> Store:
    """Open the store for writing; for a dry run for reading, or an empty one where there is none yet."""
    from kg.store import open_store

    if not dry_run:
        return open_named(store, read_only=False, base=base)
    try:
        return open_named(store, read_only=True, base=base)
    except StoreError:
        return open_store("memory:", base_iri=base)


def _go_on(
    store: str | None,
    base: str | None,
    options: Options,
    plan: Plan,
    folders: list[Path],
    urls: list[str],
    every: str | None,
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    """Watch folders and feeds until Ctrl-C; the store is free for other writers between two looks."""
    from functools import partial

    from kg.articles.collect import find_files
    from kg.articles.fetch import Fetcher
    from kg.importer import import_sources
    from kg.importer.watching import Addresses, Folder, Source, Watched, seconds, watch

    watched: list[Watched] = [Folder(folder, find_files) for folder in folders]
    if urls:
        memory = _memory(store, base, options, plan)
        watched.append(Addresses(urls, memory=memory, fetcher=partial(Fetcher, private=options.private)))
    talk = Talk(quiet=quiet, as_json=as_json)

    def take(found: Iterable[Source]) -> ImportReport:
        with _target(store, base, dry_run=plan.dry_run) as target:
            return import_sources(found, store=target, options=options, plan=plan, notify=talk.tell, progress=talk.step)

    pause = seconds(every) if every else (900.0 if urls else 2.0)
    try:
        for report in watch(watched, take, every=pause, busy=talk.wait):
            if set(report.counts) - {"unchanged", "duplicate"}:
                talk.close(report, timings=False)
        if not quiet:
            talk.console.print("there is nothing left to look at; watching ended", markup=False)
    except KeyboardInterrupt:
        if not quiet:
            talk.console.print("stopped; what was not finished is taken up by the next import", markup=False)
    except KgError as error:
        raise type(error)(f"{error}; watching ended") from error


def _memory(store: str | None, base: str | None, options: Options, plan: Plan) -> FeedMemory | None:
    """Return what feeds had at the last look: none where a look does not take in all that is there."""
    from kg.importer.feedmemory import FeedMemory

    if plan.replace or plan.limit is not None:
        return None
    if plan.dry_run:
        return FeedMemory(None, "")
    with _target(store, base, dry_run=False) as target:
        return FeedMemory(target.root, repr((options, plan.since, plan.reader)))
