"""The description of a question, or of all, enters; a page that documents it, and takes its parameters, leaves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from kg.query import Description

MOST_ROWS = 500  # of an answer that a page shows; the other formats give all

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · On the Record</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<header class="top"><div class="top-inner">
<a class="brand" href="/"><span class="brand-mark" aria-hidden="true">“</span>On the Record</a>
<nav aria-label="Sections"><a href="/queries">Questions</a><a href="/#/sparql">SPARQL</a></nav>
</div></header>
<main id="main">
{body}
</main>
</body>
</html>
"""


def listing(all_of_them: Iterable[Description]) -> bytes:
    """Return the page that lists the questions, each with the way to its own page."""
    items = "".join(
        f'<li><a href="/queries/{escape(one.name)}">{escape(one.question)}</a> '
        f'<p class="where"><code>{escape(one.name)}</code>{_told(one)}</p></li>'
        for one in all_of_them
    )
    return _page("Questions", f'<h1>Questions</h1>\n<ul class="list">{items}</ul>')


def _told(one: Description) -> str:
    return f" takes {escape(', '.join(param.name for param in one.params))}" if one.params else ""


def about(one: Description, sparql: str, given: Mapping[str, Sequence[str]], rows: str | None) -> bytes:
    """Return a question's page: what it asks and takes, its SPARQL, and, when ``rows`` (CSV) is given, its answer."""
    fields = "".join(
        f'<label class="wide">{escape(param.name)} ({escape(param.type)})'
        f'<input name="{escape(param.name)}" value="{escape(" ".join(given.get(param.name, ())))}" '
        f'placeholder="{escape(param.about)}"></label>'
        for param in one.params
    )
    form = f'<form class="controls" method="get">{fields}<button name="ask" value="1">Ask</button></form>'
    columns = ", ".join(f"<code>{escape(column)}</code>" for column in one.columns)
    parts = [
        f'<p class="kicker"><a href="/queries">Questions</a></p>\n<h1>{escape(one.question)}</h1>',
        f'<p class="where"><code>{escape(one.name)}</code>; answers with {columns}</p>' if columns else "",
        form,
        _table(rows) if rows is not None else "",
        "<h2>For programs</h2>",
        f"<p><code>GET /queries/{escape(one.name)}{escape(_example(one))}</code> with <code>Accept: text/csv</code>, "
        "<code>application/sparql-results+json</code> and the other formats of SPARQL results; "
        "<code>application/sparql-query</code> gets the query below with the parameters filled in. "
        "A parameter may stand several times; left out, it means any.</p>",
        f"<pre>{escape(sparql)}</pre>",
    ]
    return _page(one.question, "\n".join(part for part in parts if part))


def _example(one: Description) -> str:
    return f"?{one.params[0].name}=…" if one.params else ""


def _table(rows: str) -> str:
    reader = csv.reader(io.StringIO(rows, newline=""))
    head = next(reader, [])
    shown = list(islice(reader, MOST_ROWS + 1))
    more = len(shown) > MOST_ROWS
    body = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in shown[:MOST_ROWS])
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    count = f"the first {MOST_ROWS:,} rows" if more else f"{len(shown):,} {'row' if len(shown) == 1 else 'rows'}"
    return (
        f'<p class="total">{count}</p>\n<div class="scroll"><table><thead><tr>{names}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: str) -> str:
    """Return a cell; a web address in it can be followed, and nothing else is ever a link."""
    if urlsplit(value).scheme in ("http", "https") and " " not in value:
        return f'<a href="{escape(value)}" rel="nofollow">{escape(value)}</a>'
    return escape(value)


def _page(title: str, body: str) -> bytes:
    return _FRAME.format(title=escape(title), body=body).encode()
