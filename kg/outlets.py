"""The table of outlets: a name, a URL or a text enters, the outlets meant by it leave.

The table is ``kg/outlets.tsv``; the environment variable KG_OUTLETS names a further one with the same columns, whose
rows win over ours. Columns: name, aliases (";"), weak (";": aliases that are everyday words, so never found in a
running text, only when they stand alone), domains (";"), country (ISO 3166-1 alpha-2, "" for none), kind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from kg.errors import LexiconError
from kg.model import Span
from kg.resources import table

OutletKind = Literal[
    "newspaper", "agency", "broadcaster", "state-broadcaster", "magazine", "website", "blog", "government"
]
_WORD = re.compile(r"[^\W_]+")
_THE = "The "
_SPACES = str.maketrans(dict.fromkeys("\t\n\r\x0b\x0c\xa0\u202f", " ") | {"’": "'"})


@dataclass(frozen=True, slots=True)
class OutletEntry:
    """One row of the table. ``aliases`` may be found in running text, ``weak`` ones only as a whole."""

    name: str
    aliases: tuple[str, ...]
    weak: tuple[str, ...]
    domains: tuple[str, ...]
    country: str
    kind: OutletKind


@dataclass(frozen=True, slots=True)
class Outlets:
    """The table, indexed. Make one with :func:`outlets`; the functions of this module use the house's own."""

    entries: tuple[OutletEntry, ...]
    names: Mapping[str, OutletEntry]
    domains: Mapping[str, OutletEntry]
    # first word after "The", in lower case -> the names that open with it, longest first
    firsts: Mapping[str, tuple[tuple[str, OutletEntry], ...]]


def by_domain(url: str) -> OutletEntry | None:
    """Return the outlet that a URL or host belongs to: the longest listed end of the host wins."""
    return _by_domain(url, outlets())


def by_name(text: str) -> OutletEntry | None:
    """Return the outlet whose name or alias this text is; case, "the" and the kind of apostrophe don't count."""
    return outlets().names.get(_key(text))


def find_names(text: str) -> list[tuple[Span, OutletEntry]]:
    """Find the names of outlets in a running text, "the" included where the table has it ("the Guardian").

    In text order, never overlapping, the longest name at each place; only capitalised words count, and weak aliases
    ("the Post") never do. Linear in the text.
    """
    known = outlets().firsts
    smooth = text.translate(_SPACES)
    found: list[tuple[Span, OutletEntry]] = []
    end = 0
    for word in _WORD.finditer(smooth):
        if word.start() < end or word.group()[0].islower():
            continue
        for name, entry in known.get(word.group().lower(), ()):
            start = word.start() - (len(_THE) if name.startswith(_THE) else 0)
            stop = start + len(name)
            if start >= end and _stands(smooth, start, stop, name):
                found.append((Span(start, stop), entry))
                end = stop
                break
    return found


def match_at(text: str, start: int) -> tuple[Span, OutletEntry] | None:
    """Return the outlet's name that begins at ``start``, or None."""
    found = find_names(text[start : start + 80])
    if found and found[0][0].start == 0:
        return Span(start, start + found[0][0].end), found[0][1]
    return None


@cache
def outlets() -> Outlets:
    """Return the house's table with the one of KG_OUTLETS added. Read once; raises LexiconError for a bad row."""
    rows = list(table(files("kg") / "outlets.tsv"))
    extra = os.environ.get("KG_OUTLETS")
    if extra:
        if not Path(extra).is_file():
            raise LexiconError(f"{extra}: there is no such file; KG_OUTLETS must name a table like kg/outlets.tsv")
        rows = [*table(Path(extra)), *rows]
    return index([_entry(row) for row in rows])


def index(entries: list[OutletEntry]) -> Outlets:
    """Index a table; of two rows that claim one name or domain the first wins."""
    names: dict[str, OutletEntry] = {}
    domains: dict[str, OutletEntry] = {}
    firsts: dict[str, dict[str, OutletEntry]] = {}
    for entry in entries:
        for name in (entry.name, *entry.aliases, *entry.weak):
            names.setdefault(_key(name), entry)
        for domain in entry.domains:
            domains.setdefault(domain, entry)
        for name in (entry.name, *entry.aliases):
            first = _WORD.search(name.removeprefix(_THE))
            if first is not None and name not in entry.weak:
                firsts.setdefault(first.group().lower(), {}).setdefault(name, entry)
    ordered = {
        first: tuple(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))
        for first, found in firsts.items()
    }
    return Outlets(tuple(entries), names, domains, ordered)


def _entry(row: dict[str, str]) -> OutletEntry:
    missing = {"name", "aliases", "weak", "domains", "country", "kind"} - row.keys()
    if missing:
        raise LexiconError(f"outlets table: the column {', '.join(sorted(missing))} is missing")
    kind = row["kind"]
    for known in get_args(OutletKind):
        if kind == known:
            return OutletEntry(
                row["name"], _cells(row["aliases"]), _cells(row["weak"]), _cells(row["domains"].lower()),
                row["country"], known,
            )  # fmt: skip
    raise LexiconError(
        f"outlets table: {row['name']} has the kind {kind!r}; it must be one of {', '.join(get_args(OutletKind))}"
    )


def _cells(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _key(name: str) -> str:
    words = " ".join(name.translate(_SPACES).lower().split())
    return words.removeprefix("the ") or words


def _by_domain(url: str, known: Outlets) -> OutletEntry | None:
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:  # "http://[" has no host
        return None
    parts = host.rstrip(".").split(".")
    return next((known.domains[end] for i in range(len(parts)) if (end := ".".join(parts[i:])) in known.domains), None)


def _stands(text: str, start: int, stop: int, name: str) -> bool:
    """Tell whether the name stands there as a name: whole words, capitals where the table has them ("the" aside)."""
    written = text[start:stop] if start >= 0 else ""
    if written.lower() != name.lower() or (start > 0 and text[start - 1].isalnum() and text[start].isalnum()):
        return False
    if stop < len(text) and name[-1].isalnum() and (text[stop].isalnum() or text[stop] == "_"):
        return False
    body = len(_THE) if name.startswith(_THE) else 0
    return all(w.isupper() or not n.isupper() for w, n in zip(written[body:], name[body:], strict=False))


# "(AP)", "(Reuters) -", "/TASS/"; "PORT ALDA, March 9, Meridian Press —" has its agency before the dash.
_TAGGED = re.compile(r"[(\[/]\s*([^()\[\]/\n]{2,40}?)\s*[)\]/]")
_OPENING = re.compile(r"^([^\n]{0,80}?)\s*(?:--|[—–]|\s-)\s")
_SET_OFF = (",", "|", "/", "–", "—", "-", "·", "By", "by", "from", "From", "via")
_CREDIT_LINES = 4
_LONGEST_CREDIT = 120


def agency_tag(text: str) -> tuple[Span, OutletEntry] | None:
    """Return the news agency that the first lines of a text credit with it, and where; None where none is.

    A tag in brackets ("PORT ALDA (AP) —", "/TASS/"), an agency that a dateline ends with, or a short line that names
    one ("By Ada Merrow, Reuters"). An agency that the story only speaks of ("Reuters reported on Monday") is none.
    Weak aliases ("PA") count in brackets only. Looks at the first four lines with words in them.
    """
    at = seen = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            seen += 1
            found = _credit(line)
            if found is not None:
                return Span(at + found[0].start, at + found[0].end), found[1]
            if seen == _CREDIT_LINES:
                break
        at += len(line)
    return None


def _credit(line: str) -> tuple[Span, OutletEntry] | None:
    opening = _OPENING.match(line)
    stop = opening.end() if opening else 60
    for tag in _TAGGED.finditer(line[: max(stop, 60)]):
        entry = by_name(tag.group(1).split(",")[0])
        if entry is not None and entry.kind == "agency":
            return Span(*tag.span(1)), entry
    is_short = len(line.strip()) <= _LONGEST_CREDIT and not line.strip().endswith((".", "!", "?", "”", '"', ":"))
    head = line if is_short else opening.group(1) if opening else ""
    for span, entry in reversed(find_names(head)):
        before, after = head[: span.start].rstrip(), head[span.end :].strip(" \t\r\n,.-–—|")
        # Alone or set off at the end; "Mayor sues Reuters" is a headline.
        if entry.kind == "agency" and not after and (not before or before.endswith(_SET_OFF)):
            return span, entry
    return None
