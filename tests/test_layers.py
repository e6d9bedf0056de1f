"""Who may import what: the architecture, read from the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GROUND = {
    "addresses",
    "vocab",
    "model",
    "graph",
    "errors",
    "resources",
    "settings",
    "record",
    "outlets",
    "dates",
    "lines",
    "names",
    "crash",
}
LEFT_BANK = {"articles", "reading", "mapping", "gate"}
MAY_IMPORT: dict[str, set[str]] = {
    "query": GROUND | {"store"},
    "linking": GROUND | {"store", "query"},
    "importer": GROUND | LEFT_BANK | {"linking", "store"},
    "curation": GROUND | {"articles", "gate", "importer", "linking", "mapping", "store"},
    "evaluation": GROUND | {"articles", "reading", "mapping", "linking", "store"},
    "writing": GROUND | {"gate", "linking", "store"},
    "api": GROUND | {"store", "query", "curation", "writing"},
}
ONLY_IN = {
    "rdflib": {"gate"},
    "pyshacl": {"gate"},
    "strawberry": {"api"},
    "starlette": {"api"},
    "uvicorn": {"api", "cli"},
    "spacy": {"reading"},
    "typer": {"cli"},
}


def modules() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "kg").rglob("*.py")):
        yield path, path.relative_to(ROOT / "kg").parts[0].removesuffix(".py")
    for path in sorted((ROOT / "api").rglob("*.py")):
        yield path, "api"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}, line {node.lineno}: write the import from the top, not relative"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("path", "stage"), [pytest.param(path, stage, id=str(path.relative_to(ROOT))) for path, stage in modules()]
)
def test_a_stage_knows_only_what_it_may(path: Path, stage: str) -> None:
    for name in imported(path):
        package, _, rest = name.partition(".")
        room = rest.split(".")[0]
        assert stage in ONLY_IN.get(package, {stage}), f"{package} belongs in {ONLY_IN[package]}"
        if package == "api":
            assert stage == "api", "kg names the app as a string and never imports api"
        if package != "kg" or room in ("", stage) or stage in ("cli", "__main__", "__init__"):
            continue
        assert room in MAY_IMPORT.get(stage, GROUND), f"{stage} must not import kg.{room}"


def test_the_ground_imports_only_the_ground() -> None:
    for path, stage in modules():
        if stage in GROUND:
            for name in imported(path):
                package, _, rest = name.partition(".")
                assert package != "kg" or rest.split(".")[0] in GROUND, f"{path.name} imports {name}"
