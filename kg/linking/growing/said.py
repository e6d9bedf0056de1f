"""Changed editions enter; claims and relations between statements are brought up to date where they are touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.linking import quads
from kg.linking.claims import RAREST, Claim, attach, claim_of, cluster, meet
from kg.linking.corpus import edition_of
from kg.linking.growing.state import Change, Lookup, Pair, State
from kg.linking.independence import Facts, board
from kg.linking.relations import difference, obey, relate, value_terms
from kg.linking.terms import rarest


def reconsider(state: State, change: Change) -> None:
    """Bring claims, their counts and the relations of their statements up to date."""
    speaking, told = _touched_by_identity(state, change)
    gone = {statement.iri for local in change.old.values() for statement in local.statements}
    homes = {home for home in (state.of_node("home", iri) for iri in gone) if home}
    seeds = _compare_anew(state, change, speaking, told)
    dirty = homes | _cluster_anew(state, change, seeds, homes)
    for edition in _copies_of(state, change.editions | change.unsettled):
        told |= {statement.iri for statement in state.by_edition.get(edition, ())}
    for one, other, *_ in change.before.related ^ change.decided.related:
        told |= {iri for iri in (one, other) if iri in state.statements}
    dirty |= {state.of_node("home", iri) for iri in told}
    dirty |= _attach_anew(state, change, dirty)
    _tell(state, change, {home for home in dirty if home}, gone)


def _touched_by_identity(state: State, change: Change) -> tuple[set[str], set[str]]:
    """Return the statements whose speaker is another one, and those of which anybody in the chain is."""
    speaking: set[str] = set()
    told: set[str] = set()
    for edition in {edition_of(source) for source in change.moved}:
        local = state.local(edition)
        if local is None:
            continue
        for statement in local.statements:
            sources = {
                statement.speaker,
                statement.addressee,
                statement.root,
                *statement.chain,
                local.edition.publisher,
            }
            if not sources.isdisjoint(change.moved):
                told.add(statement.iri)
                if statement.speaker in change.moved:
                    speaking.add(statement.iri)
    return speaking, told


def _terms(state: State, iri: str) -> Iterator[tuple[str, str]]:
    """Yield table and term under which a statement is found by others."""
    terms = state.items[iri].terms
    yield from (("posting", term) for term in rarest(terms, RAREST))
    yield from (("value", term) for term in value_terms(terms))


def _post(state: State, iri: str, terms: Iterable[tuple[str, str]], *, there: bool) -> None:
    edition = edition_of(iri)
    for table, term in terms:
        by_edition = state.notes[table].get(term, {})
        posted = by_edition.get(edition, [])
        posted = sorted({*posted, iri}) if there else [one for one in posted if one != iri]
        if posted:
            by_edition[edition] = posted
        else:
            by_edition.pop(edition, None)
        state.notes[table].put(term, by_edition)


def _compare_anew(state: State, change: Change, speaking: set[str], told: set[str]) -> set[str]:
    """Compare changed statements with those of related editions; returns all whose neighbours are others now.

    Adds to ``told`` unchanged statements whose relations may be others.
    """
    seeds: set[str] = set()
    for local in change.old.values():
        for statement in local.statements:
            seeds |= _part(state, statement.iri)
            _post(state, statement.iri, state.of_node("told", statement.iri, ()), there=False)
            state.put_node("told", statement.iri, None)
    fresh = {statement.iri for local in change.new.values() for statement in local.statements}
    for iri in sorted(fresh):
        terms = list(_terms(state, iri))
        _post(state, iri, terms, there=True)
        state.put_node("told", iri, terms)
    again = fresh | {iri for iri in speaking if iri in state.statements}
    for iri in again - fresh:
        seeds |= _part(state, iri)
    for iri in sorted(again):
        seeds |= _meet(state, iri, state.near(edition_of(iri)) | {edition_of(iri)}, again)
    for one, other in sorted(change.pairs):
        if one in change.editions or other in change.editions:
            continue
        for statement in (*state.by_edition[one], *state.by_edition[other]):
            seeds.add(statement.iri)
        for statement in state.by_edition[one]:
            mates = _part(state, statement.iri, other)
            if other in state.near(one):
                mates |= _meet(state, statement.iri, {other}, set())
            if mates:
                told |= {statement.iri, *mates}
    return {iri for iri in seeds | again if iri in state.statements}


def _part(state: State, iri: str, edition: str | None = None) -> set[str]:
    """Forget what a statement was like, all of it or what stands in one edition; returns what it was like."""
    mates = state.of_node("edge", iri, {})
    gone = {other for other in mates if edition in (None, edition_of(other))}
    for other in gone:
        back = dict(state.of_node("edge", other, {}))
        back.pop(iri, None)
        state.put_node("edge", other, back)
    if gone:
        state.put_node("edge", iri, {other: found for other, found in mates.items() if other not in gone})
    return gone


def _meet(state: State, iri: str, editions: Iterable[str], again: set[str]) -> set[str]:
    """Compare a statement with those of these editions that share a rare term; returns what it is like.

    Of two that are both compared ``again`` the lesser does it.
    """
    editions = set(editions)
    item = state.items[iri]
    found: dict[str, list[float]] = {}
    seen: set[tuple[str, str]] = set()
    for table, term in state.of_node("told", iri, ()):
        by_edition = state.notes[table].get(term, {})
        for edition in (
            [one for one in editions if one in by_edition]
            if len(editions) < len(by_edition)
            else [one for one in by_edition if one in editions]
        ):
            for other in by_edition[edition]:
                if other == iri or (other in again and other < iri) or (table, other) in seen:
                    continue
                seen.add((table, other))
                mate = state.items[other]
                if table == "posting":
                    pair = (item, mate) if iri < other else (mate, item)
                    score = meet(*pair, state.identity)
                    if score:
                        found.setdefault(other, [0.0, 0.0])[0] = score
                else:
                    score = difference(item.terms, mate.terms)
                    if score:
                        found.setdefault(other, [0.0, 0.0])[1] = score
    if found:
        state.put_node("edge", iri, {**state.of_node("edge", iri, {}), **found})
        for other, scores in found.items():
            state.put_node("edge", other, {**state.of_node("edge", other, {}), iri: scores})
    return set(found)


def _alike(state: State, iri: str) -> dict[str, float]:
    return {other: scores[0] for other, scores in state.of_node("edge", iri, {}).items() if scores[0]}


def _cluster_anew(state: State, change: Change, seeds: set[str], homes: set[str]) -> set[str]:
    """Cluster the connected parts that hold a seed; returns the clusters, by their first statement, that are others."""
    dirty: set[str] = set()
    for home in homes:  # of statements that are gone, or are to be looked at anew
        state.notes["cluster"].put(home, None)
    for local in change.old.values():
        for statement in local.statements:
            state.put_node("home", statement.iri, None)
    reached: set[str] = set()
    before: set[str] = set()
    now: dict[str, list[str]] = {}
    for seed in sorted(seeds):
        if seed in reached:
            continue
        part = {seed}
        waiting = [seed]
        while waiting:
            for other in _alike(state, waiting.pop()):
                if other not in part:
                    part.add(other)
                    waiting.append(other)
        reached |= part
        pairs = {(iri, other): score for iri in part for other, score in _alike(state, iri).items() if iri < other}
        before |= {home for home in (state.of_node("home", iri) for iri in part) if home}
        items = {iri: state.items[iri] for iri in part}
        now |= {members[0]: members for members in cluster(items, pairs, state.identity)}
    for home in before | now.keys():
        if state.notes["cluster"].get(home) != now.get(home):
            dirty.add(home)
            state.notes["cluster"].put(home, now.get(home))
    for home, members in now.items():
        for iri in members:
            if state.of_node("home", iri) != home:
                state.put_node("home", iri, home)
    return dirty


def _attach_anew(state: State, change: Change, dirty: set[str]) -> set[str]:
    """Let bare denials deny anew, where what stands before them is in another cluster; returns the clusters touched."""
    editions = set(change.editions)
    for home in dirty:
        editions |= {edition_of(iri) for iri in state.notes["cluster"].get(home or "", ())}
    cluster_of = Lookup(lambda iri: state.notes["cluster"].get(state.of_node("home", iri)))
    found: set[str] = set()
    for edition in editions:
        local = state.local(edition)
        sequence = (
            sorted(
                (state.items[statement.iri] for statement in local.statements), key=lambda item: item.statement.order
            )
            if local
            else []
        )
        now = attach(sequence, cluster_of, state.items)
        before = state.notes["attach"].get(edition, {})
        for denial in before.keys() | now.keys():
            if before.get(denial) == now.get(denial):
                continue
            for target, value in ((before.get(denial), None), (now.get(denial), 1)):
                if target:
                    state.put_in("attached", target, denial, value)
                    found.add(state.of_node("home", target))
            found.add(state.of_node("home", denial))
        if before != now:
            state.notes["attach"].put(edition, now)
    return found


def _copies_of(state: State, editions: Iterable[str]) -> set[str]:
    """Return editions and all that are their copies, or copies of those: a copy's root is its original's."""
    found: set[str] = set()
    waiting = list(editions)
    while waiting:
        edition = waiting.pop()
        if edition not in found:
            found.add(edition)
            waiting += state.notes["copied"].get(edition, {})
    return found


def _tell(state: State, change: Change, dirty: set[str], gone: set[str]) -> None:
    facts = Facts(
        statements=state.statements,
        by_edition=state.by_edition,
        sources=state.sources,
        editions=state.editions,
        copy_of=state.copy_of,
        revised=state.revised,
        identity=state.identity,
    )
    # A denial that is attached elsewhere is told there, under that cluster.
    for home in list(dirty):
        for iri in state.notes["cluster"].get(home, ()):
            target = state.of_node("attach", iri)
            if target:
                dirty.add(state.of_node("home", target))
    claims = []
    concerned: set[str] = set(gone)
    for home in sorted(dirty):
        before = state.notes["claim"].get(home)
        if before:
            change.touched |= {quads.claim_iri(before[0], base=state.base), *before[1]}
            concerned.update(before[1])
        clustered = state.notes["cluster"].get(home, [])
        members = [iri for iri in clustered if not state.of_node("attach", iri)]
        members += (one for iri in clustered for one in state.notes["attached"].get(iri, ()))
        if not members:
            state.notes["claim"].put(home, None)
            continue
        claim = claim_of([state.items[iri] for iri in members])
        claims.append(claim)
        concerned.update(members)
        state.notes["claim"].put(home, [claim.key, sorted(members)])
        change.touched |= {quads.claim_iri(claim.key, base=state.base), *members}
        statements = [state.statements[iri] for iri in members]
        outlet_of = {statement.iri: facts.outlet(statement) for statement in statements}
        change.say(quads.statement_triples(statements, state.identity, outlet_of))
        change.say(quads.claim_triples(claim, board(claim, facts), base=state.base))
    change.touched |= gone
    _relate(state, change, claims, concerned)


def _relate(state: State, change: Change, claims: list[Claim], concerned: set[str]) -> None:
    opposed: set[Pair] = set()
    values: set[tuple[str, str, float]] = set()
    for iri in concerned:
        for other, (one, two, kind) in state.of_node("rel", iri, {}).items():
            change.touched.add(quads.relation_iri(one, two, kind, base=state.base))
            back = dict(state.of_node("rel", other, {}))
            back.pop(iri, None)
            state.put_node("rel", other, back)
        state.put_node("rel", iri, None)
        if iri not in state.statements:
            continue
        for other, (score, value) in state.of_node("edge", iri, {}).items():
            pair = (min(iri, other), max(iri, other))
            if score and state.items[iri].negative != state.items[other].negative:
                opposed.add(pair)
            if value:
                values.add((*pair, value))
    found = relate(claims, state.statements, sorted(opposed), sorted(values), state.identity)
    decided = {one for one in change.decided.related if one[0] in concerned or one[1] in concerned}
    for relation in obey(found, decided, state.statements):
        for one, other in ((relation.one, relation.other), (relation.other, relation.one)):
            told = {**state.of_node("rel", one, {}), other: [relation.one, relation.other, relation.relation]}
            state.put_node("rel", one, told)
        change.touched.add(quads.relation_iri(relation.one, relation.other, relation.relation, base=state.base))
        change.say(quads.relation_triples([relation], base=state.base))
