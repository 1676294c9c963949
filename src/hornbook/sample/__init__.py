"""The sample book that ships with Hornbook: a primer of ours, some pages spoiled on purpose."""

from importlib.resources import files

from natsort import natsorted

from hornbook.model.book import NewBook

BOOK = NewBook(title="Numbers All Around", grade=3, subject="Mathematics", author="Hornbook")


def pages() -> list[tuple[str, bytes]]:
    """File name and bytes of every page image, in natural order."""
    folder = files(__package__)
    names = natsorted(file.name for file in folder.iterdir() if file.name.startswith("page"))
    return [(name, folder.joinpath(name).read_bytes()) for name in names]
