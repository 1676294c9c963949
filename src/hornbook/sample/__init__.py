"""The sample book that ships with Hornbook: a primer of ours, some of its pages spoilt on purpose."""

from importlib.resources import files

from natsort import natsorted

from hornbook.model.book import NewBook

BOOK = NewBook(title="Numbers All Around", grade=3, subject="Mathematics", author="Hornbook")


def pages() -> list[tuple[str, bytes]]:
    """File name and bytes of every page image, in natural order."""
    images = (file for file in files(__package__).iterdir() if file.name.startswith("page"))
    return [(file.name, file.read_bytes()) for file in natsorted(images, key=lambda file: file.name)]
