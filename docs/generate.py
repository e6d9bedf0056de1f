"""Write the generated pages of docs/ again: ontology terms, named questions, commands. `make docs` runs it.

A test keeps the pages equal to what this program writes.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg import query
from kg.resources import folder
from kg.vocab import NAMESPACE, SCHEMES

DOCS = Path(__file__).parent
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
PREF = "http://www.w3.org/2004/02/skos/core#prefLabel"
DEFINITION = "http://www.w3.org/2004/02/skos/core#definition"
EXAMPLE = "http://www.w3.org/2004/02/skos/core#example"
NOTE = "<!-- written by docs/generate.py; do not edit -->\n"


def _values(name: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in parse(folder("ontology").joinpath(name).read_bytes(), format=RdfFormat.TURTLE):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
            found[quad.subject.value][quad.predicate.value].append(quad.object.value)
    return found


def ontology() -> str:
    """Return docs/ontology.md: every term with its definition and example."""
    terms = _values("kg.ttl")
    concepts = _values("schemes.ttl")
    lines = [
        "# The ontology",
        NOTE,
        f"Namespace `{NAMESPACE}` (prefix `kg:`); concepts `{SCHEMES}` (prefix `kgs:`).",
        "",
    ]
    classes = [iri for iri in terms if iri.startswith(NAMESPACE) and iri.removeprefix(NAMESPACE)[:1].isupper()]
    properties = [iri for iri in terms if iri.startswith(NAMESPACE) and iri.removeprefix(NAMESPACE)[:1].islower()]
    for title, chosen in (("Classes", classes), ("Properties", properties)):
        lines += [f"## {title}", "", "| term | definition | example |", "|---|---|---|"]
        for iri in sorted(chosen):
            lines.append(_row(f"`kg:{iri.removeprefix(NAMESPACE)}`", terms[iri]))
        lines.append("")
    lines += ["## Concepts", "", "| concept | definition | example |", "|---|---|---|"]
    for iri in sorted(iri for iri in concepts if iri.startswith(SCHEMES) and "-" in iri.removeprefix(SCHEMES)):
        lines.append(_row(f"`kgs:{iri.removeprefix(SCHEMES)}`", concepts[iri]))
    return "\n".join(lines) + "\n"


def _row(name: str, values: dict[str, list[str]]) -> str:
    cells = [" ".join(" ".join(values.get(key, [])[:1]).split()).replace("|", "\\|") for key in (DEFINITION, EXAMPLE)]
    return f"| {name} | {cells[0]} | {cells[1]} |"


def questions() -> str:
    """Return docs/queries.md: every named question, its parameters and its SPARQL."""
    lines = ["# The named questions", NOTE]
    lines += ["Each is a file of `kg/queries`, runs as it stands in any SPARQL 1.1 tool, and is asked by name:", ""]
    lines += ["```", "kg query said_by actor=https://…        GET /queries/said_by?actor=https://…", "```", ""]
    for name in query.names():
        text = query.load(name)
        head = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")]
        lines += [f"## {name}", "", *head[:1], ""]
        params = [line for line in head[1:] if line.startswith("param")]
        lines += [f"- `{line}`" for line in params] + ([""] if params else [])
        body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        lines += ["```sparql", body.strip(), "```", ""]
    return "\n".join(lines)


def _walk(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the commands with their names; those of a group after it ("quarantine list")."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _walk(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def commands() -> str:
    """Return docs/cli.md: the help of each command as plain text."""
    import typer.main

    from kg.cli import app

    group = typer.main.get_command(app)
    lines = ["# The command line", NOTE]
    lines += ["Data to stdout, talk to stderr; exit status 1 when an article was refused, 2 on misuse.", ""]
    for name, command in _walk(group):
        lines += [f"## kg {name}", "", command.help or "", "", "| option | meaning |", "|---|---|"]
        for param in command.params:
            label = ", ".join(param.opts) if param.param_type_name == "option" else (param.metavar or param.name)
            lines.append(f"| `{label}` | {(getattr(param, 'help', '') or '').replace('|', chr(92) + '|')} |")
        lines.append("")
    return "\n".join(lines)


def schema() -> str:
    """Return docs/schema.graphql: the schema of /graphql."""
    from api.graphql.schema import schema_sdl

    return schema_sdl()


PAGES = {"ontology.md": ontology, "queries.md": questions, "cli.md": commands, "schema.graphql": schema}


def main() -> None:
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8")
        print(f"docs/{name}", file=sys.stderr)


if __name__ == "__main__":
    main()
