"""Names and speakers as written enter, the article's sources leave: one a person, with every form and role."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise

from spacy.tokens import Token

from kg import outlets
from kg.model import Mention, MentionKind, Role, Source, SourceKind, Span
from kg.reading import cues
from kg.reading.draft import Draft, Paragraph
from kg.reading.names import Name, find_names, surname

ALIAS_GAP = re.compile(r"\s*[(\[]\s*(?:the\s+)?[“\"']?$")
BODIES = ("organization", "outlet", "channel")


@dataclass(slots=True, eq=False)
class Figure:
    """A source in the making.

    For resolving pronouns: ``subjects`` are the places where it is a clause's subject, ``leads`` where it is the
    subject of a whole sentence outside quotation marks.
    """

    kind: SourceKind
    name: str | None
    unnamed: bool = False
    number: int | None = None
    head: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    mentions: dict[Span, MentionKind] = field(default_factory=dict)
    subjects: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    gender: str = ""
    key: str = ""
    starts: list[int] = field(default_factory=list)

    def mention(self, span: Span, kind: MentionKind) -> None:
        if span not in self.mentions:
            self.mentions[span] = kind
            insort(self.starts, span.start)

    def last_before(self, place: int) -> int:
        """Return where it was last mentioned before a place; -1 if nowhere."""
        at = bisect_left(self.starts, place)
        return self.starts[at - 1] if at else -1

    @property
    def words(self) -> list[str]:
        return re.findall(r"[\w.&'’-]+", self.name or "")


class Cast:
    """All sources of one article while it is read; made once per article."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.text = draft.article.text
        self.where = {paragraph.span: number for number, paragraph in enumerate(draft.paragraphs)}
        outlet = draft.article.outlet
        self.publisher = Figure("outlet", outlet.name if outlet else None, key="o1")
        self.figures: list[Figure] = []
        self.at: dict[int, list[tuple[Span, Figure]]] = defaultdict(list)
        self._cast_names(find_names(draft))
        from kg.reading.roles import find_roles

        find_roles(self)

    def who(
        self,
        where: int,
        head: Token | None,
        span: Span | None,
        *,
        before: Figure | None = None,
        barred: Collection[Figure] = (),
    ) -> Figure | None:
        """Return the source that a noun phrase means; a new unnamed one where it means none that is known.

        ``before`` is the last speaker, whom a pronoun means rather than anybody else; never one of ``barred``.
        """
        from kg.reading.resolving import who

        return who(self, where, head, span, before=before, barred=barred)

    def outlet_at(self, where: int, token: Token) -> Figure | None:
        """Return the outlet that a token names, or describes ("state media"); None for anything else."""
        from kg.reading.resolving import outlet_at

        return outlet_at(self, where, token)

    def named_at(self, where: int, place: Span) -> Figure | None:
        return next((figure for span, figure in self.at.get(where, ()) if span.overlaps(place)), None)

    def token_at(self, paragraph: Paragraph, span: Span) -> Token | None:
        """Return the head of the tokens that a span covers."""
        assert paragraph.doc is not None
        piece = paragraph.doc.char_span(
            span.start - paragraph.span.start, span.end - paragraph.span.start, alignment_mode="expand"
        )
        return piece.root if piece is not None else None

    def _cast_names(self, names: list[Name]) -> None:
        aliases = self._aliases(names)
        full: dict[str, Figure] = {}
        for name in sorted(names, key=lambda name: (-len(name.words.split()), name.span)):
            longer = aliases.get(name.words)
            figure = self._known(name, full)
            if figure is None and longer is not None:
                figure = full.get(_key(longer.kind, longer.words))
            if figure is None:
                figure = Figure(name.kind, name.words, head=name.words.split()[-1].lower())
                self.figures.append(figure)
            full.setdefault(_key(name.kind, name.words), figure)
            figure.mention(name.span, "name")
            if figure.kind == "person" and not figure.gender:
                figure.gender = self._gender(name)
            self.at[name.where].append((name.span, figure))
        for places in self.at.values():
            places.sort(key=lambda place: place[0])
        self.figures.sort(key=lambda figure: min(figure.mentions))
        for where, places in self.at.items():
            for span, figure in places:
                token = self.token_at(self.draft.paragraphs[where], span)
                if token is not None and token.dep_ in ("nsubj", "nsubjpass"):
                    figure.subjects.append(span.start)
                    if token.head.dep_ == "ROOT" and not any(quote.span.overlaps(span) for quote in self.draft.quotes):
                        figure.leads.append(span.start)

    def _aliases(self, names: list[Name]) -> dict[str, Name]:
        """Return the short names given in brackets: "Fathom Bay Port Authority (FBPA)"."""
        found: dict[str, Name] = {}
        ordered = sorted(names, key=lambda name: name.span)
        for one, other in pairwise(ordered):
            between = self.text[one.span.end : other.span.start]
            if ALIAS_GAP.fullmatch(between) and one.kind in BODIES and re.fullmatch(r"[A-Z][\w.&-]{1,9}", other.words):
                found.setdefault(other.words, one)
        return found

    def _known(self, name: Name, full: dict[str, Figure]) -> Figure | None:
        """Return the figure that a name means already: the same words, a surname, a short or an outlet's other name."""
        publisher = self.publisher.name
        if name.kind in BODIES and self.is_publisher(name.words):
            return self.publisher
        if name.kind == "outlet":
            entry = outlets.by_name(name.words)
            if publisher and (_same_outlet(name.words, publisher) or (entry and outlets.by_name(publisher) is entry)):
                return self.publisher
            if entry is not None:
                for figure in self.figures:
                    if figure.kind == "outlet" and figure.name and outlets.by_name(figure.name) is entry:
                        return figure
        same = full.get(_key(name.kind, name.words))
        if same is not None:
            return same
        words = name.words.split()
        if name.kind == "person":
            holders = _distinct(
                f
                for f in full.values()
                if f.kind == "person" and len(f.words) > len(words) and _is_part(words, f.words)
            )
            # Two holders of one surname: the one that was named last.
            return max(holders, key=lambda figure: figure.last_before(name.span.start), default=None)
        if name.kind == "organization":
            bodies = _distinct(f for f in full.values() if f.kind in BODIES)
            if re.fullmatch(r"[A-Z]{2,6}", name.words):
                return next((f for f in bodies if f.name and _initials(f.name) == name.words), None)
            holders = [f for f in bodies if len(f.words) > len(words) and _stands_in(words, f.words)]
            if len(holders) == 1 and (
                len(words) > 1
                or words[0].lower() in cues.naming(self.draft.language, "body")
                or holders[0].words[0] == words[0]
            ):
                return holders[0]
        return None

    def _gender(self, name: Name) -> str:
        """Return "m" or "f" where a first name, or the courtesy or office before a name, tells it."""
        before = self.text[max(0, name.span.start - 30) : name.span.start].rpartition("\n")[2].split()[-1:]
        language = self.draft.language
        return cues.gender_of(before, language) or cues.gender_of(name.words.split(), language)

    def is_publisher(self, words: str) -> bool:
        """Tell whether words name the publisher shortly: by its initials, or by its last words ("told the Courier").

        Not where the article names another body that the words are short for, or where they are in the outlets' table.
        """
        plain, long = _plain_words(words), _plain_words(self.publisher.name or "")
        if words.isupper() and words.isalpha() and len(words) > 2:
            return words == "".join(word[0].upper() for word in long)
        if not plain or len(plain) >= len(long) or long[-len(plain) :] != plain or outlets.by_name(words) is not None:
            return False
        others = [_plain_words(f.name or "") for f in self.figures if f is not self.publisher and f.kind in BODIES]
        return not any(len(other) > len(plain) and other[-len(plain) :] == plain for other in others)

    def sources(self, used: set[int]) -> tuple[Source, ...]:
        """Number the sources in text order and return them; places that nothing speaks from are kept for events."""
        self.figures.sort(key=lambda figure: min(figure.mentions, default=Span(0, 0)))
        made = [source_of(self.publisher)]
        taken: set[Span] = set(self.publisher.mentions)
        number = 0
        for figure in self.figures:
            if figure is self.publisher:
                continue
            for span in [span for span in figure.mentions if span in taken]:
                del figure.mentions[span]
            taken |= set(figure.mentions)
            number += 1
            figure.key = f"a{number}"
            made.append(source_of(figure))
        return tuple(made)


def source_of(figure: Figure) -> Source:
    mentions = tuple(Mention(span, kind) for span, kind in sorted(figure.mentions.items(), key=lambda item: item[0]))
    roles = tuple(sorted(figure.roles.values(), key=lambda role: role.span or Span(0, 0)))
    return Source(figure.key, figure.kind, figure.name, figure.unnamed, figure.number, roles, mentions)


def _key(kind: SourceKind, words: str) -> str:
    plain = re.sub(r"^the ", "", re.sub(r"[.,'’]", "", words.lower()))
    return f"{'body' if kind in BODIES else kind}:{plain}"


def _distinct(figures: object) -> list[Figure]:
    seen: list[Figure] = []
    for figure in figures:  # type: ignore[attr-defined]
        if not any(figure is other for other in seen):
            seen.append(figure)
    return seen


def _is_part(words: list[str], full: list[str]) -> bool:
    """Tell whether words can be short for a person's name: its surname, or its first name alone."""
    lower = [word.lower() for word in full]
    return all(word.lower() in lower for word in words) and (
        words[-1].lower() in (lower[-1], surname(" ".join(lower))) or (len(words) == 1 and words[0].lower() == lower[0])
    )


def _stands_in(words: list[str], full: list[str]) -> bool:
    """Tell whether words stand in a longer name in a row."""
    return any(full[i : i + len(words)] == words for i in range(len(full) - len(words) + 1))


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", name) if word[0].isupper())


def _plain_words(name: str) -> list[str]:
    return re.sub(r"^the ", "", re.sub(r"\W+", " ", name.lower()).strip()).split()


def _same_outlet(one: str, other: str) -> bool:
    return _plain_words(one) == _plain_words(other)
