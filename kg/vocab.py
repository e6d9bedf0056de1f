"""The ontology's terms as constants: ``KG.speaker`` is the property, ``concept("act", "deny")`` the concept.

``tests/test_vocabulary.py`` keeps this module equal to ``ontology/kg.ttl`` and ``ontology/schemes.ttl``.
"""

from __future__ import annotations

from typing import get_args

from pyoxigraph import NamedNode

from kg import model

NAMESPACE = "https://w3id.org/on-the-record/ns#"
SCHEMES = "https://w3id.org/on-the-record/schemes#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def _kg(name: str) -> NamedNode:
    return NamedNode(NAMESPACE + name)


class KG:
    """The classes and properties of ``kg:``, under the names they have in Turtle."""

    # classes
    Source = _kg("Source")
    Actor = _kg("Actor")
    Person = _kg("Person")
    Organization = _kg("Organization")
    NewsOutlet = _kg("NewsOutlet")
    Group = _kg("Group")
    GeopoliticalEntity = _kg("GeopoliticalEntity")
    Document = _kg("Document")
    Channel = _kg("Channel")
    Article = _kg("Article")
    Edition = _kg("Edition")
    Mention = _kg("Mention")
    Statement = _kg("Statement")
    DirectQuotation = _kg("DirectQuotation")
    AttributionStep = _kg("AttributionStep")
    Claim = _kg("Claim")
    Event = _kg("Event")
    Participation = _kg("Participation")
    Place = _kg("Place")
    TimeSpan = _kg("TimeSpan")
    Tenure = _kg("Tenure")
    StatementRelation = _kg("StatementRelation")
    IdentityLink = _kg("IdentityLink")
    Decision = _kg("Decision")
    Annotation = _kg("Annotation")
    Submission = _kg("Submission")
    ExtractionRun = _kg("ExtractionRun")
    Problem = _kg("Problem")

    # any node of an edition
    inEdition = _kg("inEdition")
    recordKey = _kg("recordKey")
    confidence = _kg("confidence")
    evidence = _kg("evidence")

    # editions and articles
    editionOf = _kg("editionOf")
    text = _kg("text")
    sha256 = _kg("sha256")
    language = _kg("language")
    languageOrigin = _kg("languageOrigin")
    excerpt = _kg("excerpt")
    origin = _kg("origin")
    generatedBy = _kg("generatedBy")
    revises = _kg("revises")
    copyOf = _kg("copyOf")
    title = _kg("title")
    titleSpan = _kg("titleSpan")
    titleOrigin = _kg("titleOrigin")
    publisher = _kg("publisher")
    outletName = _kg("outletName")
    outletOrigin = _kg("outletOrigin")
    author = _kg("author")
    authorOrigin = _kg("authorOrigin")
    published = _kg("published")
    publishedOrigin = _kg("publishedOrigin")
    url = _kg("url")

    # mentions
    start = _kg("start")
    end = _kg("end")
    exact = _kg("exact")
    denotes = _kg("denotes")
    mentionKind = _kg("mentionKind")
    zone = _kg("zone")

    # sources
    name = _kg("name")
    altLabel = _kg("altLabel")
    unnamed = _kg("unnamed")
    number = _kg("number")
    tenure = _kg("tenure")
    roleLabel = _kg("roleLabel")
    tenureStatus = _kg("tenureStatus")

    # statements
    reportedIn = _kg("reportedIn")
    speaker = _kg("speaker")
    speakerMention = _kg("speakerMention")
    addressee = _kg("addressee")
    content = _kg("content")
    contentText = _kg("contentText")
    quoted = _kg("quoted")
    cue = _kg("cue")
    mode = _kg("mode")
    speechAct = _kg("speechAct")
    polarity = _kg("polarity")
    certainty = _kg("certainty")
    modality = _kg("modality")
    saidOn = _kg("saidOn")
    embeddedIn = _kg("embeddedIn")
    aboutEvent = _kg("aboutEvent")
    rule = _kg("rule")

    # chains
    hasStep = _kg("hasStep")
    position = _kg("position")
    stepSource = _kg("stepSource")
    stepAct = _kg("stepAct")
    stepCertainty = _kg("stepCertainty")
    rootSource = _kg("rootSource")

    # events
    eventKind = _kg("eventKind")
    eventStatus = _kg("eventStatus")
    label = _kg("label")
    trigger = _kg("trigger")
    time = _kg("time")
    place = _kg("place")
    participation = _kg("participation")
    participant = _kg("participant")
    role = _kg("role")

    # times
    edtf = _kg("edtf")
    earliest = _kg("earliest")
    latest = _kg("latest")
    resolution = _kg("resolution")
    anchor = _kg("anchor")
    timexValue = _kg("timexValue")
    timexType = _kg("timexType")

    # relations, links, decisions
    # "from" is a Python keyword, so the constant has an underscore; the term is kg:from
    from_ = _kg("from")
    to = _kg("to")
    relation = _kg("relation")
    basis = _kg("basis")
    assertedBy = _kg("assertedBy")
    bySource = _kg("bySource")
    identifiedAs = _kg("identifiedAs")
    verdict = _kg("verdict")
    decidedBy = _kg("decidedBy")
    decidedOn = _kg("decidedOn")
    reason = _kg("reason")
    alongside = _kg("alongside")
    supersedes = _kg("supersedes")
    annotates = _kg("annotates")
    note = _kg("note")
    submitted = _kg("submitted")

    # what linking adds
    saidBy = _kg("saidBy")
    saidTo = _kg("saidTo")
    publishedBy = _kg("publishedBy")
    expresses = _kg("expresses")
    denies = _kg("denies")
    hasRoot = _kg("hasRoot")
    rootedIn = _kg("rootedIn")
    carriedBy = _kg("carriedBy")
    outletCount = _kg("outletCount")
    statementCount = _kg("statementCount")
    rootCountLow = _kg("rootCountLow")
    rootCountHigh = _kg("rootCountHigh")
    namedRootCount = _kg("namedRootCount")
    denialCount = _kg("denialCount")
    linkedFrom = _kg("linkedFrom")

    # runs and problems
    reader = _kg("reader")
    version = _kg("version")
    model = _kg("model")
    modelVersion = _kg("modelVersion")
    modelSha256 = _kg("modelSha256")
    problem = _kg("problem")
    step = _kg("step")
    message = _kg("message")


EVENT_KINDS = (
    "attack", "protest", "arrest", "trial", "sentence", "death", "injury", "movement", "transfer", "business",
    "meeting", "call", "appointment", "departure", "election", "agreement", "aid", "sanction", "mobilization",
    "negotiation", "disaster", "accident", "release", "legislation", "competition", "investigation", "refusal",
    "other",
)  # fmt: skip
STEP_ACTS = ("publishes", "report", "say", "tell", "write", "post", "broadcast", "quote", "document", "unspecified")

CONCEPTS: dict[str, tuple[str, ...]] = {
    "act": get_args(model.Act),
    "mode": get_args(model.Mode),
    "polarity": get_args(model.Polarity),
    "certainty": get_args(model.Certainty),
    "modality": get_args(model.Modality),
    "zone": get_args(model.ZoneKind),
    "mention": get_args(model.MentionKind),
    "tenure": get_args(model.RoleStatus),
    "status": get_args(model.EventStatus),
    "kind": EVENT_KINDS,
    "step": STEP_ACTS,
    "timex": get_args(model.TimexType),
    "resolution": get_args(model.Resolution),
    "origin": get_args(model.Origin),
    "relation": (
        "corroborates", "contradicts", "unverified", "inTensionWith", "sameClaimAs", "repeats", "sharesRoot", "updates",
    ),
    "basis": (
        "same-name", "name-variant", "surname", "acronym", "outlet-table", "same-url", "same-text", "near-text",
        "same-event", "same-wording", "opposite-polarity", "different-value", "declared", "person",
    ),
    "verdict": ("confirmed", "undone"),
}  # fmt: skip


def concept(scheme: str, value: str) -> NamedNode:
    """Return the concept ``kgs:<scheme>-<value>``; KeyError when the scheme does not know the value."""
    if value not in CONCEPTS[scheme]:
        raise KeyError(f"The scheme {scheme!r} has no concept {value!r}; it has {', '.join(CONCEPTS[scheme])}")
    return NamedNode(f"{SCHEMES}{scheme}-{value}")


def concept_value(node: NamedNode) -> str:
    """Return the value that a concept stands for: ``kgs:act-deny`` gives "deny"."""
    return node.value.removeprefix(SCHEMES).partition("-")[2]
