"""The command ``kg``: data to stdout, talk to stderr; exit status 1 when an article was refused, 2 on misuse.

What is heavy (the parser, SHACL, the server) is imported inside the commands, so that ``kg --help`` answers at once.
Each module of this folder registers its commands with ``common.app``; a new one is named in the import below.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kg.cli import asking, importing, indexing, operating, quarantine, reading, serving
from kg.cli.common import app
from kg.errors import KgError

__all__ = ["app", "asking", "importing", "indexing", "main", "operating", "quarantine", "reading", "serving"]


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
