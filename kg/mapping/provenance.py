"""An article and its run enter; the edition, the article, its authors and date, the run and its problems leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pyoxigraph import Literal, NamedNode, Triple

from kg.graph import literal
from kg.mapping.iris import Names, facts
from kg.mapping.times import span_triples
from kg.mapping.view import View
from kg.model import Article, Origin, Outlet, Problem, Published, Reading, Run
from kg.vocab import KG, RDF_TYPE, concept


def provenance_triples(reading: Reading, names: Names) -> Iterator[Triple]:
    yield from _edition(reading.article, names)
    yield from _article(reading, names)
    yield from _authors(reading.article, names)
    yield from _published(reading.article.published, names)
    yield from _run(reading.run, names)
    for position, problem in enumerate(reading.problems):
        yield from _problem(position, problem, names)


def publisher(reading: Reading, names: Names) -> NamedNode | None:
    """Return the source that the chains begin with; without a statement, the outlet that bears the article's name.

    None only where no source is an outlet: then there is nobody to name.
    """
    if reading.statements:
        return names.sources[reading.statements[0].chain[0].source]
    outlets = [source for source in reading.sources if source.kind == "outlet"]
    named = [source for source in outlets if reading.article.outlet and source.name == reading.article.outlet.name]
    # An outlet that nothing names is the reader's own publisher; a named one may be any outlet of the story.
    found = named or [source for source in outlets if source.name is None]
    return names.sources[found[0].key] if found else None


def _edition(article: Article, names: Names) -> Iterator[Triple]:
    return facts(
        names.edition,
        (RDF_TYPE, KG.Edition),
        (KG.editionOf, names.part("article")),
        (KG.text, literal(article.text)),
        (KG.sha256, literal(article.sha256)),
        (KG.language, _open(article.language)),
        (KG.languageOrigin, _open_origin(article.language_origin)),
        (KG.excerpt, literal(True) if article.excerpt else None),
        (KG.origin, _open(article.origin)),
        (KG.generatedBy, names.part("run")),
    )


def _article(reading: Reading, names: Names) -> Iterator[Triple]:
    article = reading.article
    outlet, published = article.outlet, article.published
    return facts(
        names.part("article"),
        (RDF_TYPE, KG.Article),
        (KG.inEdition, names.edition),
        (KG.title, _open(article.title)),
        (KG.titleSpan, names.open_mention(article.title_span)),
        (KG.titleOrigin, _open_origin(article.title_origin)),
        (KG.publisher, publisher(reading, names)),
        (KG.outletName, literal(outlet.name) if outlet else None),
        (KG.outletOrigin, concept("origin", outlet.origin) if outlet else None),
        (KG.published, names.part("published") if published else None),
        (KG.publishedOrigin, concept("origin", published.origin) if published else None),
        (KG.authorOrigin, _open_origin(article.authors_origin)),
        (KG.url, _open(article.url)),
    )


def _authors(article: Article, names: Names) -> Iterator[Triple]:
    for position, name in enumerate(article.authors):
        node = names.part(f"author={position}")
        yield Triple(names.part("article"), KG.author, node)
        yield from facts(
            node,
            (RDF_TYPE, KG.Person),
            (KG.inEdition, names.edition),
            (KG.name, literal(name)),
            (KG.position, literal(position)),
        )


def _published(published: Published | None, names: Names) -> Iterator[Triple]:
    if published:
        resolution = {"text": "explicit", "inferred": "inferred"}.get(published.origin, "metadata")
        yield from span_triples(names.part("published"), names, edtf=published.edtf, resolution=resolution)


def _run(run: Run, names: Names) -> Iterator[Triple]:
    return facts(
        names.part("run"),
        (RDF_TYPE, KG.ExtractionRun),
        (KG.inEdition, names.edition),
        (KG.reader, literal(run.reader)),
        (KG.version, literal(run.version)),
        (KG.model, _open(run.model)),
        (KG.modelVersion, _open(run.model_version)),
        (KG.modelSha256, _open(run.model_sha256)),
    )


def _problem(position: int, problem: Problem, names: Names) -> Iterator[Triple]:
    node = names.part(f"problem={position}")
    yield Triple(names.edition, KG.problem, node)
    yield from facts(
        node,
        (RDF_TYPE, KG.Problem),
        (KG.inEdition, names.edition),
        (KG.position, literal(position)),
        (KG.step, literal(problem.step)),
        (KG.message, literal(problem.message)),
        (KG.evidence, names.open_mention(problem.span)),
    )


def _open_origin(origin: Origin | None) -> NamedNode | None:
    return None if origin is None else concept("origin", origin)


def _open(value: str | None) -> Literal | None:
    return None if value is None else literal(value)


def read_article(view: View) -> Article:
    edition, article = view.edition, view.node(view.edition, KG.editionOf)
    outlet, published = view.open_text(article, KG.outletName), view.open_node(article, KG.published)
    return Article(
        iri=edition.value,
        text=view.text(edition, KG.text),
        sha256=view.text(edition, KG.sha256),
        title=view.open_text(article, KG.title),
        title_span=view.open_span(article, KG.titleSpan),
        outlet=None if outlet is None else Outlet(outlet, _origin(view, article, KG.outletOrigin)),
        authors=tuple(view.text(author, KG.name) for author in view.ordered(article, KG.author)),
        published=None
        if published is None
        else Published(view.text(published, KG.edtf), _origin(view, article, KG.publishedOrigin)),
        language=view.open_text(edition, KG.language),
        origin=view.open_text(edition, KG.origin),
        url=view.open_text(article, KG.url),
        title_origin=_known_origin(view, article, KG.titleOrigin),
        authors_origin=_known_origin(view, article, KG.authorOrigin),
        language_origin=_known_origin(view, edition, KG.languageOrigin),
        excerpt=view.open_text(edition, KG.excerpt) == "true",
    )


def _origin(view: View, article: NamedNode, predicate: NamedNode) -> Origin:
    return cast(Origin, view.concept(article, predicate, "origin"))


def _known_origin(view: View, node: NamedNode, predicate: NamedNode) -> Origin | None:
    return None if view.open_node(node, predicate) is None else _origin(view, node, predicate)


def read_run(view: View) -> Run:
    run = view.node(view.edition, KG.generatedBy)
    return Run(
        reader=view.text(run, KG.reader),
        version=view.text(run, KG.version),
        model=view.open_text(run, KG.model),
        model_version=view.open_text(run, KG.modelVersion),
        model_sha256=view.open_text(run, KG.modelSha256),
    )


def read_problems(view: View) -> tuple[Problem, ...]:
    return tuple(
        Problem(view.open_span(node, KG.evidence), view.text(node, KG.step), view.text(node, KG.message))
        for node in view.ordered(view.edition, KG.problem)
    )
