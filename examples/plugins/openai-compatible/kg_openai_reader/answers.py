"""A model's answers enter, a reading record leaves that holds nothing but what stands in the text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from kg.lines import Layout
from kg.model import Act, Article, Certainty, Mode, Polarity, RoleStatus, SourceKind, ZoneKind

Json = dict[str, Any]
MARKS = "“”„«»\"'‘’ \t\n"


def _one_of(literal: object, value: object, default: str) -> str:
    return value if isinstance(value, str) and value in get_args(literal) else default


class Answers:
    """What the answers on the pieces of one article give together; open while it is read."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._text = article.text
        self._sources: dict[str, Json] = {}
        self._statements: list[Json] = []
        self._taken: set[tuple[object, ...]] = set()
        self.asked = 0
        self.rejected = 0
        self.unlocated = 0

    def add(self, answer: Json, start: int, end: int) -> None:
        """Take in an answer on [start, end): each string is looked for there, and nowhere else."""
        keys: dict[object, str] = {}
        for given in _objects(answer.get("sources")):
            key = self._source(given, start, end)
            if key is not None:
                keys[given.get("id")] = key
        at = start
        for given in _objects(answer.get("statements")):
            self.asked += 1
            at = self._statement(given, keys, at, start, end)

    def record(self, layout: Layout, *, reader: str, version: str, model: str) -> Json:
        """Return the record; how many statements were rejected, and how many strings left out, are problems of it."""
        article = self._article
        problems = []
        if self.rejected:
            words = f"{self.rejected} of {self.asked} statements rejected: their words don't stand in the text"
            problems.append({"step": reader, "message": words})
        if self.unlocated:
            words = f"{self.unlocated} cues, speakers, roles or names left out: they don't stand in the text"
            problems.append({"step": reader, "message": words})
        span = article.title_span
        published, outlet = article.published, article.outlet
        zones = [block for block in layout.blocks if block.kind in get_args(ZoneKind)]
        return {
            "record": 1,
            "article": {
                "iri": article.iri,
                "sha256": article.sha256,
                "text": article.text,
                "title": article.title,
                "title_span": {"start": span.start, "end": span.end} if span else None,
                "outlet": {"name": outlet.name, "from": outlet.origin} if outlet else None,
                "authors": list(article.authors),
                "published": {"edtf": published.edtf, "from": published.origin} if published else None,
                "language": article.language,
                "origin": article.origin,
                "url": article.url,
            },
            "zones": [{"start": z.span.start, "end": z.span.end, "kind": z.kind} for z in zones],
            "sources": [
                {"key": "o1", "kind": "outlet", "name": outlet.name if outlet else None},
                *self._sources.values(),
            ],
            "statements": self._statements,
            "run": {"reader": reader, "version": version, "model": model},
            "problems": problems,
        }

    def _source(self, given: Json, start: int, end: int) -> str | None:
        name = given.get("name")
        at = self._find(name, start, end)
        if at is None:
            self.unlocated += 1
            return None
        kind = _one_of(SourceKind, given.get("kind"), "group")
        unnamed = given.get("unnamed") is True
        outlet = self._article.outlet
        if kind == "outlet" and outlet is not None and outlet.name.lower() == str(name).lower():
            return "o1"
        # A named source of an earlier piece is the same one; an unnamed one never is.
        known = None if unnamed else self._sources.get(f"{kind}:{str(name).lower()}")
        if known is not None:
            return str(known["key"])
        number = given.get("number")
        key = f"a{len(self._sources) + 1}"
        self._sources[f"{kind}:{key}" if unnamed else f"{kind}:{str(name).lower()}"] = {
            "key": key,
            "kind": kind,
            "name": str(name).strip(),
            "unnamed": unnamed,
            "number": number if unnamed and isinstance(number, int) and number > 0 else None,
            "roles": list(self._roles(given.get("roles"), start, end)),
            "mentions": [{**_span(at), "kind": "nominal" if unnamed else "name"}] if self._is_free("m", at) else [],
        }
        return key

    def _roles(self, given: object, start: int, end: int) -> Iterable[Json]:
        for role in _objects(given):
            at = self._find(role.get("label"), start, end)
            if at is None:
                self.unlocated += 1
            else:
                status = _one_of(RoleStatus, role.get("status"), "current")
                yield {"label": self._text[at[0] : at[1]], "status": status, **_span(at)}

    def _statement(self, given: Json, keys: dict[object, str], at: int, start: int, end: int) -> int:
        content = self._find_all(given.get("content"), at, start, end)
        if content is None or not self._is_free("s", tuple(content)):
            self.rejected += 1
            return at
        first, last = content[0][0], content[-1][1]
        quoted = self._find_all(given.get("quoted"), first, first, last) or []
        around = (max(start, first - 400), min(end, last + 400))
        cue = self._located(given.get("cue"), around, first, content)
        written = self._located(given.get("speaker_words"), around, cue[0] if cue else first, content)
        speaker = keys.get(given.get("speaker"))
        through = [keys[one] for one in given.get("through") or [] if isinstance(one, str) and one in keys]
        chain: list[Json] = [{"source": "o1", "act": "publishes"}]
        for key in dict.fromkeys([*(one for one in through if one != speaker), *([speaker] if speaker else [])]):
            if key != "o1":
                last_step = key == speaker
                evidence = _span(cue) if cue and last_step else None
                chain.append({"source": key, "act": "say" if last_step else "report", "evidence": evidence})
        self._statements.append(
            {
                "key": f"s{len(self._statements) + 1}",
                "speaker": speaker if speaker and chain[-1]["source"] == speaker else None,
                "speaker_span": _span(written) if written else None,
                "content": [_span(one) for one in content],
                "quoted": [_span(one) for one in quoted],
                "cue": _span(cue) if cue else None,
                "chain": chain,
                "mode": _one_of(Mode, given.get("mode"), "indirect"),
                "act": _one_of(Act, given.get("act"), "state"),
                "polarity": _one_of(Polarity, given.get("polarity"), "positive"),
                "certainty": _one_of(Certainty, given.get("certainty"), "underspecified"),
                "confidence": 0.5,
                "rule": "language-model",
            }
        )
        return first

    def _find_all(self, given: object, at: int, start: int, end: int) -> list[tuple[int, int]] | None:
        """Return where strings stand one after the other, from ``at`` on, else from the start; None if one doesn't."""
        words = [given] if isinstance(given, str) else given
        if not isinstance(words, list) or not words:
            return None
        for origin in (at, start):
            spans: list[tuple[int, int]] = []
            for word in words:
                found = self._find(word, spans[-1][1] if spans else origin, end)
                if found is None:
                    break
                spans.append(found)
            else:
                return spans
        return None

    def _find(self, words: object, start: int, end: int) -> tuple[int, int] | None:
        """Return where these words stand letter by letter, outer marks and white space left out."""
        plain = words.strip(MARKS) if isinstance(words, str) else ""
        at = self._text.find(plain, start, end) if plain else -1
        return (at, at + len(plain)) if at >= 0 else None

    def _located(
        self, words: object, around: tuple[int, int], near: int, content: list[tuple[int, int]]
    ) -> tuple[int, int] | None:
        """Return the place of these words that is nearest to a place, outside of what is said."""
        if words is None or words == "":
            return None
        places = []
        found = self._find(words, *around)
        while found is not None:
            if not any(found[0] < end and start < found[1] for start, end in content):
                places.append(found)
            found = self._find(words, found[0] + 1, around[1])
        if not places:
            self.unlocated += 1
            return None
        return min(places, key=lambda place: abs(place[0] - near))

    def _is_free(self, what: str, place: tuple[object, ...]) -> bool:
        free = (what, *place) not in self._taken
        self._taken.add((what, *place))
        return free


def _span(place: tuple[int, int]) -> Json:
    return {"start": place[0], "end": place[1]}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
