"""What the screen says of a bucket that is behind."""

from sqlalchemy import update

from hornbook.library.tables import BookRow


def test_the_screen_says_when_the_bucket_is_behind_and_stops_saying_so(admin):
    book = admin.create_book()
    screen = f"/books/{book}"
    before = admin.http.get(screen).text

    with admin.hornbook.database.begin() as session:
        session.execute(update(BookRow).values(projection_error="The store does not answer."))
    behind = admin.http.get(screen).text
    with admin.hornbook.database.begin() as session:
        session.execute(update(BookRow).values(projection_error=None))

    assert "The bucket is behind" in behind
    assert "The bucket is behind" not in before + admin.http.get(screen).text
