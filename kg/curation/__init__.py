"""What a person does enters, with their name and reason; its record in the curation graph leaves, and the graph obeys.

Every function takes a store that is open for writing, puts the record, links anew where a decision says so, and
publishes. The records are checked by ``shapes/linking.ttl`` before they are put; docs/model.md, "The curation graph".
"""

from kg.curation.annotating import annotate
from kg.curation.deciding import confirm_identity, confirm_relation, undo_identity, undo_relation
from kg.curation.record import Recorded, Refused, Signed
from kg.curation.submitting import Submitted, Text, hand_in, submit
from kg.gate import Violation

__all__ = [
    "Recorded",
    "Refused",
    "Signed",
    "Submitted",
    "Text",
    "Violation",
    "annotate",
    "confirm_identity",
    "confirm_relation",
    "hand_in",
    "submit",
    "undo_identity",
    "undo_relation",
]
