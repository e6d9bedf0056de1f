"""Names and speakers as written enter, the article's sources leave: one a person, with every form and role."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from spacy.tokens import Token

from kg.model import Mention, MentionKind, Role, RoleStatus, Source, SourceKind, Span
from kg.reading import cues
from kg.reading.draft import Draft, Paragraph
from kg.reading.lexicon import table
from kg.reading.names import Name, find_names
from kg.reading.syntax import children, phrase

HE = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
DEFINITE = frozenset({"the", "this", "that", "these", "those", "his", "her", "their", "its", "both"})
UNNAMED_KINDS = frozenset({"person", "group", "outlet"})


@dataclass(slots=True)
class Figure:
    """A source in the making. ``seen`` are the places where it is mentioned, for resolving what refers to it."""

    kind: SourceKind
    name: str | None
    unnamed: bool = False
    number: int | None = None
    head: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    mentions: dict[Span, MentionKind] = field(default_factory=dict)
    subjects: list[int] = field(default_factory=list)
    gender: str = ""
    key: str = ""

    def mention(self, span: Span, kind: MentionKind) -> None:
        self.mentions.setdefault(span, kind)

    def last_before(self, place: int) -> int:
        return max((span.start for span in self.mentions if span.start < place), default=-1)

    def is_about(self, lemma: str) -> bool:
        return any(lemma in label.lower().split() or label.lower().endswith(lemma) for label in self.roles)


class Cast:
    """All sources of one article while it is read; made once per article."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.text = draft.article.text
        outlet = draft.article.outlet
        self.publisher = Figure("outlet", outlet.name if outlet else None, key="o1")
        self.figures: list[Figure] = []
        self.at: dict[int, list[tuple[Span, Figure]]] = defaultdict(list)
        self._cast_names(find_names(draft))
        self._find_roles()

    # names

    def _cast_names(self, names: list[Name]) -> None:
        full: dict[str, Figure] = {}
        for name in sorted(names, key=lambda name: (-len(name.words.split()), name.span)):
            figure = self._known(name, full)
            if figure is None:
                figure = Figure(name.kind, name.words, head=name.words.split()[-1].lower())
                self.figures.append(figure)
                full[self._key(name.kind, name.words)] = figure
            figure.mention(name.span, "name")
            self.at[name.where].append((name.span, figure))
        for places in self.at.values():
            places.sort(key=lambda place: place[0])
        self.figures.sort(key=lambda figure: min(figure.mentions))
        for where, places in self.at.items():
            doc = self.draft.paragraphs[where].doc
            assert doc is not None
            for span, figure in places:
                token = self._token(self.draft.paragraphs[where], span)
                if token is not None and token.dep_ in ("nsubj", "nsubjpass"):
                    figure.subjects.append(span.start)

    def _key(self, kind: SourceKind, words: str) -> str:
        plain = re.sub(r"[.,'’]", "", words.lower())
        plain = re.sub(r"^the ", "", plain)
        return f"{'org' if kind in ('organization', 'outlet') else kind}:{plain}"

    def _known(self, name: Name, full: dict[str, Figure]) -> Figure | None:
        outlet = self.publisher.name
        if name.kind == "outlet" and outlet and _same_outlet(name.words, outlet):
            return self.publisher
        same = full.get(self._key(name.kind, name.words))
        if same is not None:
            return same
        words = name.words.split()
        if name.kind == "person":
            holders = [f for key, f in full.items() if key.startswith("person:") and f.name and len(f.name.split()) > len(words)
                       and _part_of(words, f.name.split())]  # fmt: skip
            if len(holders) == 1:
                return holders[0]
            if holders:
                return max(holders, key=lambda figure: figure.last_before(name.span.start))
        if name.kind == "organization":
            if re.fullmatch(r"[A-Z]{2,6}", name.words):
                for figure in full.values():
                    if (
                        figure.kind in ("organization", "outlet")
                        and figure.name
                        and _initials(figure.name) == name.words
                    ):
                        return figure
            holders = [f for key, f in full.items() if key.startswith("org:") and f.name and len(words) < len(f.name.split())
                       and f.name.split()[: len(words)] == words]  # fmt: skip
            if len(holders) == 1:
                return holders[0]
        return None

    def _token(self, paragraph: Paragraph, span: Span) -> Token | None:
        assert paragraph.doc is not None
        piece = paragraph.doc.char_span(
            span.start - paragraph.span.start, span.end - paragraph.span.start, alignment_mode="expand"
        )
        return piece.root if piece is not None else None

    # roles

    def _find_roles(self) -> None:
        classes = {row["word"]: row["class"] for row in table("en", "phrases")}
        nouns = cues.roles(self.draft.language)
        for where, places in list(self.at.items()):
            paragraph = self.draft.paragraphs[where]
            for span, figure in places:
                if figure.kind != "person":
                    continue
                head = self._token(paragraph, span)
                if head is None:
                    continue
                self._role_before(paragraph, span, figure, head, classes, nouns)
                for child in head.children:
                    if child.dep_ == "appos" and child.pos_ == "NOUN":
                        self._add_role(paragraph, figure, *phrase(child), classes, nouns, child)
                if (
                    head.dep_ == "appos"
                    and head.head.pos_ == "NOUN"
                    and nouns.get(head.head.lemma_.lower()) == "person"
                ):
                    self._add_role(paragraph, figure, *phrase(head.head), classes, nouns, head.head)

    def _role_before(
        self,
        paragraph: Paragraph,
        span: Span,
        figure: Figure,
        head: Token,
        classes: dict[str, str],
        nouns: dict[str, str],
    ) -> None:
        """ "former Ukrainian Defense Minister Andriy Zagorodnyuk": the words of the noun phrase before the name."""
        doc = head.doc
        first = next((t.i for t in doc if paragraph.span.start + t.idx >= span.start), head.i)
        start = first
        while (
            start > 0
            and doc[start - 1].dep_ in ("compound", "amod", "nmod", "poss", "case", "nummod", "appos", "advmod")
            and (doc[start - 1].is_alpha or doc[start - 1].text in ("-", "’s", "'s") or "." in doc[start - 1].text)
            and not doc[start - 1].is_sent_end
            and doc[start - 1].ent_type_ != "PERSON"
        ):
            start -= 1
        while start < first and doc[start].lower_ in ("the", "a", "an"):
            start += 1
        if start >= first:
            return
        words = [doc[i].lower_ for i in range(start, first)]
        if all(classes.get(word) == "courtesy" for word in words):
            return
        if not any(nouns.get(doc[i].lemma_.lower()) == "person" for i in range(start, first)):
            return
        self._add_role(paragraph, figure, start, first, classes, nouns, doc[first - 1])

    def _add_role(
        self,
        paragraph: Paragraph,
        figure: Figure,
        first: int,
        end: int,
        classes: dict[str, str],
        nouns: dict[str, str],
        head: Token,
    ) -> None:
        doc = head.doc
        while first < end and doc[first].lower_ in ("the", "a", "an", "his", "her", "their", "its"):
            first += 1
        while first < end and classes.get(doc[first].lower_) == "courtesy":
            first += 1
        if first >= end:
            return
        span = paragraph.locate(doc[first:end])
        label = " ".join(span.of(self.text).split())
        judged = cues.evaluative(self.draft.language)
        status: RoleStatus = "current"
        if any(doc[i].lemma_.lower() in judged for i in range(first, end)):
            status = "evaluative"
        elif classes.get(doc[first].lower_) == "former" or doc[first].lower_.startswith("ex-"):
            status = "former"
        figure.roles.setdefault(label.lower(), Role(label, status, span))

    # speakers

    def who(self, where: int, head: Token | None, span: Span | None, *, before: Figure | None = None) -> Figure | None:
        """Return the source that a noun phrase means; a new unnamed one where it names none that is known.

        ``before`` is the last speaker, whom a pronoun means rather than anybody else.
        """
        if head is None or span is None:
            return None
        paragraph = self.draft.paragraphs[where]
        place = paragraph.locate(head)
        named = self._named(where, place, head)
        if named is not None:
            return named
        if head.pos_ == "PRON" or head.lower_ in HE or head.lower_ in ("who", "which", "that"):
            figure = self._pronoun(head, place.start, before)
            if figure is not None:
                figure.mention(place, "pronoun")
            return figure
        return self._nominal(where, paragraph, head, span, place.start)

    def _named(self, where: int, place: Span, head: Token) -> Figure | None:
        for span, figure in self.at.get(where, ()):
            if span.overlaps(place):
                return figure
        paragraph = self.draft.paragraphs[where]
        for child in head.children:
            if (
                child.dep_ in ("appos", "compound")
                and child.ent_type_ == "PERSON"
                and (child.dep_ == "appos" or cues.roles("en").get(head.lemma_.lower()) == "person")
            ):
                located = paragraph.locate(child)
                for span, figure in self.at.get(where, ()):
                    if span.overlaps(located):
                        return figure
        return None

    def _pronoun(self, head: Token, place: int, before: Figure | None) -> Figure | None:
        word = head.lower_
        if word in ("i", "we", "me", "us", "you", "there", "what"):
            return before if word in ("i", "we", "me") else None
        if word in HE:
            people = [
                f for f in self.figures if f.kind == "person" and (f.number or 1) == 1 and f.gender in ("", HE[word])
            ]
            # The last speaker of the running text, else the latest subject before the pronoun, else the nearest name.
            if before is not None and before in people and place - before.last_before(place) < 1200:
                choice: Figure | None = before
            else:
                choice = max(people, key=lambda f: max((s for s in f.subjects if s < place), default=-1), default=None)
                if choice is None or not any(s < place for s in choice.subjects):
                    choice = max(people, key=lambda f: f.last_before(place), default=None)
            if choice is not None and choice.last_before(place) < 0:
                return None
            if choice is not None and not choice.gender:
                choice.gender = HE[word]
            return choice
        if word == "they":
            groups = [
                f for f in self.figures if f.kind in ("group", "organization") or (f.number or 0) > 1 or f.unnamed
            ]
            choice = before if before in groups else max(groups, key=lambda f: f.last_before(place), default=None)
            return choice if choice is not None and choice.last_before(place) >= 0 else None
        if word in ("it", "which"):
            things = [f for f in self.figures if f.kind in ("organization", "outlet", "document", "channel", "place")]
            choice = before if before in things else max(things, key=lambda f: f.last_before(place), default=None)
            return choice if choice is not None and choice.last_before(place) >= 0 else None
        return self._add(head, Span(place, place + len(head)), "person", unnamed=True)

    def _nominal(self, where: int, paragraph: Paragraph, head: Token, span: Span, place: int) -> Figure | None:
        lemma = head.lemma_.lower()
        kind = cues.roles(self.draft.language).get(lemma) or _kind_by_shape(head)
        if kind is None:
            return None
        words = " ".join(span.of(self.text).split())
        same = [f for f in self.figures if f.unnamed and f.name and f.name.lower() == words.lower()]
        determiner = next((child.lower_ for child in head.children if child.dep_ in ("det", "poss")), "")
        plural = head.tag_ in ("NNS", "NNPS")
        if determiner in DEFINITE or (not determiner and not plural and head.tag_ == "NN"):
            known = self._definite(lemma, kind, place, plural=plural)
            if known is not None:
                known.mention(span, "nominal")
                return known
        if same and (plural or determiner in DEFINITE):
            same[-1].mention(span, "nominal")
            return same[-1]
        if kind in ("organization", "document", "channel"):
            return self._add(head, span, kind, unnamed=False)
        return self._add(
            head, span, "group" if kind == "person" and plural and _number(head) is None else kind, unnamed=True
        )

    def _definite(self, lemma: str, kind: str, place: int, *, plural: bool) -> Figure | None:
        if kind == "person" and not plural:
            holders = [
                f for f in self.figures if f.kind == "person" and f.is_about(lemma) and f.last_before(place) >= 0
            ]
            if holders:
                return max(holders, key=lambda figure: figure.last_before(place))
        again = [
            f
            for f in self.figures
            if f.head == lemma and f.last_before(place) >= 0 and (f.unnamed or f.kind != "person")
        ]
        if again:
            return max(again, key=lambda figure: figure.last_before(place))
        if kind == "organization":
            holders = [f for f in self.figures if f.kind in ("organization", "outlet") and not f.unnamed and f.name
                       and (lemma in f.name.lower().split() or lemma in ("company", "firm", "organization", "organisation", "group", "agency", "party"))
                       and f.last_before(place) >= 0]  # fmt: skip
            if holders:
                return max(holders, key=lambda figure: figure.last_before(place))
        if kind == "outlet":
            holders = [f for f in self.figures if f.kind == "outlet" and f.last_before(place) >= 0]
            if holders:
                return max(holders, key=lambda figure: figure.last_before(place))
        return None

    def _add(self, head: Token, span: Span, kind: str, *, unnamed: bool) -> Figure:
        words = " ".join(span.of(self.text).split())
        figure = Figure(kind, words, unnamed=unnamed, number=_number(head), head=head.lemma_.lower())  # type: ignore[arg-type]
        figure.mention(span, "nominal" if head.pos_ != "PRON" else "pronoun")
        self.figures.append(figure)
        return figure

    def outlet_at(self, where: int, token: Token) -> Figure | None:
        """Return the outlet that a token names, or describes ("state media"); None for anything else."""
        figure = self._named(where, self.draft.paragraphs[where].locate(token), token)
        if figure is not None:
            return figure if figure.kind == "outlet" or figure is self.publisher else None
        if cues.roles(self.draft.language).get(token.lemma_.lower()) == "outlet" or token.lower_ == "media":
            span = self.draft.paragraphs[where].locate(token.doc[slice(*phrase(token))])
            return self._nominal(where, self.draft.paragraphs[where], token, span, span.start)
        return None

    # the end

    def sources(self, used: set[int]) -> tuple[Source, ...]:
        """Number the sources in text order and return them; places that nothing speaks from are kept for events."""
        self.figures.sort(key=lambda figure: min(figure.mentions, default=Span(0, 0)))
        made = [_source(self.publisher)]
        taken: set[Span] = set(self.publisher.mentions)
        for number, figure in enumerate((f for f in self.figures if f is not self.publisher), start=1):
            figure.key = f"a{number}"
            for span in [span for span in figure.mentions if span in taken]:
                del figure.mentions[span]
            taken |= set(figure.mentions)
            made.append(_source(figure))
        return tuple(made)


def _source(figure: Figure) -> Source:
    mentions = tuple(Mention(span, kind) for span, kind in sorted(figure.mentions.items(), key=lambda item: item[0]))
    roles = tuple(sorted(figure.roles.values(), key=lambda role: role.span or Span(0, 0)))
    return Source(figure.key, figure.kind, figure.name, figure.unnamed, figure.number, roles, mentions)


def _number(head: Token) -> int | None:
    if head.tag_ in ("NN", "NNP") and any(
        child.dep_ == "det" and child.lower_ in ("a", "an", "one") for child in head.children
    ):
        return 1
    for child in children(head, "nummod"):
        value = NUMBERS.get(child.lower_) or (
            int(child.text) if child.text.isascii() and child.text.isdecimal() and len(child.text) < 7 else None
        )
        if value:
            return value
    return 1 if head.tag_ == "NN" and cues.roles("en").get(head.lemma_.lower()) == "person" else None


def _kind_by_shape(head: Token) -> SourceKind | None:
    if head.ent_type_ == "NORP" or head.tag_ == "NNPS":
        return "group"
    if head.ent_type_ == "PERSON":
        return "person"
    if head.pos_ == "PROPN":
        return "organization"
    if head.tag_ == "NNS":
        return "group"
    if re.search(r"(?:er|or|ist|man|woman|ian|ent|ant)$", head.lower_) and head.pos_ == "NOUN" and len(head) > 4:
        return "person"
    if head.pos_ == "NOUN":
        return "document"
    return None


def _part_of(words: list[str], full: list[str]) -> bool:
    lower = [word.lower() for word in full]
    return all(word.lower() in lower for word in words) and (
        words[-1].lower() == lower[-1] or (len(words) == 1 and words[0].lower() == lower[0])
    )


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())


def _same_outlet(one: str, other: str) -> bool:
    plain = [re.sub(r"^the ", "", re.sub(r"\W+", " ", name.lower()).strip()) for name in (one, other)]
    return plain[0] == plain[1]
