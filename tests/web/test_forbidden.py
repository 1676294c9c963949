"""What a running job forbids, and what it never does."""

import pytest

from tests.web.conftest import with_the_book_of
from tests.web.making import make_image

FORM = {"files": {"images": ("new.png", make_image()), "image": ("new.png", make_image())}}
FORBIDDEN = {
    "delete book": ("DELETE", "/admin/books/{book}", {}),
    "change language": ("PATCH", "/admin/books/{book}", {"json": {"language": "hi"}}),
    "delete page": ("DELETE", "/admin/books/{book}/pages/1", {}),
    "move page": ("POST", "/admin/books/{book}/pages/1/move", {"json": {"to": 2}}),
    "replace page": ("PUT", "/admin/books/{book}/pages/1/image", {"content": make_image()}),
    "rotate page": ("POST", "/admin/books/{book}/pages/1/rotate", {"json": {"degrees": 90}}),
    "bulk upload": ("POST", "/admin/books/{book}/pages/bulk", FORM),
    "single upload": ("POST", "/admin/books/{book}/pages", FORM),
    "generate": ("POST", "/admin/books/{book}/generate-guidelines", {}),
    "resume": ("POST", "/admin/books/{book}/generate-guidelines", {"json": {"resume": True}}),
    "finalize": ("POST", "/admin/books/{book}/finalize", {}),
    "sync": ("POST", "/admin/guidelines/books/{book}/sync-to-database", {}),
    "approve all": ("PUT", "/admin/books/{book}/guidelines/approve", {}),
    "reject": ("DELETE", "/admin/books/{book}/guidelines", {}),
    "edit": (
        "PUT",
        "/admin/guidelines/books/{book}/subtopics/{subtopic}?topic_key={topic}",
        {"json": {"guidelines": "By hand."}},
    ),
}
ALLOWED = {
    "approve page": ("PUT", "/admin/books/{book}/pages/2/approve", {}),
    "reject page": ("PUT", "/admin/books/{book}/pages/2/reject", {}),
    "correct text": (
        "PUT",
        "/admin/books/{book}/pages/2/text",
        {"json": {"text": "By hand.", "revision": 1}},
    ),
    "approve pages": ("POST", "/admin/books/{book}/pages/approve", {}),
    "approve row": ("POST", "/admin/guidelines/{row}/approve", {"json": {"approved": True}}),
    "delete row": ("DELETE", "/admin/guidelines/{row}", {}),
    "stop": ("POST", "/admin/books/{book}/jobs/{job}/stop", {}),
    "look at book": ("GET", "/admin/books/{book}", {}),
    "look at page": ("GET", "/admin/books/{book}/pages/2", {}),
    "look at image": ("GET", "/admin/books/{book}/pages/2/image", {}),
    "look at job": ("GET", "/admin/books/{book}/jobs/latest", {}),
    "look at guidelines": ("GET", "/admin/books/{book}/guidelines", {}),
    "look at guideline": ("GET", "/admin/books/{book}/guidelines/{topic}/{subtopic}", {}),
    "look at topics": ("GET", "/admin/guidelines/books/{book}/topics", {}),
    "look at assignments": ("GET", "/admin/guidelines/books/{book}/page-assignments", {}),
    "look at rows": ("GET", "/admin/guidelines/books/{book}/review", {}),
    "look at uploads": ("GET", "/admin/books/{book}/uploads", {}),
}


@pytest.fixture
def settings(settings, shelf):
    return with_the_book_of(shelf, settings)


@pytest.fixture
def held(running, admin, shelf):
    """Opens a job of a type on a published book, and holds it before its first item."""

    def hold(job_type: str) -> dict[str, str]:
        book = admin.published(shelf[1])
        guideline = admin.get(f"/admin/books/{book}/guidelines")["guidelines"][0]
        row = admin.get(f"/admin/guidelines/books/{book}/review")[0]["id"]
        running.dispatcher.stop(grace=5)
        job = open_job(admin, book, job_type)
        return {
            "book": book,
            "topic": guideline["topic_key"],
            "subtopic": guideline["subtopic_key"],
            "row": row,
            "job": job,
        }

    return hold


def open_job(admin, book: str, job_type: str) -> str:
    if job_type == "ocr_batch":
        return admin.post(f"/admin/books/{book}/pages/retry-ocr", {"pages": [1]})["job_id"]
    route = {"extraction": "generate-guidelines", "finalization": "finalize"}[job_type]
    return admin.post(f"/admin/books/{book}/{route}")["job_id"]


def ask(admin, request, names):
    method, path, options = request
    return admin.http.request(method, path.format(**names), **options)


@pytest.mark.parametrize("job_type", ["ocr_batch", "extraction", "finalization"])
def test_a_running_job_forbids_what_would_change_its_ground(admin, held, job_type):
    names = held(job_type)

    replies = {action: ask(admin, request, names) for action, request in FORBIDDEN.items()}

    assert {action: reply.status_code for action, reply in replies.items()} == dict.fromkeys(
        FORBIDDEN, 409
    )
    for reply in replies.values():
        assert reply.json()["detail"].endswith(".")
    assert admin.get(f"/admin/books/{names['book']}/jobs/latest")["job_id"] == names["job"]
    assert len(admin.get(f"/admin/books/{names['book']}")["pages"]) == 3


@pytest.mark.parametrize("job_type", ["ocr_batch", "extraction", "finalization"])
def test_a_running_job_forbids_nothing_else(admin, held, job_type):
    names = held(job_type)

    statuses = {
        action: ask(admin, request, names).status_code for action, request in ALLOWED.items()
    }

    assert statuses == dict.fromkeys(ALLOWED, 200)


@pytest.mark.parametrize("job_type", ["extraction", "finalization"])
def test_only_an_ocr_job_takes_a_page_to_read_again(admin, held, job_type):
    names = held(job_type)

    for path in ("pages/2/retry-ocr", "pages/retry-ocr"):
        reply = admin.http.post(f"/admin/books/{names['book']}/{path}", json={"pages": [2]})
        assert reply.status_code == 409


def test_a_running_ocr_job_takes_another_page_but_no_page_twice(admin, held):
    names = held("ocr_batch")
    book = names["book"]

    joined = admin.http.post(f"/admin/books/{book}/pages/2/retry-ocr")
    waiting = admin.http.post(f"/admin/books/{book}/pages/1/retry-ocr")

    assert (joined.status_code, joined.json()["ocr_status"]) == (200, "pending")
    assert waiting.status_code == 409
    job = admin.get(f"/admin/books/{book}/jobs/latest")
    assert (job["job_id"], job["total_items"]) == (names["job"], 2)


def test_files_of_an_open_manifest_join_the_job_that_reads_them(admin):
    book = admin.create_book()
    images = [make_image("one"), make_image("two")]
    manifest = {"files": [{"name": f"p{n}.png", "size": len(i)} for n, i in enumerate(images)]}
    batch = admin.post(f"/admin/books/{book}/uploads", manifest)["batch_id"]

    statuses = [
        admin.http.put(f"/admin/books/{book}/uploads/{batch}/{n}", content=image).status_code
        for n, image in enumerate(images)
    ]

    job = admin.get(f"/admin/books/{book}/jobs/latest")
    assert statuses == [200, 200]
    assert (job["job_type"], job["total_items"]) == ("ocr_batch", 2)


@pytest.mark.parametrize("job_type", ["extraction", "finalization"])
def test_files_do_not_join_a_job_of_another_type(admin, held, job_type):
    names = held(job_type)
    book, image = names["book"], make_image("late")

    announced = admin.http.post(
        f"/admin/books/{book}/uploads", json={"files": [{"name": "late.png", "size": len(image)}]}
    )

    assert announced.status_code == 409
