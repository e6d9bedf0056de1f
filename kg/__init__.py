"""On the Record: news articles in, a knowledge graph of who said what, on whose word, out.

The public names are imported when they are first asked for, so that ``import kg`` and ``kg --help`` cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Article": "kg.model",
    "Reading": "kg.model",
    "Source": "kg.model",
    "Statement": "kg.model",
    "Event": "kg.model",
    "Span": "kg.model",
    "KgError": "kg.errors",
    "load": "kg.articles",
    "read": "kg.reading",
    "to_graph": "kg.mapping",
    "open_store": "kg.store",
    "import_files": "kg.importer",
    "import_files_async": "kg.importer",
    "reread": "kg.importer",
    "Options": "kg.articles",
    "Plan": "kg.importer",
    "Bounds": "kg.importer",
    "ImportReport": "kg.importer",
    "Outcome": "kg.importer",
    "Progress": "kg.importer",
}
__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}; it has {', '.join(__all__)}")
