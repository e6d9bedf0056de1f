"""The wheel is complete: installed into an empty environment it imports an article and answers."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ARTICLE = (
    "Harbour was sold early\n\n"
    "PORT ALDA (MPA) — “Nothing was agreed,” Helena Brandvold told the Stellmark Courier on Monday.\n"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def environment(folder: Path, *, own_packages: bool) -> Path:
    """Make an empty environment; unless it has its own, it borrows the dependencies that are installed here.

    A .pth file is not followed from another .pth file, so the checkout itself (an editable install) is not borrowed.
    """
    subprocess.run([sys.executable, "-m", "venv", *([] if own_packages else ["--without-pip"]), folder], check=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not own_packages:
        site = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip
        Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def import_and_ask(python: Path, folder: Path) -> None:
    file = folder / "sold.txt"
    file.write_text(ARTICLE, encoding="utf-8")

    def kg(*words: str) -> str:
        done = subprocess.run(
            [python, "-m", "kg", *words], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    kg("import", "sold.txt", "--store", "store", "--outlet", "Alda Bay Gazette", "--published", "2026-03-09")
    assert "Nothing was agreed" in kg("query", "said_by", "--store", "store", "--format", "csv")
    where = subprocess.run(
        [python, "-c", "import kg, kg.resources as r; print(kg.__file__, r.folder('shapes'))"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where


def test_the_wheel_holds_ontology_shapes_queries_words_and_page(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "kg/ontology/kg.ttl", "kg/shapes/statement.ttl", "kg/queries/said_by.rq", "kg/reading/lexicon/en/cues.tsv",
        "kg/outlets.tsv", "kg/linking/sparql/statements.rq", "api/page/index.html",
    ):  # fmt: skip
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "examples/"))]


@pytest.mark.slow
def test_an_empty_environment_with_the_wheel_imports_an_article(wheel: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", own_packages=False)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
    )
    import_and_ask(python, tmp_path)


@pytest.mark.long
def test_the_lock_and_the_wheel_are_all_that_an_empty_environment_needs(wheel: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", own_packages=True)
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    import_and_ask(python, tmp_path)
