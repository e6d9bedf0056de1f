"""An entry of a feed enters: its text, whether that is an excerpt, and its metadata leave."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from kg import outlets
from kg.articles.markup import plain_text
from kg.articles.metadata import NO_METADATA, Metadata
from kg.errors import ArticleError

# How feeds end what they cut.
_CUT = re.compile(
    r"(?:\.\.\.|…|\[(?:…|\.\.\.|&hellip;|\+\d+ chars)\]|(?:read (?:more|on|the full [\w ]{1,20})|continue reading"
    r"|weiterlesen|lire la suite|leer más|full (?:story|article))\W{0,20}[^\n]{0,120})\s*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_EVERYWHERE = re.compile(r"(?:https?://[^\s/]\S*|tag:\S+|urn:\w\S+)\Z", re.IGNORECASE)
_SHORT = 250  # characters: a brief is longer, a teaser shorter


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed gives of one article: ``content`` is meant to be whole, ``summary`` is not."""

    content: str | None
    summary: str | None
    metadata: Metadata = NO_METADATA


def entry_article(entry: Entry, origin: str) -> tuple[str, bool, Metadata]:
    """Return text, excerpt or not, and metadata of an entry.

    Content is an excerpt where it ends as if cut ("Read more", "[…]"), and a summary always is. The feed's title is
    the outlet only where the table of outlets does not know the address. Raises ArticleError for an entry without text.
    """
    content = plain_text(entry.content).strip() if entry.content else ""
    summary = plain_text(entry.summary).strip() if entry.summary else ""
    text = content if len(content) >= len(summary) else summary
    metadata = _metadata(entry.metadata)
    if not text or text == metadata.title:
        page = f"; import its page: kg import {metadata.url}" if metadata.url else "; give the article itself"
        raise ArticleError(f"{origin}: the entry holds a headline and no text{page}")
    excerpt = text is not content or len(text) < _SHORT or _CUT.search(text[-300:]) is not None
    return text, excerpt, metadata


def entry_url(guid: str | None, *, feed: str | None) -> str | None:
    """Return the address of an entry that has none but a guid; the same entry of the same feed has the same one.

    A guid that is an address, a tag or a URN means the same everywhere (RFC 4287, 4.2.6); any other is unique in its
    feed alone (RSS 2.0) and is put behind the feed's address. None where neither is known.
    """
    guid = (guid or "").strip()
    if _EVERYWHERE.match(guid):
        return guid
    return f"{feed.partition('#')[0]}#{quote(guid, safe='')}" if guid and feed else None


def feed_url(*said: object) -> str | None:
    """Return the first of what may be a feed's address that is one."""
    return next((one.strip() for one in said if isinstance(one, str) and _ADDRESS.match(one.strip())), None)


def is_address(value: object) -> bool:
    """Tell whether a value is a web address."""
    return isinstance(value, str) and _ADDRESS.match(value.strip()) is not None


def _metadata(said: Metadata) -> Metadata:
    title = " ".join(plain_text(said.title).split())[:500] if said.title else None
    entry = outlets.by_domain(said.url) if said.url and _host(said.url) else None
    outlet = entry.name if entry else (" ".join(plain_text(said.outlet).split())[:200] if said.outlet else None)
    return replace(said, title=title or None, outlet=outlet or None)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
