"""The errors of the project: each names the place, the fact and the way out."""

from __future__ import annotations


class KgError(Exception):
    """Base of all errors that a user can mend. ``exit_status`` is for the shell, ``http_status`` for the server."""

    exit_status = 1
    http_status = 400


class UsageError(KgError):
    """The command or call was put together wrongly."""

    exit_status = 2


class ArticleError(KgError):
    """A file or an article in it can't be taken; the message names file, line or byte."""


class RecordError(KgError):
    """A reading record breaks a rule of the record; the message names the path inside it."""


class LexiconError(KgError):
    """Two lines of a lexicon contradict each other, or a line has the wrong columns."""


class ModelError(KgError):
    """The language model that the settings name is not installed."""


class StoreError(KgError):
    """A store can't be opened, read or written."""

    http_status = 503


class StoreBusy(StoreError):
    """Another writer holds the store; the same call will do later."""


class QueryError(KgError):
    """A query or its parameters are wrong."""


class NotFound(KgError):
    """Nothing has this name here."""

    http_status = 404
