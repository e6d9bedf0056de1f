"""Bytes enter, Articles leave: files, folders, addresses and standard input, in formats that plug in by entry point.

    for item in collect(["news/", "-"], options=Options(published="2022-02-28"), base_iri=settings.base_iri):
        match item:
            case Article(): ...        # one article
            case RecordLine(): ...     # a line of a reading record; kg.record decodes it
            case ArticleError(): ...   # what could not be taken, and why; the rest goes on

A further format is an object like :class:`Format` (or :class:`Container`) in the entry-point group ``kg.formats``;
docs/formats.md has an example.
"""

from kg.articles.build import build
from kg.articles.collect import collect, load, sources
from kg.articles.metadata import Metadata
from kg.articles.options import Options
from kg.articles.registry import Container, Format, formats
from kg.articles.values import Given, Inner, Item, RecordLine

__all__ = [
    "Container", "Format", "Given", "Inner", "Item", "Metadata", "Options", "RecordLine", "build", "collect", "formats",
    "load", "sources",
]  # fmt: skip
