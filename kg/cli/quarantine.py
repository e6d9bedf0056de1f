"""``kg quarantine``: what was refused is listed, shown, tried again or dropped."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kg.cli.common import StoreOption, app, open_named
from kg.cli.importing import AsJson, Dask, Gate, Jobs, Quiet, Reader, make_plan
from kg.cli.talking import Talk
from kg.errors import UsageError

group = typer.Typer(help="Articles and files that were refused, and why.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(group, name="quarantine")

Names = Annotated[
    list[str] | None, typer.Argument(metavar="ID…", help="As `kg quarantine list` names them, or their beginnings.")
]
All = Annotated[bool, typer.Option("--all", help="All that is in quarantine.")]


@group.command("list")
def list_(
    store: StoreOption = None,
    words: Annotated[str, typer.Option(metavar="WORDS", help="Only those with these words in reason or origin.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List what was refused, newest first, with the reason."""
    from kg.importer.quarantine import listed

    with open_named(store, read_only=True) as source:
        found = listed(source, words=words)
    if as_json:
        import orjson

        for one in found:
            sys.stdout.buffer.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
        return
    for one in found:
        first = one.reason.partition("\n")[0].removeprefix(f"{one.origin}: ")
        print(f"{one.id}  {one.time}  {one.origin}\n  {first}")
    print(f"{len(found)} in quarantine", file=sys.stderr)


@group.command()
def show(names: Names = None, store: StoreOption = None) -> None:
    """Show one or several with the whole reason, and where their bytes lie."""
    from kg.importer.quarantine import find

    with open_named(store, read_only=True) as source:
        for one in find(source, names or []):
            size = "its bytes are gone" if one.size is None else f"{one.size:,} bytes in the spool"
            print(f"{one.id}  {one.origin}\n  {one.iri}\n  refused {one.time} by {one.reader}; {size}")
            print(f"  spool/{one.raw_sha256}")
            for line in one.reason.splitlines():
                print(f"    {line}")


@group.command()
def retry(
    names: Names = None,
    everything: All = False,
    store: StoreOption = None,
    jobs: Jobs = 1,
    reader: Reader = "rules-en",
    gate: Gate = None,
    dask: Dask = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Read again, from the spool and with the options of then; what passes now is imported."""
    from kg.importer.quarantine import find, listed
    from kg.importer.quarantine import retry as again

    _must_choose(names, everything)
    plan = make_plan(jobs=jobs, reader=reader, gate=gate, dask=dask)
    with open_named(store, read_only=False) as target, Talk(quiet=quiet, as_json=as_json) as talk:
        chosen = listed(target) if everything else find(target, names or [])
        report = again(target, chosen, plan=plan, notify=talk.tell, progress=talk.step)
    talk.close(report, timings=False)
    if report.refused:
        raise typer.Exit(1)


@group.command()
def drop(names: Names = None, everything: All = False, store: StoreOption = None) -> None:
    """Forget what was refused, and its bytes where nothing else came in them; given again, it is read again."""
    from kg.importer.quarantine import drop as forget
    from kg.importer.quarantine import find, listed

    _must_choose(names, everything)
    with open_named(store, read_only=False) as target:
        chosen = listed(target) if everything else find(target, names or [])
        gone = forget(target, chosen)
    print(f"{len(chosen)} dropped; {gone} files left the spool", file=sys.stderr)


def _must_choose(names: list[str] | None, everything: bool) -> None:
    if bool(names) == everything:
        raise UsageError("Name some of `kg quarantine list`, or say --all")
