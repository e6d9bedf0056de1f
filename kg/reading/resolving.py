"""A noun phrase as written enters, the source that it means leaves: a name's, a pronoun's, a role's, or a new one."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from spacy.tokens import Token

from kg.model import SourceKind, Span
from kg.reading import cues
from kg.reading.draft import Paragraph
from kg.reading.pronouns import HE, meant_by
from kg.reading.syntax import children, phrase
from kg.reading.weighing import chosen

if TYPE_CHECKING:
    from kg.reading.actors import Cast, Figure

BODIES: frozenset[SourceKind] = frozenset({"organization", "outlet", "channel"})
LIST = 14  # tokens of the longest coordinated speaker
PERSONAL_PLURAL = re.compile(r"(?:ers|ors|ists|men|women|ians|ents|ants|people|ees)$")
DIGITS = re.compile(r"\d{1,3}(?:,?\d{3})?")


def who(
    cast: Cast,
    where: int,
    head: Token | None,
    span: Span | None,
    *,
    before: Figure | None = None,
    barred: Collection[Figure] = (),
) -> Figure | None:
    """Return the source that a noun phrase means; a new unnamed one where it means none that is known.

    ``before`` is the last speaker, whom a pronoun means rather than anybody else but whom its sentence binds it to;
    ``barred`` are those whom a pronoun can't mean. None for nobody and for "there".
    """
    if head is None or span is None or _is_nobody(head):
        return None
    paragraph = cast.draft.paragraphs[where]
    several = _several(cast, paragraph, head)
    if several is not None:
        return several
    named = _named(cast, where, paragraph, head)
    if named is not None:
        return named
    place = paragraph.locate(head)
    if head.pos_ == "PRON" or head.lower_ in HE or head.tag_ in ("WP", "WDT"):
        figure = meant_by(cast, where, head, before=before, barred=barred) or _anybody(cast, head, place)
        if figure is not None:
            figure.mention(place, "pronoun")
        return figure
    return _nominal(cast, paragraph, head, span)


def _anybody(cast: Cast, head: Token, place: Span) -> Figure | None:
    """Return a new source for "others", "someone", "many"; None where a pronoun points at somebody, or at nobody."""
    if head.tag_ in ("PRP", "PRP$", "WP", "WDT", "EX") or head.lower_ in HE or head.lower_ in ("this", "that", "these"):
        return None
    return _add(cast, head, place, "person" if head.lower_.endswith("one") else "group", unnamed=True)


def outlet_at(cast: Cast, where: int, token: Token) -> Figure | None:
    """Return the outlet that a token names, or describes ("state media"); None for anything else."""
    paragraph = cast.draft.paragraphs[where]
    figure = cast.named_at(where, paragraph.locate(token))
    if figure is not None:
        return figure if figure.kind == "outlet" or figure is cast.publisher else None
    kinds = cues.roles(token.lang_)  # the lemma of "media" is "medium"
    if "outlet" in (kinds.get(token.lemma_.lower()), kinds.get(token.lower_)):
        return _nominal(cast, paragraph, token, paragraph.locate(token.doc[slice(*phrase(token))]))
    return None


def _is_nobody(head: Token) -> bool:
    nobody = cues.naming(head.lang_, "nobody")
    return head.lower_ in nobody or any(child.dep_ == "det" and child.lower_ in nobody for child in head.children)


def _several(cast: Cast, paragraph: Paragraph, head: Token) -> Figure | None:
    """Return "Lind and her lawyers" as a group of its own: a plural phrase is not its first member."""
    if head.dep_ not in ("nsubj", "pobj") or head.pos_ not in ("NOUN", "PROPN", "PRON"):
        return None
    last = head
    while True:
        after = next((c for c in children(last, "conj") if c.pos_ in ("NOUN", "PROPN", "PRON")), None)
        if after is None:
            break
        last = after
    if last == head or not any(child.dep_ == "cc" and child.lower_ == "and" for child in _joined(head)):
        return None
    first, end = phrase(head)[0], phrase(last)[1]
    if end - first > LIST or (head.dep_ == "nsubj" and first <= head.head.i < end):
        return None
    whole = paragraph.locate(head.doc[first:end])
    if any(span.contains(whole) for span, _ in cast.at.get(cast.where[paragraph.span], ())):
        return None
    words = " ".join(whole.of(cast.text).split())
    same = next((f for f in cast.figures if f.kind == "group" and f.name and f.name.lower() == words.lower()), None)
    if same is not None:
        same.mention(whole, "nominal")
        return same
    persons = [t for t in (head, last) if cast.named_at(cast.where[paragraph.span], paragraph.locate(t))]
    return _add(cast, head, whole, "group", unnamed=not persons)


def _joined(head: Token) -> list[Token]:
    found, node = list(head.children), head
    for _ in range(4):
        after = next(iter(children(node, "conj")), None)
        if after is None:
            break
        found += list(after.children)
        node = after
    return found


def _is_medium(head: Token, kind: SourceKind | None) -> bool:
    """Tell whether a noun is one for outlets: "newspaper", "broadcaster", "news agency"."""
    news = any(child.lower_ == "news" for child in children(head, "compound", "amod"))
    return kind == "outlet" or (kind == "organization" and news)


def _named(cast: Cast, where: int, paragraph: Paragraph, head: Token) -> Figure | None:
    """Return the named figure at a head, in apposition, or right behind it ("the director of the fund, Ana Lind,")."""
    figure = cast.named_at(where, paragraph.locate(head))
    if figure is not None:
        return figure
    if head.pos_ not in ("NOUN", "PROPN", "ADJ", "NUM"):
        return None
    kind = cues.roles(head.lang_).get(head.lemma_.lower())
    beside = [
        child for child in head.children if child.dep_ == "appos" or (child.dep_ == "compound" and kind == "person")
    ]
    for child in children(head, "compound", "nmod"):
        outlet = cast.named_at(where, paragraph.locate(child))
        if outlet is not None and outlet.kind == "outlet" and _is_medium(head, kind):
            return outlet  # "the state-run Xinhua news agency"
    beside += [
        other for other in head.head.children if other.dep_ == "nsubj" and other.i > head.i and head.dep_ == "nsubj"
    ]
    for token in beside:
        figure = cast.named_at(where, paragraph.locate(token))
        if figure is not None and (figure.kind == "person") == (kind == "person"):
            return figure
        if figure is not None and figure.kind == "person" and kind is None and token.dep_ == "appos":
            return figure  # a name tells what a noun is that no list knows: "the pilot-elect, Ana Lind,"
        if figure is not None and token.dep_ == "nsubj":
            return figure
    if kind != "person" or head.tag_ in ("NNS", "NNPS"):
        return None
    for clause in children(head, "acl"):
        # "a woman named Ana Lind", "a man using the name Ilan"
        if clause.lemma_.lower() in cues.naming(clause.lang_, "naming-verb"):
            figures = [cast.named_at(where, paragraph.locate(token)) for token in clause.subtree if token.i > clause.i]
            person = next((figure for figure in figures if figure is not None and figure.kind == "person"), None)
            if person is not None:
                return person
    # The parser often hangs the name between two commas under the last noun before it.
    inside = paragraph.locate(head.doc[head.left_edge.i : head.right_edge.i + 1])
    for span, other in cast.at.get(where, ()):
        behind = other.kind == "person" and inside.contains(span) and span.start > paragraph.locate(head).end
        comma = cast.text[max(0, span.start - 3) : span.start].rstrip().endswith(",")
        if behind and comma and cast.text[span.end : span.end + 1] in (",", ""):
            return other
    return None


def _nominal(cast: Cast, paragraph: Paragraph, head: Token, span: Span) -> Figure | None:
    """Return what a common noun means: who has that role, what was called so before, or a new source."""
    span = _whole_name(paragraph, head, span)
    measured = _measured(head)
    lemma = measured.lemma_.lower()
    kind = cues.roles(head.lang_).get(lemma) or _kind_by_shape(measured)
    plural = measured.tag_ in ("NNS", "NNPS")
    determiner = next((child.lower_ for child in head.children if child.dep_ in ("det", "poss", "predet")), "")
    if determiner in cues.naming(head.lang_, "definite") or (not determiner and head.tag_ in ("NN", "NNP")):
        known = _definite(cast, paragraph, head, lemma, kind, plural=plural)
        if known is not None:
            same_kind = [f for f in cast.figures if f.kind == known.kind]
            chosen(span.start, known, same_kind, "whom the noun and the words beside it were said of before")
            known.mention(span, "nominal")
            return known
    words = " ".join(span.of(cast.text).split())
    if head.pos_ == "PROPN" and cast.is_publisher(words.removeprefix("the ")):
        cast.publisher.mention(span, "name")
        return cast.publisher
    same = next(
        (f for f in reversed(cast.figures) if f.name and _bare(f.name) == _bare(words) and _is_known(f, span, head)),
        None,
    )
    if same is not None and (plural or span in same.mentions or determiner not in ("a", "an", "another")):
        same.mention(span, "nominal")
        return same
    if kind in ("organization", "document", "channel"):
        return _add(cast, head, span, kind, unnamed=False)
    group = kind == "person" and plural and _number(head) is None
    return _add(cast, head, span, "group" if group else kind, unnamed=True)


def _whole_name(paragraph: Paragraph, head: Token, span: Span) -> Span:
    """Return the span with the first names that the parser hung elsewhere ("Ana Lind's refusal")."""
    first = head
    while first.pos_ == "PROPN" and first.i and first.nbor(-1).pos_ == "PROPN" and first.nbor(-1).whitespace_:
        first = first.nbor(-1)
    return Span(min(span.start, paragraph.locate(first).start), span.end)


def _is_known(figure: Figure, span: Span, head: Token) -> bool:
    """Tell whether a figure was there before this place, is this very place, or has a name, which holds everywhere."""
    return span in figure.mentions or head.pos_ == "PROPN" or figure.last_before(span.start) >= 0


def _bare(words: str) -> str:
    return re.sub(r"^(?:the|a|an) ", "", words.lower())


def _measured(head: Token) -> Token:
    """Return what is counted: "more than 90% of the residents" are residents, "dozens of officials" officials."""
    if head.pos_ == "NUM" or head.lower_ == "%" or head.lemma_.lower() in cues.naming(head.lang_, "measure"):
        for prep in children(head, "prep"):
            inner = next(iter(children(prep, "pobj")), None)
            if prep.lower_ == "of" and inner is not None:
                return inner
    return head


def mention_holders(cast: Cast) -> None:
    """Mention the persons again where "the minister" stands for one of them, whether or not she speaks there.

    Only after the speakers are known: a role noun is weaker than a name, so it moves no pronoun. Linear in the tokens.
    """
    kinds, definite = cues.roles(cast.draft.language), cues.naming(cast.draft.language, "definite")
    if not any(figure.roles for figure in cast.figures):
        return
    taken = {span.start for figure in cast.figures for span in figure.mentions}
    for paragraph in cast.draft.paragraphs:
        for token in paragraph.doc if paragraph.doc is not None and paragraph.kind == "body" else ():
            lemma = token.lemma_.lower()
            if token.dep_ not in ("nsubj", "nsubjpass", "dobj", "agent", "pobj") or kinds.get(lemma) != "person":
                continue
            if token.tag_ in ("NNS", "NNPS") or not any(child.lower_ in definite for child in children(token, "det")):
                continue
            span = paragraph.locate(token.doc[slice(*phrase(token))])
            if span.start in taken or cast.named_at(cast.where[paragraph.span], paragraph.locate(token)) is not None:
                continue
            holder = _holder(cast, paragraph, token, lemma)
            if holder is not None:
                holder.mention(span, "nominal")


def cast_given(cast: Cast) -> None:
    """Give every mention that is known beforehand its source: who is known by these words, else a new one."""
    for span in sorted(cast.draft.given.sources):
        where = next((i for i, one in enumerate(cast.draft.paragraphs) if one.span.contains(span)), None)
        if where is None or cast.draft.paragraphs[where].doc is None or any(span in f.mentions for f in cast.figures):
            continue
        head = cast.token_at(cast.draft.paragraphs[where], span)
        figure = who(cast, where, head, span)
        if figure is not None:
            figure.mention(span, "nominal")


def _holder(cast: Cast, paragraph: Paragraph, head: Token, lemma: str) -> Figure | None:
    place, telling = paragraph.locate(head).start, _telling(head)
    known = [f for f in cast.figures if f.kind == "person" and f.last_before(place) >= 0]
    holders = [f for f in known if any(_fits(label, lemma, telling) for label in f.roles)]
    return max(holders, key=lambda figure: figure.last_before(place), default=None)


def _definite(
    cast: Cast, paragraph: Paragraph, head: Token, lemma: str, kind: SourceKind, *, plural: bool
) -> Figure | None:
    """Return who "the minister", "the company", "the sources" were before, if the words beside the noun allow it."""
    place = paragraph.locate(head).start
    telling = _telling(head)
    known = [f for f in cast.figures if f.last_before(place) >= 0]
    if kind == "person" and not plural:
        holder = _holder(cast, paragraph, head, lemma)
        if holder is not None:
            return holder
    again = [f for f in known if f.head == lemma and (f.unnamed or f.kind != "person") and telling <= _lower(f)]
    if again:
        return max(again, key=lambda figure: figure.last_before(place))
    if kind in BODIES and not telling and lemma not in cues.naming(head.lang_, "everybody"):
        general = lemma in cues.naming(head.lang_, "any-body")
        bodies = [f for f in known if f.kind in BODIES and not f.unnamed]
        if kind == "outlet":
            holders = [f for f in bodies if f.kind == "outlet"]
        else:
            holders = [f for f in bodies if lemma in _lower(f) or (general and f.kind == "organization")]
        return max(holders, key=lambda figure: figure.last_before(place), default=None)
    return None


def _telling(head: Token) -> set[str]:
    """Return the capitalised words beside a noun, which tell one minister from another: "the Latvian minister"."""
    return {
        token.lower_
        for token in head.subtree
        if token.i < head.i
        and token.text[:1].isupper()
        and token.dep_ not in ("det",)
        and not (token.is_sent_start and token.pos_ not in ("PROPN", "ADJ"))
    }


def _fits(label: str, lemma: str, telling: set[str]) -> bool:
    words = set(re.findall(r"[\w.-]+", label))
    return (lemma in words or any(word.endswith(lemma) for word in words)) and telling <= words


def _lower(figure: Figure) -> set[str]:
    return {word.lower() for word in figure.words}


def _add(cast: Cast, head: Token, span: Span, kind: SourceKind, *, unnamed: bool) -> Figure:
    from kg.reading.actors import Figure

    words = " ".join(span.of(cast.text).split())
    figure = Figure(kind, words, unnamed=unnamed, number=_number(head) if unnamed else None, head=head.lemma_.lower())
    figure.gender = cues.gender_of([head.lemma_], head.lang_) if kind == "person" else ""
    figure.mention(span, "nominal" if head.pos_ != "PRON" else "pronoun")
    cast.figures.append(figure)
    return figure


def _number(head: Token) -> int | None:
    """Return how many a phrase says that they are: "two people", "an official"; None for "officials", "90 %"."""
    if head.pos_ == "NUM" or head.lower_ == "%":
        return 1 if head.lower_ == "one" else None
    words = {row: int(value) for row, value in cues.numbers(head.lang_).items()}
    for child in children(head, "nummod"):
        if any(grand.dep_ in ("quantmod", "advmod") for grand in child.children):
            return None  # "more than 20": not known exactly
        if child.lower_ in words:
            return words[child.lower_]
        if DIGITS.fullmatch(child.text) and child.text.isascii():
            return int(child.text.replace(",", ""))
    if head.tag_ not in ("NN", "NNP"):
        return None
    one = any(child.dep_ == "det" and child.lower_ in ("a", "an", "one", "another") for child in head.children)
    return 1 if one or cues.roles(head.lang_).get(head.lemma_.lower()) == "person" else None


def _is_body(head: Token) -> bool:
    """Tell whether an unknown name is a body's: it has an article, is an acronym, or has a word of bodies."""
    words = {token.lower_ for token in head.subtree}
    acronym = head.text.isupper() and len(head) > 1
    return acronym or bool(children(head, "det")) or bool(words & cues.naming(head.lang_, "body"))


def _kind_by_shape(head: Token) -> SourceKind:
    """Guess the kind of a noun that the list of roles does not know."""
    if head.ent_type_ == "NORP" or head.tag_ == "NNPS" or head.pos_ in ("NUM", "PRON"):
        return "group"
    if head.tag_ == "NNS":
        return "group" if PERSONAL_PLURAL.search(head.lower_) else "document"
    if head.ent_type_ == "PERSON":
        return "person"
    if head.pos_ == "PROPN" or (head.text[:1].isupper() and not head.is_sent_start):
        return "organization" if _is_body(head) else "person"
    if re.search(r"(?:er|or|ist|man|woman|ian|ent|ant)$", head.lower_) and head.pos_ == "NOUN" and len(head) > 4:
        return "person"
    return "document"
