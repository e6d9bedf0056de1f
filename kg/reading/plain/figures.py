"""Noun phrases enter, the article's sources leave: one a person, by name, surname, role noun and pronoun."""

from __future__ import annotations

from kg import outlets
from kg.model import Role, RoleStatus, Source, SourceKind, Span
from kg.reading.actors import Figure, source_of
from kg.reading.draft import Draft
from kg.reading.plain.phrases import Phrase
from kg.reading.plain.words import Words


class Figures:
    """The sources of one article while it is read without a parse; made once per article."""

    def __init__(self, draft: Draft, words: Words) -> None:
        self._text = draft.article.text
        self._words = words
        outlet = draft.article.outlet
        self.publisher = Figure("outlet", outlet.name if outlet else None, key="o1")
        self._all: list[Figure] = []
        self._family: dict[str, Figure] = {}
        self._named: dict[str, Figure] = {}

    def who(self, phrase: Phrase, before: Figure | None, *, plural: bool = False) -> Figure | None:
        """Return the source that a phrase means; a new one where it means none that is known."""
        if phrase.pronoun:
            return self._pronoun(phrase, before, plural=plural)
        if phrase.name is None and phrase.beside is not None and phrase.beside.name is not None:
            # "die Bürgermeisterin, Ana Lind,"
            figure = self._by_name(phrase.beside)
            self._add_role(figure, phrase)
            figure.mention(phrase.beside.part(phrase.beside.name or (0, 1)), "name")
            return figure
        if phrase.name is not None:
            figure = self._by_name(phrase)
            figure.mention(phrase.part(phrase.name), "name")
            if phrase.beside is not None:
                self._add_role(figure, phrase.beside)
            elif phrase.role is not None:
                self._add_role(figure, phrase)
            return figure
        return self._nominal(phrase)

    def sources(self) -> tuple[Source, ...]:
        self._all.sort(key=lambda figure: min(figure.mentions, default=Span(0, 0)))
        taken: set[Span] = set()
        made = [source_of(self.publisher)]
        for number, figure in enumerate(self._all, start=1):
            for span in [span for span in figure.mentions if span in taken]:
                del figure.mentions[span]
            taken |= set(figure.mentions)
            figure.key = f"a{number}"
            made.append(source_of(figure))
        return tuple(made)

    def _by_name(self, phrase: Phrase) -> Figure:
        assert phrase.name is not None
        name = " ".join(phrase.part(phrase.name).of(self._text).split())
        kind = self._kind(phrase, name)
        if self._is_publisher(name):
            return self.publisher
        genitive = name[:-1] if name.endswith("s") else name
        for form in (name, genitive):
            known = self._named.get(form.lower()) or (self._family.get(form.lower()) if " " not in form else None)
            if known is not None and (kind == known.kind or phrase.noun is None):
                return known
        figure = Figure(kind, name, head=name.split()[-1].lower(), gender=self._gender(phrase))
        self._all.append(figure)
        self._named[name.lower()] = figure
        if kind == "person":
            self._family[name.split()[-1].lower()] = figure
        return figure

    def _is_publisher(self, name: str) -> bool:
        own = self.publisher.name
        entry = outlets.by_name(name)
        return own is not None and (
            own.lower() == name.lower() or (entry is not None and outlets.by_name(own) is entry)
        )

    def _kind(self, phrase: Phrase, name: str) -> SourceKind:
        if outlets.by_name(name) is not None or (phrase.noun is not None and phrase.noun.kind == "outlet"):
            return "outlet"
        if phrase.noun is not None:
            return phrase.noun.kind if phrase.noun.kind != "group" else "person"
        last = name.split()[-1]
        if (last.isupper() and len(last) > 1) or {word.lower() for word in name.split()} & self._words.of("body"):
            return "organization"
        return "person"

    def _gender(self, phrase: Phrase) -> str:
        sides = [phrase, *([phrase.beside] if phrase.beside is not None else [])]
        before = phrase.toks[phrase.first].lower
        courtesy = next((sign for sign in ("f", "m") if before in self._words.of(f"courtesy-{sign}")), "")
        return courtesy or next((side.noun.gender for side in sides if side.noun is not None and side.noun.gender), "")

    def _add_role(self, figure: Figure, phrase: Phrase) -> None:
        if phrase.noun is None or phrase.noun.kind != "person":
            return
        where = phrase.role or (phrase.first, phrase.end)
        first = where[0]
        while first < where[1] - 1 and phrase.toks[first].lower in self._words.of("determiner"):
            first += 1
        if first >= where[1]:
            return
        span = phrase.part((first, where[1]))
        label = " ".join(span.of(self._text).split())
        lower = {tok.lower for tok in phrase.toks[first : where[1]]}
        status: RoleStatus = "current"
        if lower & self._words.of("evaluative"):
            status = "evaluative"
        elif lower & self._words.of("former") or any(word.startswith("ex-") for word in lower):
            status = "former"
        figure.roles.setdefault(label.lower(), Role(label, status, span))
        figure.gender = figure.gender or phrase.noun.gender

    def _pronoun(self, phrase: Phrase, before: Figure | None, *, plural: bool) -> Figure | None:
        word = phrase.toks[phrase.first].lower
        place = phrase.span
        if word in self._words.of("self"):
            return before
        if word in self._words.of("he") or (word in self._words.of("she") and not plural):
            gender = "m" if word in self._words.of("he") else "f"
            people = [f for f in self._all if f.kind == "person" and f.gender in ("", gender) and (f.number or 1) == 1]
            bodies = [f for f in self._all if f.kind in ("organization", "outlet")] if gender == "f" else []
            if before is not None and any(before is figure for figure in [*people, *bodies]):
                choice: Figure | None = before
            else:
                choice = self._latest(people, place)
            if choice is not None and choice.kind == "person":
                choice.gender = choice.gender or gender
        else:
            groups = [f for f in self._all if f.kind in ("group", "organization") or (f.number or 0) > 1]
            choice = before if any(before is figure for figure in groups) else self._latest(groups, place)
        if choice is not None:
            choice.mention(place, "pronoun")
        return choice

    def _latest(self, figures: list[Figure], place: Span) -> Figure | None:
        known = [figure for figure in figures if figure.last_before(place.start) >= 0]
        return max(known, key=lambda figure: figure.last_before(place.start), default=None)

    def _nominal(self, phrase: Phrase) -> Figure | None:
        noun = phrase.noun
        words = " ".join(phrase.span.of(self._text).split())
        if noun is None and not phrase.definite and phrase.number is None:
            return None
        head = noun.noun if noun is not None else phrase.toks[phrase.end - 1].lower
        bare = self._bare(words)
        if phrase.definite:
            fits = [f for f in self._all if self._fits(f, head, phrase)]
            known = self._latest(fits, phrase.span)
            if known is not None:
                known.mention(phrase.span, "nominal")
                return known
        known = next((f for f in self._all if f.name and self._bare(f.name) == bare and phrase.number is None), None)
        if known is None:
            kind: SourceKind = noun.kind if noun is not None else "group"
            if kind == "person" and not phrase.definite and phrase.number is None:
                kind = "group"
            if kind == "person" and (phrase.number or 1) > 1:
                kind = "group"
            unnamed = kind in ("person", "group") or (kind == "outlet" and not phrase.definite)
            number = (phrase.number or (1 if kind == "person" else None)) if unnamed else None
            known = Figure(kind, words, unnamed=unnamed, number=number, head=head)
            known.gender = noun.gender if noun is not None else ""
            self._all.append(known)
        known.mention(phrase.span, "nominal")
        return known

    def _fits(self, figure: Figure, head: str, phrase: Phrase) -> bool:
        """Tell whether "die Ministerin" can mean somebody: the office has that noun, and nothing beside it differs."""
        said = phrase.toks[phrase.noun_at].lower if phrase.noun_at >= 0 else head
        telling = {tok.lower for tok in phrase.toks[phrase.noun_at + 1 : phrase.end] if tok.is_capital}
        if figure.kind == "person" and not figure.unnamed:
            labels = [set(label.split()) for label in figure.roles]
            return any(any(word.endswith(said) for word in label) and telling <= label for label in labels)
        names = {word.lower() for word in figure.words}
        return figure.head == head and telling <= names and any(name.endswith(said) for name in names)

    def _bare(self, words: str) -> str:
        first, _, rest = words.lower().partition(" ")
        return rest if first in self._words.of("determiner") else words.lower()
