"""NITF enters, its Article leaves; https://iptc.org/std/NITF/3.6/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.articles.build import build
from kg.articles.markup import element_text, parse_xml, root_name
from kg.articles.metadata import Metadata, names_of
from kg.articles.values import Given, Item
from kg.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element


@dataclass(frozen=True, slots=True)
class NitfFormat:
    """Files of one article."""

    name: str = "nitf"
    suffixes: tuple[str, ...] = (".nitf",)

    def sniff(self, source: bytes, origin: str) -> bool:
        return root_name(source)[0] == "nitf"

    def load(self, source: bytes, given: Given) -> Iterator[Item]:
        try:
            root = parse_xml(source, origin=given.origin)
            text, metadata = nitf_article(root, given.origin)
            yield build(text, given, metadata)
        except ArticleError as error:
            yield error


FORMAT = NitfFormat()


def nitf_article(root: _Element, origin: str) -> tuple[str, Metadata]:
    """Return the text of body.content and what body.head and docdata say; raise ArticleError without a text."""
    content = first(root, "body.content")
    text = element_text(content) if content is not None else ""
    if not text:
        raise ArticleError(f"{origin}: its body.content holds no text; give an item with a story in it")
    issued = attribute(root, "date.issue", "norm") or attribute(root, "story.date", "norm")
    return text, Metadata(
        outlet=attribute(root, "pubdata", "name") or words(first(root, "distributor")),
        published=issued or attribute(root, "pubdata", "date.publication"),
        url=attribute(root, "pubdata", "ex-ref") or attribute(root, "doc-id", "id-string"),
        title=words(first(root, "hl1")) or words(first(root, "hedline")) or words(first(root, "title")),
        authors=tuple(name for line in every(root, "byline") for name in names_of(_byline(line))),
        language=attribute(root, "body", "{http://www.w3.org/XML/1998/namespace}lang"),
    )


def _byline(line: _Element) -> str:
    """Return the people of a byline; "<byttl>Staff Reporter</byttl>" is no name."""
    people = [words(person) or "" for person in every(line, "person")]
    titles = [words(title) or "" for title in every(line, "byttl")]
    name = ", ".join(people) or words(line) or ""
    for title in titles:
        name = name.replace(title, "")
    return name.strip(" ,;")


def every(root: _Element, name: str) -> list[_Element]:
    """Return the elements of this local name, whatever their namespace, in document order."""
    return [one for one in root.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name]


def first(root: _Element | None, *path: str) -> _Element | None:
    """Return the first element down this path of local names; each name may lie any depth below the one before."""
    for name in path:
        if root is None:
            return None
        found = every(root, name)
        root = next((one for one in found if one is not root), found[0] if found else None)
    return root


def words(element: _Element | None) -> str | None:
    """Return an element's text on one line, None when there is none."""
    if element is None:
        return None
    return " ".join("".join(str(part) for part in element.itertext()).split())[:1000] or None


def attribute(root: _Element, name: str, key: str) -> str | None:
    """Return this attribute of the first element of this local name that has it."""
    return next((value.strip() for one in every(root, name) if (value := one.get(key)) and value.strip()), None)
