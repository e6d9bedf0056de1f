"""Markdown enters, the text that a reader sees leaves; the front matter before it becomes metadata."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from typing import Any

from kg.articles.fieldmap import map_of, metadata_of
from kg.articles.metadata import NO_METADATA, Metadata
from kg.errors import ArticleError

_FRONT = {"---": re.compile(r"\n(?:---|\.\.\.)[ \t]*(?:\n|$)"), "+++": re.compile(r"\n\+\+\+[ \t]*(?:\n|$)")}
_LONGEST_FRONT = 65_536
_KEY = re.compile(r"^[\w\"'-]{1,60}\s*[:=]", re.MULTILINE)
# All bounded, none nested: linear in the text.
_COMMENT = re.compile(r"<!--.{0,5000}?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,1000})\](?:\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?\)|\[[^\[\]\n]{0,200}\])"
)
_ADDRESS = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_EMPHASIS = re.compile(r"(?<![\w*_])(\*\*\*|\*\*|\*|___|__|_)(?=\S)([^*_\n]{1,2000}?)(?<=\S)\1(?![\w*_])")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_QUOTE = re.compile(r"^(?:>[ \t]?){1,5}", re.MULTILINE)
_DEFINITION = re.compile(r"^\[[^\[\]\n]{1,200}\]:[ \t]\S.*\n?", re.MULTILINE)
_SHORTCODE = re.compile(r"\{\{[<%][^{}\n]{0,1000}[%>]\}\}")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>-])")


def split_front_matter(text: str, *, origin: str) -> tuple[str, Metadata]:
    """Return the text behind the front matter, and what that says; a text without any is returned as it is.

    Raises ArticleError for front matter that is no YAML or TOML. YAML's anchors are refused: they can be made to
    unfold to gigabytes.
    """
    text = text.replace("\r\n", "\n")
    mark = text[:3]
    if mark not in _FRONT or text[3:].split("\n", 1)[0].strip():
        return text, NO_METADATA
    end = _FRONT[mark].search(text, 3, _LONGEST_FRONT)
    if end is None or _KEY.search(text, 3, end.start()) is None:
        return text, NO_METADATA
    words = text[3 : end.start()]
    data = _yaml(words, origin) if mark == "---" else _toml(words, origin)
    if not isinstance(data, dict):
        return text, NO_METADATA
    data = {str(key).lower(): _plain(value) for key, value in data.items()}
    return text[end.end() :].lstrip("\n"), metadata_of(data, map_of({}, None))


def strip_markdown(text: str) -> str:
    """Return Markdown without its marks: links and emphasis keep their words, images and comments go."""
    text = _COMMENT.sub("", text)
    text = _SHORTCODE.sub("", text)
    text = _DEFINITION.sub("", text)
    text = _IMAGE.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(r"\1", text)
    for _ in range(2):  # bold within italic
        text = _EMPHASIS.sub(r"\2", text)
    text = _HEADING.sub(r"\1", text)
    text = _QUOTE.sub("", text)
    return _ESCAPED.sub(r"\1", text)


def _yaml(words: str, origin: str) -> Any:
    import yaml

    class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml ships no types
        """Safe, and without anchors."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("it refers to anchors")
            return super().compose_node(parent, index)

    try:
        return yaml.load(words, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:200]
        raise ArticleError(f"{origin}: the front matter is no YAML ({why}); mend it or take it away") from None


def _toml(words: str, origin: str) -> Any:
    try:
        return tomllib.loads(words)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ArticleError(f"{origin}: the front matter is no TOML ({error}); mend it or take it away") from None


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: dates as ISO text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
