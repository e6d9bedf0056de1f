"""An article that a person hands in enters; the edition that it became, and the record of who handed it in, leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from kg.articles import Options, load, sources
from kg.curation.record import Recorded, Refused, Signed, node_of, record
from kg.errors import ArticleError, KgError
from kg.gate import Violation, check
from kg.graph import short_hash
from kg.importer import import_sources
from kg.importer.work import HOUSE_READER, open_reader
from kg.mapping import to_graph
from kg.model import Article
from kg.store.base import Store
from kg.vocab import KG

LONGEST_URL = 2_000
Handed = list[tuple[str, bytes | ArticleError]]


@dataclass(frozen=True, slots=True)
class Text:
    """An article by its words (``text``) or by its web address alone (``url``), and what is known of it."""

    text: str | None = None
    url: str | None = None
    outlet: str | None = None
    published: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of it: the edition, "imported", "replaced", "unchanged" or "duplicate", and the record."""

    edition: str
    state: str
    statements: int
    warnings: tuple[str, ...]
    recorded: Recorded


def submit(store: Store, given: Text, signed: Signed, handed: Handed | None = None) -> Submitted:
    """Read, check, store and link one article, as ``kg import`` would, and record who handed it in.

    ``handed`` is what :func:`hand_in` returned, for callers that fetch before it is their turn to write.
    Raises Refused when it can't be taken, with the shapes' words where the gate refused it.
    """
    if not signed.reason.strip():
        raise Refused("The reason is blank; say why the article is handed in")
    try:
        options = Options(
            outlet=given.outlet,
            published=given.published,
            url=given.url,
            title=given.title,
            authors=given.authors,
            language=given.language,
        )
    except KgError as error:
        raise Refused(str(error)) from error
    pairs = handed if handed is not None else hand_in(given)
    report = import_sources(pairs, store=store, options=options)
    # What an earlier import was cut off from is taken up as well; ours are the last.
    mine = [one for one in report.outcomes if one.origin.startswith(pairs[0][0])] or report.outcomes[-1:]
    taken = [one for one in mine if one.state != "refused" and one.iri]
    if not taken:
        reasons = "; ".join(dict.fromkeys(one.reason or "refused" for one in mine)) or "There is no article in it"
        raise Refused(reasons, _violations(pairs, options, store.base_iri))
    edition = taken[0].iri
    assert edition is not None
    iri = record(store, KG.Submission, [(KG.submitted, node_of(edition, "edition"))], signed)
    store.publish()
    return Submitted(edition, taken[0].state, taken[0].statements, taken[0].warnings, Recorded(iri, store.version()))


def hand_in(given: Text, *, private: bool = False) -> Handed:
    """Return name and bytes of the article: its own words, else what stands at its address.

    ``private`` lets addresses of this machine and of private networks be fetched. Raises Refused when nothing was sent.
    """
    if given.text is not None:
        if not given.text.strip():
            raise Refused("The text is blank; send the article's words, or its url alone")
        # Two outlets may print one text word for word: they are two places, or the second would replace the first.
        place = short_hash(given.text, given.outlet or "", given.url or "")
        return [(f"text-{place}.txt", given.text.encode("utf-8", "surrogatepass"))]
    if not given.url:
        raise Refused("Neither text nor url was given; send one of them")
    if urlsplit(given.url).scheme not in ("http", "https") or len(given.url) > LONGEST_URL:
        raise Refused(f"The url is no address of the web (http or https, at most {LONGEST_URL:,} characters)")
    return list(sources([given.url], private=private))


def _violations(pairs: Iterable[tuple[str, bytes | ArticleError]], options: Options, base: str) -> list[Violation]:
    """Return what the gate has against the articles of a source; the journal keeps its words only."""
    found: list[Violation] = []
    for origin, raw in pairs:
        if isinstance(raw, KgError):
            continue
        for item in load(raw, origin=origin, options=options, base_iri=base):
            if isinstance(item, Article):
                try:
                    graph = to_graph(open_reader(HOUSE_READER).read(item))
                except KgError:
                    continue
                found += [one for one in check(graph).violations if one.severity == "violation"]
    return found
