"""The names of a document's fields enter; the properties that the loader walks along leave.

A field that is missing here is still answered rightly, but asks the store once a row;
``tests/api/test_graphql_work.py`` tries every field of every type.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.vocab import KG

#: Field of GraphQL -> the properties that it walks along. What is read of a node's own is not here.
FOLLOWS: dict[str, tuple[NamedNode, ...]] = {
    "edition": (KG.inEdition,),
    "editions": (KG.inEdition,),
    "prefix": (KG.inEdition,),
    "suffix": (KG.inEdition,),
    "startUtf16": (KG.inEdition,),
    "endUtf16": (KG.inEdition,),
    "title": (KG.editionOf,),
    "language": (KG.inEdition,),
    "article": (KG.reportedIn, KG.editionOf, KG.identifiedAs),
    "articles": (KG.inEdition, KG.editionOf, KG.identifiedAs),
    "outlet": (KG.publishedBy, KG.reportedIn, KG.publisher, KG.identifiedAs),
    "authors": (KG.author,),
    "revises": (KG.revises,),
    "copyOf": (KG.copyOf,),
    "run": (KG.generatedBy,),
    "titleSpan": (KG.titleSpan,),
    "content": (KG.content,),
    "quoted": (KG.quoted,),
    "cue": (KG.cue,),
    "speaker": (KG.saidBy, KG.speaker, KG.identifiedAs),
    "speakerSpan": (KG.speakerMention,),
    "addressee": (KG.saidTo, KG.addressee, KG.identifiedAs),
    "rootSource": (KG.rootSource, KG.identifiedAs),
    "chain": (KG.hasStep,),
    "source": (KG.stepSource, KG.identifiedAs),
    "describedAs": (KG.stepSource,),
    "evidence": (KG.evidence,),
    "saidOn": (KG.saidOn,),
    "about": (KG.aboutEvent, KG.identifiedAs),
    "claim": (KG.expresses, KG.denies),
    "embeddedIn": (KG.embeddedIn,),
    "from": (KG.from_,),
    "to": (KG.to,),
    "by": (KG.bySource, KG.assertedBy, KG.identifiedAs),
    "outlets": (KG.carriedBy,),
    "roots": (KG.hasRoot,),
    "trigger": (KG.trigger,),
    "triggers": (KG.trigger,),
    "when": (KG.time,),
    "earliest": (KG.time,),
    "latest": (KG.time,),
    "place": (KG.place, KG.identifiedAs),
    "participants": (KG.participation,),
    "actor": (KG.participant, KG.identifiedAs),
    "roles": (KG.tenure,),
}

#: Followed by every document: the editions' own nodes of an article are sorted by it.
ALWAYS = (KG.published,)


def wanted(fields: Iterable[str]) -> frozenset[NamedNode]:
    """Return the properties to follow for a document with these fields."""
    return frozenset(ALWAYS).union(*(FOLLOWS.get(name, ()) for name in fields))
