"""A graph enters, a Report leaves: what breaks a shape of ``shapes/``, in that shape's own words."""

from __future__ import annotations

from functools import cache

from kg.errors import UsageError
from kg.gate import rules
from kg.gate.report import Report, Severity, Violation
from kg.gate.shapes import EDITION, SHARED, Validator, Wording, files, wording
from kg.graph import ArticleGraph

__all__ = ["Report", "Severity", "Validator", "Violation", "Wording", "check", "check_shared", "open_engine"]

ENGINES = ("pyshacl", "fast")


def check(graph: ArticleGraph, *, validator: Validator | None = None) -> Report:
    """Check one edition's graph against ``shapes/`` and against the rules that SHACL Core can't say.

    Nothing is inferred, imported or fetched: the graph states every class itself. Warnings and infos let a graph pass
    and stay in the report. The shapes are parsed at the first call and kept; then the cost grows with the triples.
    """
    validator = validator or _pyshacl(EDITION)
    return Report.of([*validator.validate(graph), *rules.validate(graph, _wording(EDITION))])


def check_shared(graph: ArticleGraph, *, validator: Validator | None = None) -> Report:
    """Check what editions share: the linking, the curation or the runs graph, against ``shapes/linking.ttl``."""
    validator = validator or _pyshacl(SHARED)
    return Report.of(validator.validate(graph))


@cache
def open_engine(name: str = "pyshacl") -> Validator:
    """Return the engine for editions' graphs: ``pyshacl``, the reference, or ``fast`` (the extra of that name).

    Raises UsageError for another name, and where the extra is not installed.
    """
    if name == "pyshacl":
        return _pyshacl(EDITION)
    if name == "fast":
        from kg.gate.fast import FastFirst, FastShacl

        return FastFirst(FastShacl(files(EDITION)), lambda: _pyshacl(EDITION))
    raise UsageError(f"There is no gate {name!r}; there are {', '.join(ENGINES)}")


@cache
def _pyshacl(names: tuple[str, ...]) -> Validator:
    # pySHACL takes 0.2 s to import: only who checks pays for it.
    from kg.gate.engine import PyShacl

    return PyShacl(files(names))


@cache
def _wording(names: tuple[str, ...]) -> Wording:
    return wording(files(names))
