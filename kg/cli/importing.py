"""``kg import``: files enter a store; the talk goes to stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.common import (
    Author,
    Base,
    Files,
    Language,
    Outlet,
    PublishedOption,
    StoreOption,
    Title,
    Url,
    app,
    article_options,
    open_named,
)

if TYPE_CHECKING:
    from kg.importer.report import ImportReport, Outcome


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
    from kg.importer import Plan, import_files

    options = article_options(outlet, published, url, title, author, language)
    talk = _Talk(quiet=quiet, as_json=as_json)
    with open_named(store, read_only=False, base=base) as target, talk:
        report = import_files(
            files, store=target, options=options, plan=Plan(jobs=jobs, replace=replace, reader=reader), notify=talk.tell
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
