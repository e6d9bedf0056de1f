"""What the tests of formats share: bytes in, the articles and refusals that come of them out."""

from __future__ import annotations

from kg.articles import Options, load
from kg.errors import ArticleError
from kg.model import Article

STORY = (
    "The harbour of Port Alda will be sold in March, Mayor Ilse Brandt told reporters at the town hall on Monday.\n\n"
    "“We were never asked,” said Jon Vale, who speaks for the dockers, and he added that the union would go to court, "
    "as it had done in the spring, when the first plan came out.\n\n"
    "A senior official told the Harbour Post that the buyer had been chosen weeks ago, before any tender was announced."
)
PARAGRAPHS = STORY.split("\n\n")
HTML = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def articles(source: bytes, origin: str, **options: str) -> list[Article]:
    """Return the articles of these bytes; a refusal among them fails the test."""
    items = list(load(source, origin=origin, options=Options(**options)))  # type: ignore[arg-type]
    assert all(isinstance(item, Article) for item in items), [str(item) for item in items]
    return [item for item in items if isinstance(item, Article)]


def article(source: bytes, origin: str, **options: str) -> Article:
    found = articles(source, origin, **options)
    assert len(found) == 1, found
    return found[0]


def refusals(source: bytes, origin: str) -> list[str]:
    return [str(item) for item in load(source, origin=origin) if isinstance(item, ArticleError)]


def refusal(source: bytes, origin: str) -> str:
    """Return the one refusal; an article beside it fails the test."""
    items = list(load(source, origin=origin))
    assert [type(item) for item in items] == [ArticleError], [str(item)[:200] for item in items]
    return str(items[0])
