"""What a copy holds while objects come and go."""

import pytest
from sqlalchemy import select

from hornbook.errors import Conflict, Invalid
from hornbook.library import keys
from hornbook.library.backup import backup
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.tables import PageRow
from tests.library.rich_book import BOOK, book, page


def copied(folder) -> Objects:
    return Objects((folder / "store").as_uri())


def test_the_copy_has_every_object_and_the_progress_is_told(sqlite_database, objects, tmp_path):
    for number in range(1, 4):
        objects.put_new(f"books/b/raw/{number}.png", b"page" * number)
    told = []

    report = backup(sqlite_database, objects, tmp_path / "copy", lambda *step: told.append(step))

    assert copied(tmp_path / "copy").list("") == objects.list("")
    assert (report.objects, report.size, report.missing) == (3, 4 + 8 + 12, [])
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_page_that_came_while_the_objects_were_copied_has_its_file_in_the_copy(
    sqlite_database, objects, tmp_path
):
    objects.put_new("books/other/raw/1.png", b"page")
    key, late = keys.raw(BOOK, 1, "image/jpeg"), page(1, image_revision=0)

    def arrive(_done, _total):
        if key not in objects.list(""):
            objects.put_new(key, b"late")
            with sqlite_database.begin() as session:
                session.add(book())
                session.flush()
                session.add(late)

    report = backup(sqlite_database, objects, tmp_path / "copy", arrive)

    assert report.missing == []
    assert copied(tmp_path / "copy").get(key) == b"late"
    restored = Database(f"sqlite:///{tmp_path}/copy/hornbook.db")
    with restored.read() as session:
        assert session.scalars(select(PageRow.raw_key)).all() == [key]
    restored.close()


def test_a_copy_that_could_not_be_finished_is_not_there_and_is_no_hindrance(
    sqlite_database, objects, tmp_path
):
    objects.put_new("books/b/raw/1.png", b"page")

    def interrupt(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(sqlite_database, objects, tmp_path / "copy", interrupt)
    assert not (tmp_path / "copy").exists()

    backup(sqlite_database, objects, tmp_path / "copy")
    assert copied(tmp_path / "copy").list("") == ["books/b/raw/1.png"]
    assert not [*tmp_path.glob("*unfinished*")]


def test_a_folder_that_is_not_empty_is_refused(sqlite_database, objects, tmp_path):
    (tmp_path / "copy").mkdir()
    backup(sqlite_database, objects, tmp_path / "copy")

    with pytest.raises(Conflict, match="is there already"):
        backup(sqlite_database, objects, tmp_path / "copy")


def test_a_copy_of_postgresql_is_left_to_its_own_tools(objects, tmp_path):
    with pytest.raises(Invalid, match="pg_dump"):
        backup(Database("postgresql://somewhere/hornbook"), objects, tmp_path / "copy")
    assert not [*tmp_path.glob("copy*")]
