"""The settings of one process, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from kg.graph import BASE_IRI

DEFAULT_STORE = "./kg-store"


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside: ``KG_STORE``, ``KG_BASE``, ``KG_MODEL``, ``KG_GATE``, ``KG_TOKENS``."""

    store: str = DEFAULT_STORE
    base_iri: str = BASE_IRI
    model: str | None = None
    gate: str = "pyshacl"
    tokens: str | None = None  # a file of bearer tokens, in place of the one in the store's folder

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment; unset ones keep their defaults."""
        environment = os.environ if environment is None else environment
        return cls(
            store=environment.get("KG_STORE") or DEFAULT_STORE,
            base_iri=environment.get("KG_BASE") or BASE_IRI,
            model=environment.get("KG_MODEL") or None,
            gate=environment.get("KG_GATE") or "pyshacl",
            tokens=environment.get("KG_TOKENS") or None,
        )
