"""Marked-up text enters (a feed's entry, a JSON body, NITF), plain paragraphs leave: one line each, a blank between."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from kg.articles import bounds
from kg.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAG = re.compile(
    r"</?(?:p|div|br|ul|ol|li|h[1-6]|hl[12]|a|b|i|em|strong|span|section|article|blockquote|img|table|tr|td|figure|font|"
    r"nitf|body(?:\.content)?|html|main|header|sup|sub|small|u|q|cite|hr|pre|dl|dt|dd|!--)\b[^<>]{0,2000}>|<!--|<!\[CDATA\[",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "body.content",
        "body.end",
        "body.head",
        "block",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hedline",
        "hl1",
        "hl2",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "byline",
        "dateline",
        "abstract",
        "note",
    ]
)
# What is no text to read, with all that stands in it.
_SILENT = frozenset(
    [
        "applet",
        "audio",
        "button",
        "canvas",
        "embed",
        "form",
        "head",
        "iframe",
        "input",
        "math",
        "media",
        "media-caption",
        "media-reference",
        "nav",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "video",
        "figcaption",
    ]
)
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2007\u202f]+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def is_markup(value: str) -> bool:
    """Tell whether a string is HTML or the like: it holds a known tag."""
    return _TAG.search(value) is not None


def plain_text(value: str) -> str:
    """Return a string's text: of HTML its paragraphs, of plain text itself, with character references resolved."""
    if is_markup(value):
        return markup_text(value)
    return html.unescape(value) if _REFERENCE.search(value) else value


def markup_text(source: str, *, origin: str = "markup") -> str:
    """Return the paragraphs of HTML or NITF, a blank line between them; a line break stays one.

    Scripts, forms, captions and other silent elements are left out. Linear in the source, up to ``bounds.PAGE``
    characters; nesting beyond 256 levels is cut by the parser. Raises ArticleError for a longer one.
    """
    bounds.check(len(source), bounds.PAGE, origin=origin, what="a page", way_out="split it")
    from lxml import etree

    root = etree.HTML(_without_declaration(source), parser=etree.HTMLParser(huge_tree=False, remove_pis=True))
    return "" if root is None else element_text(root)


def element_text(root: _Element) -> str:
    """Return the paragraphs of a parsed element."""
    return "\n\n".join(paragraphs(root))


def paragraphs(root: _Element) -> list[str]:
    """Return the paragraphs of a parsed element in order, without empty ones.

    Text without any block element is cut at its blank lines: so feeds mark paragraphs.
    """
    from lxml import etree

    found: list[list[str]] = [[]]
    blocks, silent = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi") or not isinstance(element.tag, str):
            if not silent and element.tail:
                found[-1].append(element.tail)
            continue
        tag = element.tag.rpartition("}")[2].lower()
        if event == "start":
            silent += tag in _SILENT
            if silent:
                continue
            if tag in _BLOCKS:
                blocks += tag not in ("html", "body", "nitf")
                found.append([])
            elif tag == "br":
                found[-1].append("\x00")
            if element.text:
                found[-1].append(element.text)
        else:
            if tag in _BLOCKS and not silent:
                found.append([])
            silent -= tag in _SILENT
            if element is not root and not silent and element.tail:
                found[-1].append(element.tail)
    pieces = ["".join(parts) for parts in found]
    if not blocks:
        pieces = [piece for part in pieces for piece in _BLANK_LINE.split(part)]
    return [paragraph for piece in pieces for paragraph in _lines(piece)]


def _lines(piece: str) -> list[str]:
    """Return a block's text as paragraphs: two line breaks in a row part them, one stays."""
    parts = re.split(r"\x00[\s\x00]*\x00", piece)
    lines = ["\n".join(_SPACES.sub(" ", line).strip() for line in part.split("\x00")).strip() for part in parts]
    return [line for line in lines if line]


def _without_declaration(source: str) -> str:
    """Take away an XML declaration: lxml refuses one that names an encoding in decoded text."""
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", source).replace("\x00", "\ufffd") or " "


def parse_xml(source: bytes, *, origin: str) -> Any:
    """Return the root of an XML document; entities, DTDs and the network are off.

    Raises ArticleError with the line for what is not well-formed, too long or nested too deep.
    """
    bounds.check(len(source), bounds.DOCUMENT, origin=origin, what="one XML document", way_out="split it")
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        return etree.fromstring(source.strip(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise ArticleError(f"{origin}, line {line}: this is no well-formed XML ({error.msg}); mend it") from None


def root_name(source: bytes) -> tuple[str, str]:
    """Return the name of the first element of XML or HTML in lower case, and the namespaces that it names.

    Reads the start of the source only, as bytes, and parses nothing.
    """
    start = source[:65_536]
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if start.startswith(mark):
            start = start[2:].decode(encoding, errors="replace").encode()
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    while True:
        skipped = re.match(
            rb"<\?.{0,2000}?\?>\s*|<!--.{0,20000}?-->\s*|<!DOCTYPE[^<>\[]{0,2000}(?:\[.{0,20000}?\]\s*)?>\s*",
            start,
            _SKIP,
        )
        if skipped is None:
            break
        start = start[skipped.end() :]
    found = re.match(rb"<([A-Za-z_][\w.:-]{0,60})([^<>]{0,8000})", start)
    if found is None:
        return "", ""
    names = b" ".join(re.findall(rb"xmlns(?::\w+)?\s*=\s*[\"']([^\"']{0,300})", found.group(2)))
    return found.group(1).decode().rpartition(":")[2].lower(), names.decode("utf-8", "replace")


_SKIP = re.DOTALL | re.IGNORECASE
