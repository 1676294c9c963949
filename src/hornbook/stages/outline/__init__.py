"""Find the topics and subtopics of a book in its pages, without a model."""

from hornbook.stages.outline.book import outline
from hornbook.stages.outline.matter import teaches_nothing
from hornbook.stages.outline.pages import OutlinePage

__all__ = ["OutlinePage", "outline", "teaches_nothing"]
