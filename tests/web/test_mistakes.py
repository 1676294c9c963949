"""What the predecessor got wrong (CONTRACT 6) as a browser meets it."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from tests.web.making import make_image

SCRIPT = "<img src=x onerror=alert(1)>"


def test_contract_6_17_an_upload_that_has_to_wait_keeps_nobody_else_waiting(admin, hornbook):
    book = admin.create_book()
    body = {"files": [{"name": "1.png", "size": len(make_image())}]}
    batch = admin.post(f"/admin/books/{book}/uploads", body)["batch_id"]
    address = f"/admin/books/{book}/uploads/{batch}/0"

    with ThreadPoolExecutor(2) as pool:
        with hornbook.database.begin():  # nobody else can write now
            upload = pool.submit(admin.http.put, address, content=make_image())
            until_stored(hornbook, f"books/{book}/uploads/{batch}")
            poll = pool.submit(admin.get, f"/admin/books/{book}/jobs/latest")
            assert poll.result(timeout=3) is None
            assert not upload.done()
        assert upload.result().status_code == 200


def until_stored(hornbook, folder: str) -> None:
    for _ in range(100):
        if hornbook.objects.list(folder):
            return
        sleep(0.05)
    raise TimeoutError(folder)


def test_a_file_name_with_markup_is_shown_and_never_run(admin):
    book = admin.create_book(title=f"A {SCRIPT}")
    admin.bulk(book, "one", names=[f"{SCRIPT}.png"])

    for path in ("/", f"/books/{book}", f"/books/{book}/pages/1/review"):
        page = admin.http.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert SCRIPT not in page.text
        assert "&lt;img src=x onerror=alert(1)&gt;" in page.text, path
