"""What the user says about articles whose files carry none; it wins over what a file says."""

from __future__ import annotations

from dataclasses import dataclass

from kg.articles.metadata import edtf_date, language_tag
from kg.errors import UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """Outlet, date, URL, title, authors and language of all articles of one call; unset ones come from the file.

    ``published`` is a day, month or year ("2022-02-27", "2022-02", "2022"); ``language`` a code ("en"). ``map`` says
    where the fields stand in JSON and CSV of another make (:mod:`kg.articles.fieldmap`). ``private`` lets addresses of
    private networks be fetched. Raises UsageError for others.
    """

    outlet: str | None = None
    published: str | None = None
    url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    map: str | None = None
    private: bool = False

    def __post_init__(self) -> None:
        if self.published is not None and edtf_date(self.published) is None:
            raise UsageError(f"--published: there is no date {self.published!r}; write it like 2022-02-27")
        if self.language is not None and language_tag(self.language) is None:
            raise UsageError(f"--language: {self.language!r} is no language code; write it like en")
        if self.map is not None:
            from kg.articles.fieldmap import parse_map

            parse_map(self.map)


NO_OPTIONS = Options()
