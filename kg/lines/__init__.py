"""The lines of an article: a text enters, its paragraphs with their kinds and what its head says of it leave.

Ground for two rooms that must agree: ``articles`` takes title, authors, date and outlet from the text of files that
carry none, ``reading`` keeps headlines, captions and promotion out of the story.
"""

from kg.lines.cutting import cut
from kg.lines.dates import full_date
from kg.lines.layout import Block, Layout, complete, lay_out

__all__ = ["Block", "Layout", "complete", "cut", "full_date", "lay_out"]
