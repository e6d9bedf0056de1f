"""The folders ``ontology`` and ``shapes``, of a wheel or of the checkout it came from."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def folder(name: str) -> Traversable:
    """Return the ``ontology`` or ``shapes`` folder of a wheel, or of the checkout it came from."""
    shipped = files("kg") / name
    return shipped if shipped.is_dir() else Path(__file__).parents[1] / name
