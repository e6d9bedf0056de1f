"""The command's Typer application, its shared options, and the store that a command works on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kg.articles import Options
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

PATIENCE = 3.0  # seconds that a command which writes waits for its turn

StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="DIR|URL", help="The store. Default: $KG_STORE, else ./kg-store.")
]
Files = Annotated[
    list[str], typer.Argument(metavar="FILE…", help='Files, folders, patterns or web addresses; "-" is standard input.')
]
Outlet = Annotated[str | None, typer.Option(help="Outlet of articles, over what their files say.")]
PublishedOption = Annotated[
    str | None,
    typer.Option("--published", metavar="DATE", help='Date of articles (YYYY-MM-DD); "on Sunday" counts from it.'),
]
Url = Annotated[str | None, typer.Option(help="Address of the article.")]
Title = Annotated[str | None, typer.Option(help="Title of the article.")]
Author = Annotated[list[str] | None, typer.Option(help="Author; may be given several times.")]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="Language of articles (en).")]
Map = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="FILE|PATHS",
        help="Where fields stand in JSON and CSV of another make: text=details.body;title=title (docs/formats.md).",
    ),
]
Private = Annotated[
    bool, typer.Option("--allow-private", help="Fetch addresses of this machine and of private networks as well.")
]
Base = Annotated[str | None, typer.Option(metavar="IRI", help="Base IRI of the data of a new store.")]


def article_options(
    outlet: str | None,
    published: str | None,
    url: str | None,
    title: str | None,
    author: list[str] | None,
    language: str | None,
    fields: str | None = None,
    private: bool = False,
) -> Options:
    from kg.articles import Options

    if fields is not None and Path(fields).is_file():
        fields = Path(fields).read_text(encoding="utf-8")
    return Options(outlet, published, url, title, tuple(author or ()), language, fields, private)


def open_named(store: str | None, *, read_only: bool, base: str | None = None) -> Store:
    from kg.settings import Settings
    from kg.store import open_in_turn, open_store

    url = store or Settings.from_env().store
    if read_only:
        return open_store(url, read_only=True, base_iri=base)
    # A server that takes updates makes way; another import does not.
    return open_in_turn(url, patience=PATIENCE, base_iri=base)
