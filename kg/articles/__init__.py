"""Bytes enter, Articles leave: files, folders and standard input through formats that plug in by entry point.

    for item in collect(["news/", "-"], options=Options(published="2022-02-28"), base_iri=settings.base_iri):
        match item:
            case Article(): ...        # one article
            case RecordLine(): ...     # a line of a reading record; kg.record decodes it
            case ArticleError(): ...   # what could not be taken, and why; the rest goes on

A further format is an object like :class:`Format` in the entry-point group ``kg.formats``.
"""

from kg.articles.collect import collect, load, sources
from kg.articles.options import Options
from kg.articles.registry import Format, formats
from kg.articles.values import Item, RecordLine

__all__ = ["Format", "Item", "Options", "RecordLine", "collect", "formats", "load", "sources"]
