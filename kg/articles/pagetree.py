"""The bytes of a web page enter, its tree leaves: decoded, bounded, and cleaned of what is never read."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from kg.articles import bounds
from kg.errors import ArticleError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(
    rb"""<meta[^<>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]{1,40})|encoding\s*=\s*["']([\w:.-]{1,40})""", re.I
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What browsers read instead of what pages say (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "iso-8859-9": "cp1254",
}  # fmt: skip
# A page that is UTF-8 but for a few bytes (a widget in Latin-1) is still UTF-8.
_FEW = 0.002
# The extractor is quadratic in elements: 15,000 take it half a second. The richest of 75 real pages has 2,600.
MOST_ELEMENTS = 15_000
_MOST_TAGS = 200_000
# Never read, with all that stands in them.
_SILENT = (
    "script", "style", "svg", "template", "iframe", "object", "embed", "canvas", "noscript", "math", "select",
    "textarea", "button", "input", "video", "audio", "map", "applet", "frameset", "dialog", "datalist",
)  # fmt: skip
# Their words stay, they go: they say nothing of where a story begins and ends.
_INLINE = (
    "span", "font", "b", "i", "em", "strong", "u", "small", "big", "sup", "sub", "mark", "abbr", "acronym", "cite",
    "code", "tt", "s", "strike", "ins", "bdi", "bdo", "wbr", "label", "data", "var", "kbd", "samp", "nobr", "center",
    "dfn", "output", "meter", "progress", "picture", "source", "g-emoji",
)  # fmt: skip


def decode_page(source: bytes) -> str:
    """Return a page as text: by its byte order mark, else UTF-8, else what it says, else Windows-1252; never raises.

    What it says comes second: pages that are UTF-8 and say something else are common, the reverse can't pass for it.
    """
    for mark, encoding in _BOMS:
        if source.startswith(mark):
            return source[len(mark) :].decode(encoding, errors="replace")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = _CHARSET.search(source[:8192])
    said = (found.group(1) or found.group(2)).decode("ascii", "replace").lower() if found else "cp1252"
    try:
        encoding = codecs.lookup(_MEANT.get(said, said)).name
    except LookupError:
        encoding = "cp1252"
    if encoding == "utf-8" and source.decode("utf-8", "replace").count("\ufffd") > max(3, len(source) * _FEW):
        encoding = "cp1252"
    return source.decode(encoding, errors="replace")


def parse_page(text: str, *, origin: str) -> HtmlElement:
    """Return the tree of a page; raises ArticleError for one that is too large or holds nothing.

    The parser builds 256 levels and no more. Control characters are blanks to it.
    """
    from lxml import etree
    from lxml import html as lxml_html

    bounds.check(len(text), bounds.PAGE, origin=origin, what="a page", way_out="save its text as a file")
    bounds.check(
        text.count("<"), _MOST_TAGS, origin=origin, what="a page", way_out="save its text as a file", unit="tags"
    )
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = lxml_html.document_fromstring(
            re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", text).encode("utf-8", "replace"), parser=parser
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise ArticleError(f"{origin}: this page can't be read ({error}); save its text as a file") from None
    return tree


def clean_tree(tree: HtmlElement, *, origin: str) -> HtmlElement:
    """Take away, in place, what is never read; inline elements leave their words. Returns the same tree.

    Raises ArticleError when more elements are left than any real page has.
    """
    from lxml import etree

    etree.strip_elements(tree, *_SILENT, with_tail=False)
    for quote in tree.iter("q"):  # browsers draw the marks
        quote.text = "“" + (quote.text or "")
        last = quote[-1] if len(quote) else None
        if last is not None:
            last.tail = (last.tail or "") + "”"
        else:
            quote.text += "”"
    etree.strip_tags(tree, "q", *_INLINE)
    count = sum(1 for _ in tree.iter())
    if count > MOST_ELEMENTS:
        raise ArticleError(
            f"{origin}: {count:,} elements are more than the {MOST_ELEMENTS:,} that a page may have; "
            "save its text as a file"
        )
    return tree
