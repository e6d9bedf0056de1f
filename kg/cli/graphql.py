"""``kg graphql``: the schema that the server speaks, and how it answers a document."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.cli.common import StoreOption, app, open_named
from kg.errors import UsageError

graphql = typer.Typer(help="The GraphQL schema, and how a document is answered.", no_args_is_help=True)
app.add_typer(graphql, name="graphql")


@graphql.command("schema")
def schema() -> None:
    """Print the schema in the schema definition language, for editors and code generators."""
    # The server is named as a string: nothing under kg imports it.
    sys.stdout.write(import_module("api.graphql.schema").schema_sdl())


@graphql.command("explain")
def explain(
    document: Annotated[str, typer.Argument(metavar="DOC", help='The document, a file of it, or "-".')],
    store: StoreOption = None,
    variables: Annotated[str, typer.Option(metavar="JSON", help="Values of its variables.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Which operation, where the document has several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it, the answer too, as JSON.")] = False,
) -> None:
    """Answer a document and tell how: its cost, each SQL and SPARQL query with rows and time, and the time per part."""
    import orjson

    try:
        given = orjson.loads(variables)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"--variables is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise UsageError('--variables is an object of names and values, like {"first": 3}')
    execution = import_module("api.graphql.execution")
    with open_named(store, read_only=True) as opened:
        asked = execution.GraphQLRequest(_text(document), given, operation)
        limits = import_module("api.limits").Limits()
        answer = import_module("api.graphql.explain").explain(opened, asked, limits, True)
    found = orjson.loads(answer.body)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        sys.stdout.write(_told(found["extensions"]["explain"]))
    for told in found.get("errors", []):
        print(f"kg: {told['message']}", file=sys.stderr)
    if not answer.executed:
        raise typer.Exit(1)


def _text(document: str) -> str:
    if document == "-":
        return sys.stdin.read()
    if "{" not in document:
        try:
            return Path(document).read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{document}: neither a document nor a file of one: {error.strerror}") from error
    return document


def _told(explained: dict[str, Any]) -> str:
    plan, spent, counts = explained["plan"], explained["milliseconds"], explained["counts"]
    way = "by a compiled plan" if plan["compiled"] else "field by field"
    lines = [f"answered {way}; cost {plan['cost'] or 0:,} fields at the most"]
    for number, read in enumerate(explained["statements"], 1):
        lines.append(f"\n{read['read']} {number}: {read['rows']:,} rows in {read['milliseconds']:.2f} ms")
        lines.append(f"  {read['sql']}")
        lines += [f"  ?{place} = {value!r}" for place, value in enumerate(read["parameters"], 1)]
    for number, query in enumerate(explained["queries"], 1):
        lines.append(f"\nquery {number}: {query['rows']:,} rows in {query['milliseconds']:.2f} ms")
        lines.append(f"  {query['sparql']}")
    lines.append(
        f"\n{counts['reads']} reads ({', '.join(plan['reads']) or 'none'}), generation {explained['generation']}: "
        f"{spent['whole']:.1f} ms ({spent['prepare']:.1f} to prepare, {spent['run']:.1f} to run, of which "
        f"{spent['sql']:.1f} in SQL and {spent['sparql']:.1f} in SPARQL)"
    )
    return "\n".join(lines) + "\n"
