"""SPARQL text from strangers goes in; a QueryError comes out where it would crash the engine or reach the network.

The engine has no switch against SERVICE and LOAD, no time-out, and overflows its stack on 4.5 kB of ``{``. The limits
below stop every shape that was found to crash it (each needs more than 100 levels or 8,000 tokens on a stack of
8 MiB). The text is read as SPARQL's own grammar reads it (https://www.w3.org/TR/sparql11-query/#sparqlGrammar), so a
SERVICE inside a string, an IRI or a comment is no SERVICE, and one behind a comment or in any case is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import QueryError

LONGEST = 65_536  # characters
MOST_TOKENS = 8_000
DEEPEST = 100

_TOKEN = re.compile(
    r"""(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)"""
    # A run of plain characters is one step: a literal of 60,000 takes 0.2 ms.
    r'''|(?P<str>"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|'''
    r"""\'\'\'[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*\'\'\'|"""
    r"""\"[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*\"|'[^'\\\n\r]*(?:\\.[^'\\\n\r]*)*')"""
    r"""|(?P<com>\#[^\n\r]*)|(?P<var>[?$][\w·̀-ͯ]+)|(?P<pn>[\w\-.]*:(?:[\w\-.:%]|\\.)*)|(?P<lang>@[A-Za-z][\w-]*)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<open><<\(?|[{(\[])|(?P<close>\)?>>|[})\]])|(?P<ws>\s+)|(?P<num>\d[\d.eE]*)|(?P<op>.)""",
    re.DOTALL,
)
# SPARQL 1.1 decodes \uXXXX before it looks for keywords (section 19.2); Oxigraph does not, other engines do. Nobody
# needs to escape an ASCII letter, a quotation mark or a line feed in this way, other than to hide a word.
_ASCII_ESCAPE = re.compile(r"\\u00[0-7][0-9A-Fa-f]|\\U000000[0-7][0-9A-Fa-f]")

# No backslash in these: a text with one has no shape. A charset to start from keeps the search quick.
_HOLES = re.compile(
    r'''<[^<>"{}|^`\\\x00-\x20]*>|"""(?:(?:"|"")?[^"])*"""|'''
    r"""'''(?:(?:'|'')?[^'])*'''|"[^"\n\r]*"|'[^'\n\r]*'|\#[^\n\r]*|<<\(?"""
)
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")

# The engine wants no space between words: it reads "LOADSILENT <…>", "trueSERVICE <…>" and, where nothing else fits,
# "service:x" as SERVICE and the name ":x". So the words may not stand anywhere in a word or a prefix.
_CALL = re.compile("SERVICE|LOAD", re.IGNORECASE)
# What must stand somewhere in a text with a FROM: most texts need no second look at their tokens.
_FROM = re.compile(r"FROM\s*(?:<|#|NAMED|[\w.-]*:)", re.IGNORECASE)
_HIDING = {"word", "pn", "lang"}


def tokens(sparql: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of each token; white space and comments are left out. Linear in the text."""
    for kind, text, _ in places(sparql):
        yield kind, text


def places(sparql: str) -> Iterator[tuple[str, str, int]]:
    """Yield (kind, text, start) of each token, as :func:`tokens` does."""
    for match in _TOKEN.finditer(sparql):
        kind = match.lastgroup or "op"
        if kind not in ("ws", "com"):
            yield kind, match.group(), match.start()


def check(
    sparql: str, *, longest: int = LONGEST, most_tokens: int = MOST_TOKENS, deepest: int = DEEPEST
) -> list[tuple[str, str, int]]:
    """Refuse a query or update that calls SERVICE or LOAD, or is longer, richer or deeper than the bounds.

    Returns its tokens, as :func:`places` does. Says nothing about the syntax: that is the engine's task. About 20 kB in
    4 ms. Raises QueryError.
    """
    found: list[tuple[str, str, int]] = []
    if len(sparql) > longest:
        raise QueryError(f"The query has {len(sparql):,} characters; at most {longest:,} are taken")
    if escape := _ASCII_ESCAPE.search(sparql):
        raise QueryError(f"The query writes an ASCII character as {escape.group()}; write it as it is")
    depth = 0
    for token in places(sparql):
        kind, text, _ = token
        found.append(token)
        if len(found) > most_tokens:
            raise QueryError(f"The query has more than {most_tokens:,} words and signs; ask in parts")
        if kind in _HIDING and (call := _CALL.search(text.partition(":")[0] if kind == "pn" else text)):
            raise QueryError(
                f"{call.group().upper()} is not answered here: a query reads this store only"
                + (f"; give the prefix {text.partition(':')[0]}: another name" if kind == "pn" else "")
            )
        if kind == "open":
            depth += 1
        elif kind == "close":
            # A closing sign too many is a syntax error; it must not buy depth for what follows.
            depth = max(0, depth - 1)
        if depth > deepest:
            raise QueryError(f"The query is nested more than {deepest} levels deep")
    return found


def shape(sparql: str) -> str | None:
    """Return a query with a sign each for its strings, its comments and its IRIs; None when it has no shape.

    Texts of one shape have the same tokens, those aside, so :func:`check` and :func:`kg.store.wording.facts` say the
    same of all of them and of the shape itself. The three are found as :func:`tokens` finds them: nothing but a
    backslash, which has no shape, and ``<<`` brings one of their first characters into another token; a quotation mark
    that is left over could make a string of what stood between two, and has no shape either. Some ten times cheaper
    than reading the tokens.
    """
    if "\\" in sparql:
        return None
    found = _HOLES.sub(_sign, sparql)
    return None if '"' in found or "'" in found else found


def _sign(match: re.Match[str]) -> str:
    text = match.group()
    if text[0] == "#":
        return "#"
    if text[0] != "<":
        return "\x01"  # a sign that no IRI may hold
    if text[-1] != ">":
        return text  # "<<"
    return "<a:>" if _SCHEME.match(text) else "<>"


def has_dataset(sparql: str) -> bool:
    """Tell whether a query names its own dataset (FROM, FROM NAMED)."""
    if "FROM" not in sparql.upper() or not _FROM.search(sparql):
        return False
    return any(kind == "word" and text.upper() == "FROM" for kind, text in tokens(sparql))
