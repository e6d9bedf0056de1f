"""``kg backup``, ``restore``, ``copy``, ``verify``, ``purge``, ``token``: what an operator does with a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.common import StoreOption, app, open_named
from kg.errors import StoreError, UsageError

if TYPE_CHECKING:
    from kg.store.fault import Fault

token_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Bearer tokens for writing over HTTP.")
app.add_typer(token_app, name="token")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("backup")
def backup_(
    path: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A new folder, or a file .tar or .tar.zst.")],
    store: StoreOption = None,
    as_json: Json = False,
) -> None:
    """Write all that is published, the journal and the raw bytes to one place. An import may run meanwhile."""
    from kg.store.backup import backup

    with open_named(store, read_only=True) as source:
        made = backup(source, path)
    _tell(
        as_json, f"{path}: {made.graphs} graphs, {made.quads} quads, version {made.version}, digest {made.digest}", made
    )


@app.command("restore")
def restore_(
    path: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="What `kg backup` wrote.")],
    store: StoreOption = None,
    as_json: Json = False,
) -> None:
    """Fill a new store, of any kind, from a backup; every file of it is checked first."""
    from kg.store.backup import base_of, restore

    with open_named(store, read_only=False, base=base_of(path)) as target:
        made = restore(path, target)
        name = target.url
    _tell(as_json, f"{name}: {made.graphs} graphs, {made.quads} quads, digest {made.digest}", made)


@app.command("copy")
def copy_(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The store to copy: DIR or URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty or new store: DIR or URL.")],
    as_json: Json = False,
) -> None:
    """Move to another engine: copy graphs, journal and raw bytes, and compare the digests of both."""
    from kg.store.copying import copy

    with (
        open_named(source, read_only=True) as opened,
        open_named(target, read_only=False, base=opened.base_iri) as filled,
    ):
        done = copy(opened, filled)
    _tell(as_json, f"{target}: {done.graphs} graphs, {done.quads} quads, digest {done.digest}", done)


@app.command("verify")
def verify_(
    store: StoreOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended; nothing is thrown away.")] = False,
    as_json: Json = False,
) -> None:
    """Check files, digests, spans, spool and journal (docs/operate.md). Exit status 1 when a fault is left."""
    from kg.settings import Settings
    from kg.store.mend import mend
    from kg.store.verify import verify

    url = store or Settings.from_env().store
    root = Path(url.removeprefix("oxigraph:")).expanduser()
    local = "://" not in url and not url.startswith("memory:")
    if local and not root.is_dir():
        raise StoreError(f"{root}: there is no store here; make one with `kg import FILE… --store {root}`")
    faults = mend(root, repair=repair) if local else []
    if not faults or repair:  # what does not open can't be read
        with open_named(store, read_only=False) as opened:
            faults += verify(opened, repair=repair)
    left = [fault for fault in faults if fault.repaired is None]
    if as_json:
        _print_json(faults)
    else:
        _show(faults, left)
    if left:
        raise typer.Exit(1)


def _show(faults: list[Fault], left: list[Fault]) -> None:
    for fault in faults:
        print(f"{fault.invariant}  {fault.place}: {fault.fact}")
        print(f"      {'mended: ' + fault.repaired if fault.repaired else fault.way_out}")
    print(f"{len(faults)} faults, {len(left)} left" if faults else "no faults", file=sys.stderr)


@app.command("purge")
def purge_(
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="IRI of the edition.")],
    store: StoreOption = None,
    as_json: Json = False,
) -> None:
    """Remove an edition and every byte of it from the store's files, and name the backups that may hold it."""
    from kg.linking import link
    from kg.store.purge import purge

    done = purge(lambda: open_named(store, read_only=False), edition, relink=link)
    if as_json:
        _print_json(done)
        return
    print(
        f"{edition}: {done.quads} quads removed; files, generations, journal and spool hold none of it", file=sys.stderr
    )
    for iri in done.siblings:
        print(f"came in the same file, whose bytes are gone, and can't be read again: {iri}")
    for path, time in done.backups:
        there = "" if Path(path).exists() else " (not there now)"
        print(f"may hold it still: backup of {time}, {path}{there}")


@token_app.command("create")
def create_(
    name: Annotated[str, typer.Argument(help="Who will hold it.")],
    store: StoreOption = None,
    all_graphs: Annotated[bool, typer.Option("--all", help="May write every graph, not curation only.")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires. Default: never.")] = None,
) -> None:
    """Make a token and print it, this once."""
    from kg.store.tokens import create

    print(create(_root(store), name, graphs="all" if all_graphs else "curation", days=days))


@token_app.command("list")
def list_(store: StoreOption = None, as_json: Json = False) -> None:
    """List the tokens: names, scopes, times; never the tokens themselves."""
    from kg.store.tokens import tokens

    found = [
        {"name": token.name, "graphs": token.graphs, "created": token.created, "expires": token.expires}
        for token in tokens(_root(store))
    ]
    if as_json:
        _print_json(found)
        return
    for token in found:
        print(f"{token['name']:24} {token['graphs']:9} made {token['created']}, expires {token['expires'] or 'never'}")


@token_app.command("revoke")
def revoke_(name: Annotated[str, typer.Argument(help="The token's name.")], store: StoreOption = None) -> None:
    """Forget a token: it is refused from now on."""
    from kg.store.tokens import revoke

    revoke(_root(store), name)
    print(f"{name} is revoked", file=sys.stderr)


def _root(store: str | None) -> Path:
    """Return where a store's tokens are kept: in the file of KG_TOKENS, else in its (local) folder."""
    from kg.settings import Settings
    from kg.store import folder_of
    from kg.store.tokens import place

    settings = Settings.from_env()
    url = store or settings.store
    found = place(settings.tokens, folder_of(url))
    if found is None:
        raise UsageError(f"{url} has no folder to keep tokens in; name a file in KG_TOKENS, for `kg serve` as well")
    if settings.tokens or "://" in url:
        (found.parent if settings.tokens else found).mkdir(parents=True, exist_ok=True)
    elif not found.is_dir():
        raise StoreError(f"{found}: there is no store here; make one with `kg import FILE… --store {found}`")
    return found


def _tell(as_json: bool, words: str, value: object) -> None:
    if as_json:
        _print_json(value)
    else:
        print(words, file=sys.stderr)


def _print_json(value: object) -> None:
    import orjson

    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
