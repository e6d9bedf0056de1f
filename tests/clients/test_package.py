"""What the TypeScript example records about its packages."""

from __future__ import annotations

import json
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "clients" / "typescript-example"


def test_the_lock_pins_every_package_by_hash_and_names_no_other_registry() -> None:
    packages = json.loads((EXAMPLE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found = {name: package for name, package in packages.items() if name and not package.get("link")}
    assert len(found) > 100
    for name, package in found.items():
        assert package.get("integrity", "").startswith("sha512-"), name
        assert package.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/"), name


def test_the_compiler_is_strict() -> None:
    options = json.loads((EXAMPLE / "tsconfig.json").read_text(encoding="utf-8"))["compilerOptions"]
    assert options["strict"] is True
    assert options["noUncheckedIndexedAccess"] is True
    source = (EXAMPLE / "src" / "main.ts").read_text(encoding="utf-8")
    assert "any" not in source.replace("company", "").split()
    assert "@ts-" not in source
