"""Every row of the contract's REST table: its success, and every error it lists."""

import json

import pytest

from tests.web.making import make_image

BOOK = {
    "title": "Mathematics for Grade 4",
    "author": "Anita Rao",
    "edition": "2nd",
    "edition_year": 2026,
    "country": "India",
    "board": "CBSE",
    "grade": 4,
    "subject": "Mathematics",
}
BOOK_COLUMNS = {
    *("id", "title", "author", "edition", "edition_year", "country", "board", "grade", "subject"),
    *("cover_image_s3_key", "s3_prefix", "metadata_s3_key", "created_at", "updated_at"),
    *("created_by", "page_count", "guideline_count", "approved_guideline_count", "has_active_job"),
}
PAGE_FIELDS = {
    *("page_num", "raw_image_s3_key", "image_s3_key", "text_s3_key", "status", "approved_at"),
    *("ocr_status", "ocr_error", "uploaded_at", "is_blank", "file_name"),
}
JOB_COLUMNS = {
    *("job_id", "book_id", "job_type", "status", "total_items", "completed_items", "failed_items"),
    *("current_item", "last_completed_item", "progress_detail", "heartbeat_at", "started_at"),
    *("completed_at", "error_message"),
}
SUBTOPIC_FIELDS = {
    *("topic_key", "topic_title", "subtopic_key", "subtopic_title", "subtopic_summary"),
    *("source_page_start", "source_page_end", "guidelines", "version", "created_at", "updated_at"),
    *("source_pages", "status"),
}
REVIEW_FIELDS = {
    *("id", "country", "board", "grade", "subject", "topic", "subtopic", "guideline"),
    *("review_status", "updated_at"),
}


def detail(reply) -> str:
    assert list(reply.json()) == ["detail"], reply.text
    return reply.json()["detail"]


def send_form(admin, book, *parts, field="images", path="pages/bulk"):
    files = [(field, (name, body, "application/octet-stream")) for name, body in parts]
    return admin.http.post(f"/admin/books/{book}/{path}", files=files)


# Books


def test_a_book_is_created_with_every_column(admin):
    reply = admin.http.post("/admin/books", json=BOOK)

    assert reply.status_code == 201
    book = reply.json()
    assert set(book) >= BOOK_COLUMNS
    assert book | BOOK == book
    assert book["id"] == "anita_rao_mathematics_4_2026"
    assert book["s3_prefix"] == "books/anita_rao_mathematics_4_2026/"
    assert (book["page_count"], book["has_active_job"]) == (0, False)


def test_a_second_book_of_the_same_name_gets_another_id(admin):
    ids = [admin.post("/admin/books", BOOK)["id"] for _ in range(3)]

    assert ids == [f"anita_rao_mathematics_4_2026{suffix}" for suffix in ("", "_1", "_2")]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"grade": 0}, "grade"),
        ({"grade": 13}, "grade"),
        ({"grade": "four"}, "grade"),
        ({"edition_year": 1899}, "edition_year"),
        ({"edition_year": 2101}, "edition_year"),
        ({"title": "  "}, "title"),
        ({"title": None}, "title"),
        ({"subject": "a\nb"}, "subject"),
        ({"board": "a\x00b"}, "board"),
        ({"country": "x" * 301}, "country"),
    ],
)
def test_a_book_with_a_wrong_field_is_refused_by_name(shared_admin, facts, field):
    reply = shared_admin.http.post("/admin/books", json=BOOK | facts)

    assert reply.status_code == 422
    assert f"'{field}'" in detail(reply)


@pytest.mark.parametrize("field", ["title", "country", "board", "grade", "subject"])
def test_a_book_needs_these_fields(shared_admin, field):
    book = {key: value for key, value in BOOK.items() if key != field}

    reply = shared_admin.http.post("/admin/books", json=book)

    assert reply.status_code == 422
    assert f"'{field}'" in detail(reply)


def test_books_are_listed_by_what_they_are(admin):
    fourth = admin.create_book(grade=4)
    fifth = admin.create_book(grade=5, board="ICSE")

    found = admin.get("/admin/books", grade=5)

    assert [book["id"] for book in found["books"]] == [fifth]
    assert found["total"] == 1
    assert (
        admin.get("/admin/books", board="ICSE", country="India", subject="Mathematics")["total"]
        == 1
    )
    assert admin.get("/admin/books", status="upload")["total"] == 2
    page = admin.get("/admin/books", limit=1, offset=1)
    assert page["total"] == 2
    assert [book["id"] for book in page["books"]] == [fourth]


def test_a_book_shows_its_pages_as_the_bucket_does(busy_admin):
    book = busy_admin.read_book()

    found = busy_admin.get(f"/admin/books/{book}")

    assert [set(page) for page in found["pages"]] == [PAGE_FIELDS] * 3
    assert [page["page_num"] for page in found["pages"]] == [1, 2, 3]
    assert (
        found["pages"][0]
        | {
            "raw_image_s3_key": f"books/{book}/raw/1.png",
            "image_s3_key": f"books/{book}/1.png",
            "text_s3_key": f"books/{book}/1.txt",
            "status": "pending_review",
            "approved_at": None,
            "ocr_status": "completed",
            "ocr_error": None,
            "is_blank": False,
            "file_name": "page-1.png",
        }
        == found["pages"][0]
    )


def test_a_deleted_book_is_gone_with_its_jobs(busy_admin):
    book = busy_admin.read_book()
    job = busy_admin.get(f"/admin/books/{book}/jobs/latest")["job_id"]

    reply = busy_admin.http.delete(f"/admin/books/{book}")

    assert (reply.status_code, reply.content) == (204, b"")
    assert busy_admin.http.get(f"/admin/books/{book}").status_code == 404
    assert busy_admin.http.get(f"/admin/books/{book}/jobs/{job}").status_code == 404


# Upload


def test_one_page_is_added_with_its_text(busy_admin):
    book = busy_admin.create_book()

    reply = send_form(
        busy_admin, book, ("a.png", make_image("Two plus two")), field="image", path="pages"
    )

    assert reply.status_code == 200
    assert reply.json() == {
        "page_num": 1,
        "image_url": f"/admin/books/{book}/pages/1/image?v=1.1",
        "ocr_text": "Two plus two",
        "status": "pending_review",
    }


def test_one_page_is_always_added_even_the_same_again(busy_admin):
    book = busy_admin.create_book()

    for number in (1, 2):
        reply = send_form(busy_admin, book, ("a.png", make_image()), field="image", path="pages")
        assert reply.json()["page_num"] == number


def test_pages_may_be_added_one_right_after_the_other(busy_admin):
    book = busy_admin.create_book()

    for number in range(1, 6):
        reply = send_form(busy_admin, book, ("a.png", make_image()), field="image", path="pages")
        assert (reply.status_code, number) == (200, number), reply.text


def test_many_pages_come_in_natural_order(busy_admin):
    book = busy_admin.create_book()

    reply = busy_admin.bulk(book, "ten", "two", "one", names=["p10.png", "p2.png", "p1.png"])

    receipt = reply.json()
    assert reply.status_code == 200
    assert receipt["pages_uploaded"] == [1, 2, 3]
    assert (receipt["total_pages"], receipt["status"]) == (3, "processing")
    assert receipt["rejected"] == receipt["already_there"] == []
    job = busy_admin.wait(book)
    assert (job["job_id"], job["job_type"]) == (receipt["job_id"], "ocr_batch")
    texts = [busy_admin.get(f"/admin/books/{book}/pages/{n}")["ocr_text"] for n in (1, 2, 3)]
    assert texts == ["one", "two", "ten"]


def test_good_files_are_kept_whatever_the_others_are(admin):
    book = admin.create_book()
    files = [
        ("good.png", make_image()),
        ("empty.png", b""),
        ("story.png", b"once upon a time" * 10),
        ("large.png", b"\x89PNG\r\n\x1a\n" + bytes(11 * 1024 * 1024)),
    ]

    receipt = send_form(admin, book, *files).json()

    assert receipt["pages_uploaded"] == [1]
    assert {each["name"] for each in receipt["rejected"]} == {"empty.png", "story.png", "large.png"}
    assert all(each["error"].endswith(".") for each in receipt["rejected"])


def test_the_same_file_is_the_same_page_but_not_under_another_name(busy_admin):
    book = busy_admin.create_book()
    busy_admin.bulk(book, "one", names=["a.png"])
    busy_admin.wait(book)

    again = busy_admin.bulk(book, "one", "two", names=["a.png", "b.png"])
    busy_admin.wait(book)
    under_another_name = busy_admin.bulk(book, "one", names=["c.png"])
    busy_admin.wait(book)
    nothing_new = busy_admin.bulk(book, "one", names=["a.png"])

    assert again.json()["already_there"] == ["a.png"]
    assert again.json()["pages_uploaded"] == [2]
    assert again.json()["message"] == "1 page uploaded; it is being read now."
    assert under_another_name.json()["pages_uploaded"] == [3]
    assert nothing_new.status_code == 409
    assert detail(nothing_new)


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([], 400),
        ([("a.png", b"")], 400),
        ([("a.png", b"no image at all, whatever its name")], 400),
        ([("a.png", bytes(11 * 1024 * 1024))], 413),
    ],
)
def test_an_upload_without_any_good_file_is_refused(shared_admin, files, status):
    book = shared_admin.create_book()
    files = files or [("note.txt", b"x")]

    reply = send_form(
        shared_admin, book, *files, field="images" if files[0][0] != "note.txt" else "other"
    )

    assert reply.status_code == status
    assert detail(reply)
    assert shared_admin.get(f"/admin/books/{book}")["pages"] == []
    assert shared_admin.get(f"/admin/books/{book}/jobs/latest") is None


@pytest.mark.parametrize("path", ["pages", "pages/bulk"])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b""),
        ({"Content-Type": "application/json"}, b"{}"),
        ({"Content-Type": "multipart/form-data"}, b""),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"no boundary"),
        (
            {"Content-Type": "multipart/form-data; boundary=x"},
            b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n\r\ncut',
        ),
    ],
)
def test_what_is_no_form_is_refused(shared_admin, path, headers, body):
    book = shared_admin.create_book()

    reply = shared_admin.http.post(f"/admin/books/{book}/{path}", content=body, headers=headers)

    assert reply.status_code == 400
    assert detail(reply)
    assert shared_admin.get(f"/admin/books/{book}")["pages"] == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"no image" * 9, 400), (bytes(11 * 1024 * 1024), 413)]
)
def test_a_bad_single_page_is_refused(shared_admin, body, status):
    book = shared_admin.create_book()

    reply = send_form(shared_admin, book, ("a.png", body), field="image", path="pages")

    assert reply.status_code == status
    assert detail(reply)


def test_a_file_larger_than_allowed_is_refused_by_its_length(admin):
    book = admin.create_book()
    batch = admin.post(f"/admin/books/{book}/uploads", {"files": [{"name": "a.png", "size": 99}]})

    reply = admin.http.put(
        f"/admin/books/{book}/uploads/{batch['batch_id']}/0", content=bytes(11 * 1024 * 1024)
    )

    assert reply.status_code == 413
    assert reply.headers["connection"] == "close"
    assert detail(reply) == "The file is too large: the limit is 10 MB a file."


def test_a_manifest_fixes_the_order_and_takes_files_in_any(busy_admin):
    book = busy_admin.create_book()
    images = {"p10.png": make_image("ten"), "p2.png": make_image("two")}
    manifest = {"files": [{"name": name, "size": len(body)} for name, body in images.items()]}

    batch = busy_admin.post(f"/admin/books/{book}/uploads", manifest)

    assert (batch["received"], batch["total"]) == (0, 2)
    assert [file["name"] for file in batch["files"]] == ["p2.png", "p10.png"]
    assert {file["state"] for file in batch["files"]} == {"missing"}
    assert busy_admin.post(f"/admin/books/{book}/uploads", manifest) == batch
    open_ones = busy_admin.get(f"/admin/books/{book}/uploads")["batches"]
    assert [each["batch_id"] for each in open_ones] == [batch["batch_id"]]
    for file in reversed(batch["files"]):
        address = f"/admin/books/{book}/uploads/{batch['batch_id']}/{file['position']}"
        receipt = busy_admin.http.put(address, content=images[file["name"]])
        assert receipt.status_code == 200, receipt.text
        assert receipt.json()["error"] is None
        again = busy_admin.http.put(address, content=images[file["name"]])
        assert again.status_code == 200, again.text
    assert busy_admin.wait(book)["completed_items"] == 2
    texts = [busy_admin.get(f"/admin/books/{book}/pages/{n}")["ocr_text"] for n in (1, 2)]
    assert texts == ["two", "ten"]
    assert busy_admin.get(f"/admin/books/{book}/uploads") == {"batches": []}


def test_missing_files_can_be_dropped(admin):
    book = admin.create_book()
    batch = admin.post(f"/admin/books/{book}/uploads", {"files": [{"name": "a.png", "size": 9}]})

    closed = admin.post(f"/admin/books/{book}/uploads/{batch['batch_id']}/drop-missing")

    assert [file["state"] for file in closed["files"]] == ["dropped"]
    assert admin.get(f"/admin/books/{book}/uploads") == {"batches": []}


def test_a_file_nobody_announced_is_not_found(admin):
    book = admin.create_book()
    batch = admin.post(f"/admin/books/{book}/uploads", {"files": [{"name": "a.png", "size": 9}]})

    for address in (f"{batch['batch_id']}/1", "unknown/0"):
        reply = admin.http.put(f"/admin/books/{book}/uploads/{address}", content=make_image())
        assert reply.status_code == 404


@pytest.mark.parametrize("size", [-1, "large", None])
def test_a_manifest_needs_sizes(shared_admin, size):
    book = shared_admin.create_book()

    reply = shared_admin.http.post(
        f"/admin/books/{book}/uploads", json={"files": [{"name": "a.png", "size": size}]}
    )

    assert reply.status_code == 422
    assert detail(reply)


# Pages


def test_a_page_can_be_looked_at_while_it_waits(admin):
    book = admin.create_book()
    admin.bulk(book, "one")

    page = admin.get(f"/admin/books/{book}/pages/1")

    assert (
        page
        | {
            "page_num": 1,
            "status": "pending_review",
            "image_url": None,
            "text_url": None,
            "ocr_text": None,
            "ocr_status": "pending",
            "ocr_error": None,
        }
        == page
    )


def test_a_read_page_gives_its_text_and_where_image_and_text_are(busy_admin):
    book = busy_admin.read_book("one")

    page = busy_admin.get(f"/admin/books/{book}/pages/1")
    image = busy_admin.http.get(page["image_url"])
    text = busy_admin.http.get(page["text_url"])

    assert page["ocr_text"] == text.text == "one"
    assert image.headers["content-type"] == "image/png"
    assert image.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert image.content.startswith(b"\x89PNG")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    for size in ("screen", "thumbnail"):
        small = busy_admin.http.get(page["image_url"], params={"v": "1.1", "size": size})
        assert small.headers["content-type"] == "image/webp"


def test_an_image_that_is_known_is_not_sent_again(busy_admin):
    book = busy_admin.read_book("one")
    address = f"/admin/books/{book}/pages/1/image"

    first = busy_admin.http.get(address)
    again = busy_admin.http.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_not_there_yet_is_not_found(admin):
    book = admin.create_book()
    admin.bulk(book, "one")

    for path in ("1/image", "1/text", "2/image", "2/text", "2", "0", "-1"):
        assert admin.http.get(f"/admin/books/{book}/pages/{path}").status_code == 404, path


def test_a_page_is_approved_again_and_again_and_taken_back(busy_admin):
    book = busy_admin.read_book("one")
    page = f"/admin/books/{book}/pages/1"

    replies = [busy_admin.put(f"{page}/approve") for _ in range(2)]

    assert replies == [{"page_num": 1, "status": "approved"}] * 2
    assert busy_admin.get(f"/admin/books/{book}")["pages"][0]["approved_at"]
    assert busy_admin.put(f"{page}/reject")["status"] == "rejected"
    taken_back = busy_admin.http.delete(f"{page}/review")
    assert taken_back.json() == {"page_num": 1, "status": "pending_review"}


def test_a_page_without_text_cannot_be_approved(admin):
    book = admin.create_book()
    admin.bulk(book, "one")

    reply = admin.http.put(f"/admin/books/{book}/pages/1/approve")

    assert reply.status_code == 409
    assert detail(reply)


def test_all_ready_pages_are_approved_at_once(busy_admin):
    book = busy_admin.read_book()

    none = busy_admin.post(f"/admin/books/{book}/pages/approve", {"min_confidence": 99})
    some = busy_admin.post(f"/admin/books/{book}/pages/approve", {"pages": [1]})
    rest = busy_admin.post(f"/admin/books/{book}/pages/approve")

    assert (none["approved"], some["approved"], rest["approved"]) == ([], [1], [2, 3])


def test_a_deleted_page_makes_the_others_move_up(busy_admin):
    book = busy_admin.read_book("one", "two", "three")

    reply = busy_admin.http.delete(f"/admin/books/{book}/pages/1")

    assert (reply.status_code, reply.content) == (204, b"")
    pages = busy_admin.get(f"/admin/books/{book}")["pages"]
    assert [page["page_num"] for page in pages] == [1, 2]
    assert [page["image_s3_key"] for page in pages] == [f"books/{book}/{n}.png" for n in (2, 3)]
    assert busy_admin.get(f"/admin/books/{book}/pages/1")["ocr_text"] == "two"


def test_a_page_is_read_again(busy_admin):
    book = busy_admin.read_book("one")

    reply = busy_admin.post(f"/admin/books/{book}/pages/1/retry-ocr")

    assert (reply["page_num"], reply["ocr_status"]) == (1, "pending")
    assert busy_admin.wait(book)["completed_items"] == 1


def test_a_page_that_waits_already_cannot_be_retried(admin):
    book = admin.create_book()
    admin.bulk(book, "one")

    reply = admin.http.post(f"/admin/books/{book}/pages/1/retry-ocr")

    assert reply.status_code == 409
    assert detail(reply)


def test_ocr_resumes_with_what_is_owed(busy_admin):
    book = busy_admin.read_book("one", "", "two")
    nothing_owed = busy_admin.http.post(f"/admin/books/{book}/pages/retry-ocr")

    resumed = busy_admin.post(f"/admin/books/{book}/pages/retry-ocr", {"pages": [3, 1]})

    assert nothing_owed.status_code == 409
    assert resumed["pages"] == [1, 3]
    assert busy_admin.wait(book)["job_id"] == resumed["job_id"]


def test_a_page_that_cannot_be_read_says_why(busy_admin):
    book = busy_admin.create_book()
    cut = make_image("one" * 200)[:80]
    send_form(busy_admin, book, ("a.png", cut), ("b.png", make_image("two")))

    job = busy_admin.wait(book)

    assert (job["status"], job["completed_items"], job["failed_items"]) == ("completed", 1, 1)
    page = busy_admin.get(f"/admin/books/{book}/pages/1")
    assert page["ocr_status"] == "failed"
    assert page["ocr_error"]
    error = json.loads(job["progress_detail"])["page_errors"]["1"]
    assert error == {"error": page["ocr_error"], "error_type": "terminal"}
    resumed = busy_admin.post(f"/admin/books/{book}/pages/retry-ocr")
    assert resumed["pages"] == [1]


def test_a_corrected_text_counts_unless_somebody_was_faster(busy_admin):
    book = busy_admin.read_book("one")
    address = f"/admin/books/{book}/pages/1/text"

    corrected = busy_admin.put(address, {"text": "1", "revision": 1})
    stale = busy_admin.http.put(address, json={"text": "uno", "revision": 1})

    assert (corrected["ocr_text"], corrected["revision"]) == ("1", 2)
    assert stale.status_code == 409
    assert busy_admin.get(f"/admin/books/{book}/pages/1")["ocr_text"] == "1"


def test_a_turned_page_is_read_again(busy_admin):
    book = busy_admin.read_book("one")

    turned = busy_admin.post(f"/admin/books/{book}/pages/1/rotate", {"degrees": 90})
    busy_admin.wait(book)

    assert turned["ocr_status"] in {"pending", "processing", "completed"}
    assert busy_admin.get(f"/admin/books/{book}/pages/1")["image_url"].endswith("v=1.2")
    assert (
        busy_admin.http.post(
            f"/admin/books/{book}/pages/1/rotate", json={"degrees": 45}
        ).status_code
        == 400
    )


def test_a_page_gets_another_image(busy_admin):
    book = busy_admin.read_book("one")
    address = f"/admin/books/{book}/pages/1/image"

    reply = busy_admin.http.put(address, content=make_image("better"))
    busy_admin.wait(book)

    assert reply.status_code == 200, reply.text
    assert busy_admin.get(f"/admin/books/{book}/pages/1")["ocr_text"] == "better"
    assert busy_admin.http.put(address, content=b"no image" * 9).status_code == 400
    assert busy_admin.http.put(address, content=bytes(11 * 1024 * 1024)).status_code == 413


def test_a_page_moves_and_the_others_make_room(busy_admin):
    book = busy_admin.read_book("one", "two", "three")

    moved = busy_admin.post(f"/admin/books/{book}/pages/3/move", {"to": 1})

    texts = [busy_admin.get(f"/admin/books/{book}/pages/{n}")["ocr_text"] for n in (1, 2, 3)]
    assert moved["page_num"] == 1
    assert texts == ["three", "one", "two"]
    for to in (0, 4):
        away = busy_admin.http.post(f"/admin/books/{book}/pages/3/move", json={"to": to})
        assert away.status_code == 400


def test_every_attempt_at_a_page_is_kept(busy_admin):
    book = busy_admin.read_book("one")
    busy_admin.post(f"/admin/books/{book}/pages/1/retry-ocr")
    busy_admin.wait(book)

    attempts = busy_admin.get(f"/admin/books/{book}/pages/1/attempts")["attempts"]

    assert [each["outcome"] for each in attempts] == ["done", "done"]


# Jobs


def test_a_job_shows_every_column(busy_admin):
    book = busy_admin.read_book()

    job = busy_admin.get(f"/admin/books/{book}/jobs/latest")

    assert set(job) >= JOB_COLUMNS
    assert (job["book_id"], job["status"], job["error_message"]) == (book, "completed", None)
    assert set(json.loads(job["progress_detail"])) == {"page_errors", "page_results", "stats"}
    assert busy_admin.get(f"/admin/books/{book}/jobs/{job['job_id']}") == job
    assert busy_admin.get(f"/admin/books/{book}/jobs/latest", job_type="ocr_batch") == job
    assert busy_admin.get(f"/admin/books/{book}/jobs/latest", job_type="extraction") is None
    assert busy_admin.get("/admin/jobs")["jobs"] == [job]


def test_a_job_type_that_does_not_exist_is_refused(admin):
    book = admin.create_book()

    reply = admin.http.get(f"/admin/books/{book}/jobs/latest", params={"job_type": "magic"})

    assert reply.status_code == 422
    assert admin.get(f"/admin/books/{book}/jobs/latest") is None


def test_a_stopped_job_says_who_stopped_it(busy_admin):
    book = busy_admin.create_book()
    busy_admin.workshop.is_free.clear()
    job = busy_admin.bulk(book, "one", "two", "three", "four", "five").json()["job_id"]

    stopping = busy_admin.post(f"/admin/books/{book}/jobs/{job}/stop")
    busy_admin.workshop.is_free.set()
    ended = busy_admin.wait(book)

    assert stopping["job_id"] == job
    assert ended["status"] == "failed"
    assert ended["error_message"].startswith("Stopped by you")


def test_the_latest_job_is_the_active_one(busy_admin):
    book = busy_admin.read_book()
    busy_admin.workshop.is_free.clear()
    active = busy_admin.post(f"/admin/books/{book}/pages/retry-ocr", {"pages": [1]})["job_id"]

    latest = busy_admin.get(f"/admin/books/{book}/jobs/latest")

    assert (latest["job_id"], latest["status"] in {"pending", "running"}) == (active, True)
    assert busy_admin.get(f"/admin/books/{book}")["has_active_job"]


# Guidelines


def test_guidelines_are_generated_from_a_range(busy_admin):
    book = busy_admin.read_book()

    started = busy_admin.post(
        f"/admin/books/{book}/generate-guidelines", {"start_page": 1, "end_page": 2}
    )
    job = busy_admin.wait(book)

    assert (
        started
        | {
            "job_id": job["job_id"],
            "status": "started",
            "start_page": 1,
            "end_page": 2,
            "total_pages": 2,
        }
        == started
    )
    assert (job["job_type"], job["status"], job["total_items"]) == ("extraction", "completed", 2)


def test_nothing_left_to_do_is_no_error(busy_admin):
    book = busy_admin.generated_book()

    again = busy_admin.post(f"/admin/books/{book}/generate-guidelines", {"resume": True})

    assert (again["job_id"], again["status"]) == (None, "already_complete")


@pytest.mark.parametrize(
    "body",
    [{"start_page": 0}, {"start_page": 9}, {"end_page": 9}, {"start_page": 3, "end_page": 2}],
)
def test_a_range_outside_the_book_is_refused(busy_admin, body):
    book = busy_admin.read_book()

    reply = busy_admin.http.post(f"/admin/books/{book}/generate-guidelines", json=body)

    assert reply.status_code == 400
    assert detail(reply)


def test_a_book_without_text_gives_no_guidelines(busy_admin):
    empty, blank = busy_admin.create_book(), busy_admin.read_book("")

    for book in (empty, blank):
        for route in ("generate-guidelines", "finalize"):
            reply = busy_admin.http.post(f"/admin/books/{book}/{route}")
            assert reply.status_code == 400, route
            assert detail(reply)


@pytest.mark.parametrize("body", [{"on_error": "shrug"}, {"start_page": "one"}, {"resume": 3}])
def test_a_wrong_option_is_refused(shared_admin, body):
    book = shared_admin.create_book()

    reply = shared_admin.http.post(f"/admin/books/{book}/generate-guidelines", json=body)

    assert reply.status_code == 422


def test_guidelines_are_listed_and_read_one_by_one(busy_admin):
    book = busy_admin.generated_book()

    found = busy_admin.get(f"/admin/books/{book}/guidelines")

    assert (found["book_id"], found["processed_pages"]) == (book, [1, 2, 3])
    assert found["total_subtopics"] == len(found["guidelines"]) > 0
    for guideline in found["guidelines"]:
        assert set(guideline) >= SUBTOPIC_FIELDS
        keys = f"{guideline['topic_key']}/{guideline['subtopic_key']}"
        assert busy_admin.get(f"/admin/books/{book}/guidelines/{keys}") == guideline
        sources = busy_admin.get(f"/admin/books/{book}/guidelines/{keys}/sources")["sources"]
        assert {source["page_num"] for source in sources} <= set(guideline["source_pages"])
        assert all(source["quote"] for source in sources)


def test_the_index_and_the_assignments_agree_with_the_guidelines(busy_admin):
    book = busy_admin.generated_book()

    topics = busy_admin.get(f"/admin/guidelines/books/{book}/topics")["topics"]
    pages = busy_admin.get(f"/admin/guidelines/books/{book}/page-assignments")["pages"]
    guidelines = busy_admin.get(f"/admin/books/{book}/guidelines")["guidelines"]

    listed = {
        (topic["topic_key"], subtopic["subtopic_key"])
        for topic in topics
        for subtopic in topic["subtopics"]
    }
    assert listed == {(each["topic_key"], each["subtopic_key"]) for each in guidelines}
    assert set(topics[0]) == {"topic_key", "topic_title", "topic_summary", "subtopics"}
    assert {(page["topic_key"], page["subtopic_key"]) for page in pages.values()} <= listed
    assert all(
        set(page) == {"topic_key", "subtopic_key", "confidence", "provisional"}
        for page in pages.values()
    )


def test_a_guideline_is_edited_unless_somebody_was_faster(busy_admin):
    book = busy_admin.generated_book()
    guideline = busy_admin.get(f"/admin/books/{book}/guidelines")["guidelines"][0]
    address = f"/admin/guidelines/books/{book}/subtopics/{guideline['subtopic_key']}"
    keys = {"topic_key": guideline["topic_key"]}

    edited = busy_admin.http.put(
        address,
        params=keys,
        json={"guidelines": "Start with pizza.", "version": guideline["version"]},
    )
    stale = busy_admin.http.put(
        address, params=keys, json={"guidelines": "No pizza.", "version": guideline["version"]}
    )
    missing = busy_admin.http.put(address, json={"guidelines": "x"})
    empty = busy_admin.http.put(address, params=keys, json={"guidelines": " \n"})
    unknown = busy_admin.http.put(address, params={"topic_key": "no"}, json={"guidelines": "x"})

    assert edited.status_code == 200, edited.text
    assert "Start with pizza." in edited.json()["guidelines"]
    assert edited.json()["is_edited"]
    assert [stale.status_code, unknown.status_code] == [409, 404]
    assert [missing.status_code, empty.status_code] == [422, 422]


def test_guidelines_are_refined_and_it_can_be_done_again(busy_admin):
    book = busy_admin.generated_book()

    started = busy_admin.post(f"/admin/books/{book}/finalize", {"auto_sync_to_db": True})
    job = busy_admin.wait(book)
    again = busy_admin.post(f"/admin/books/{book}/finalize")

    assert (started["job_id"], started["status"]) == (job["job_id"], "started")
    assert (job["job_type"], job["status"]) == ("finalization", "completed")
    assert busy_admin.wait(book)["job_id"] == again["job_id"]
    assert "decisions" in busy_admin.get(f"/admin/books/{book}/finalize/decisions")
    assert busy_admin.get(f"/admin/guidelines/books/{book}/review")


def test_guidelines_are_published_and_a_second_sync_changes_nothing(busy_admin):
    book = busy_admin.generated_book()
    count = busy_admin.get(f"/admin/books/{book}/guidelines")["total_subtopics"]

    first = busy_admin.post(f"/admin/guidelines/books/{book}/sync-to-database")
    again = busy_admin.post(f"/admin/guidelines/books/{book}/sync-to-database")

    assert (first["book_id"], bool(first["message"])) == (book, True)
    assert first["stats"] | {"synced_count": count, "created_count": count} == first["stats"]
    assert (again["stats"]["created_count"], again["stats"]["updated_count"]) == (0, 0)


def test_all_guidelines_are_approved_at_once(busy_admin):
    book = busy_admin.generated_book()
    count = busy_admin.get(f"/admin/books/{book}/guidelines")["total_subtopics"]

    reply = busy_admin.put(f"/admin/books/{book}/guidelines/approve")

    assert reply | {"book_id": book, "approved_count": count, "synced_count": count} == reply
    rows = busy_admin.get(f"/admin/guidelines/books/{book}/review", status="APPROVED")
    assert len(rows) == count
    assert busy_admin.get(f"/admin/books/{book}")["approved_guideline_count"] == count


def test_rejected_guidelines_are_really_gone(busy_admin):
    book = busy_admin.published_book()

    reply = busy_admin.http.delete(f"/admin/books/{book}/guidelines")

    assert (reply.status_code, reply.content) == (204, b"")
    assert busy_admin.get(f"/admin/books/{book}/guidelines")["total_subtopics"] == 0
    assert busy_admin.get(f"/admin/guidelines/books/{book}/review") == []
    assert busy_admin.get(f"/admin/books/{book}")["guideline_count"] == 0


# Published rows


def test_published_rows_are_filtered_counted_and_decided_about(busy_admin):
    book = busy_admin.published_book()
    rows = busy_admin.get("/admin/guidelines/review")

    verdict = busy_admin.post(f"/admin/guidelines/{rows[0]['id']}/approve", {"approved": True})

    assert all(set(row) == REVIEW_FIELDS for row in rows)
    assert verdict == {"id": rows[0]["id"], "review_status": "APPROVED"}
    filters = busy_admin.get("/admin/guidelines/review/filters")
    assert filters == {
        "countries": ["India"],
        "boards": ["CBSE"],
        "grades": [4],
        "subjects": ["Mathematics"],
        "counts": {"total": len(rows), "pending": len(rows) - 1, "approved": 1},
    }
    approved = busy_admin.get("/admin/guidelines/review", status="APPROVED", grade=4, board="CBSE")
    assert [row["id"] for row in approved] == [rows[0]["id"]]
    assert busy_admin.get("/admin/guidelines/review", country="Elsewhere") == []
    waiting = busy_admin.get(f"/admin/guidelines/books/{book}/review", status="TO_BE_REVIEWED")
    assert len(waiting) == len(rows) - 1
    taken_back = busy_admin.post(f"/admin/guidelines/{rows[0]['id']}/approve", {"approved": False})
    assert taken_back["review_status"] == "TO_BE_REVIEWED"


def test_a_deleted_row_stays_deleted_at_the_next_sync(busy_admin):
    book = busy_admin.published_book()
    rows = busy_admin.get(f"/admin/guidelines/books/{book}/review")

    reply = busy_admin.http.delete(f"/admin/guidelines/{rows[0]['id']}")
    busy_admin.post(f"/admin/guidelines/books/{book}/sync-to-database")

    assert reply.json() == {"message": "The guideline was deleted.", "id": rows[0]["id"]}
    left = busy_admin.get(f"/admin/guidelines/books/{book}/review")
    assert len(left) == len(rows) - 1


@pytest.mark.parametrize("status", ["approved", "PENDING", ""])
def test_an_unknown_review_state_is_refused(shared_admin, status):
    assert (
        shared_admin.http.get("/admin/guidelines/review", params={"status": status}).status_code
        == 422
    )


# What does not exist

FILE = {"content": make_image()}
FORM = {"files": {"images": ("a.png", make_image()), "image": ("a.png", make_image())}}
UNKNOWN = [
    ("GET", "/admin/books/unknown", {}),
    ("DELETE", "/admin/books/unknown", {}),
    ("PATCH", "/admin/books/unknown", {"json": {"language": "hi"}}),
    ("POST", "/admin/books/unknown/pages", FORM),
    ("POST", "/admin/books/unknown/pages/bulk", FORM),
    ("POST", "/admin/books/unknown/uploads", {"json": {"files": [{"name": "a.png", "size": 1}]}}),
    ("GET", "/admin/books/unknown/uploads", {}),
    ("PUT", "/admin/books/unknown/uploads/1/1", FILE),
    ("POST", "/admin/books/unknown/uploads/1/drop-missing", {}),
    ("POST", "/admin/books/unknown/pages/approve", {}),
    ("POST", "/admin/books/unknown/pages/retry-ocr", {}),
    ("POST", "/admin/books/unknown/generate-guidelines", {}),
    ("POST", "/admin/books/unknown/finalize", {}),
    ("GET", "/admin/books/unknown/finalize/decisions", {}),
    ("POST", "/admin/books/{book}/finalize/decisions/unknown/undo", {}),
    ("GET", "/admin/books/unknown/jobs/latest", {}),
    ("GET", "/admin/books/unknown/jobs/1", {}),
    ("GET", "/admin/books/{book}/jobs/unknown", {}),
    ("POST", "/admin/books/unknown/jobs/1/stop", {}),
    ("POST", "/admin/books/{book}/jobs/unknown/stop", {}),
    ("GET", "/admin/books/unknown/guidelines", {}),
    ("GET", "/admin/books/unknown/guidelines/a/b", {}),
    ("GET", "/admin/books/{book}/guidelines/a/b", {}),
    ("GET", "/admin/books/{book}/guidelines/a/b/sources", {}),
    ("POST", "/admin/books/{book}/guidelines/a/b/choose", {"json": {"take_candidate": True}}),
    ("GET", "/admin/books/{book}/guidelines/a/b/history", {}),
    ("POST", "/admin/books/{book}/guidelines/a/b/restore", {"json": {"number": 1}}),
    ("GET", "/admin/books/unknown/forecast", {}),
    ("GET", "/admin/books/{book}/forecast?resume=true", {}),
    ("GET", "/admin/books/unknown/export", {}),
    ("POST", "/admin/books/unknown/finalize/undo", {}),
    ("POST", "/admin/books/unknown/finalize/redo", {}),
    ("GET", "/admin/guidelines/books/unknown/sync-preview", {}),
    ("PUT", "/admin/books/unknown/guidelines/approve", {}),
    ("DELETE", "/admin/books/unknown/guidelines", {}),
    ("GET", "/admin/guidelines/books/unknown/review", {}),
    ("GET", "/admin/guidelines/books/unknown/topics", {}),
    ("GET", "/admin/guidelines/books/unknown/page-assignments", {}),
    (
        "PUT",
        "/admin/guidelines/books/unknown/subtopics/b?topic_key=a",
        {"json": {"guidelines": "x"}},
    ),
    (
        "PUT",
        "/admin/guidelines/books/{book}/subtopics/b?topic_key=a",
        {"json": {"guidelines": "x"}},
    ),
    ("POST", "/admin/guidelines/books/unknown/sync-to-database", {}),
    ("POST", "/admin/guidelines/unknown/approve", {"json": {"approved": True}}),
    ("DELETE", "/admin/guidelines/unknown", {}),
    *(
        (method, f"/admin/books/{book}/pages/9{path}", options)
        for book in ("unknown", "{book}")
        for method, path, options in [
            ("GET", "", {}),
            ("DELETE", "", {}),
            ("PUT", "/approve", {}),
            ("PUT", "/reject", {}),
            ("DELETE", "/review", {}),
            ("POST", "/retry-ocr", {}),
            ("PUT", "/text", {"json": {"text": "", "revision": 1}}),
            ("POST", "/rotate", {"json": {"degrees": 90}}),
            ("POST", "/move", {"json": {"to": 1}}),
            ("PUT", "/image", FILE),
            ("GET", "/image", {}),
            ("GET", "/text", {}),
            ("GET", "/attempts", {}),
        ]
    ),
]


@pytest.mark.parametrize(("method", "path", "options"), UNKNOWN)
def test_what_does_not_exist_is_not_found(shared_admin, method, path, options):
    book = shared_admin.create_book()

    reply = shared_admin.http.request(method, path.format(book=book), **options)

    assert reply.status_code == 404, reply.text
    assert detail(reply).endswith(".")


def test_two_runs_give_the_same_replies_but_for_what_may_differ(busy_admin):
    first, second = busy_admin.generated_book(), busy_admin.generated_book()

    for path in ("guidelines", "jobs/latest", "pages/1"):
        replies = [
            comparable(busy_admin.get(f"/admin/books/{book}/{path}")) for book in (first, second)
        ]
        assert replies[0] == replies[1], path


EXEMPT = {"version", "rev", "revision", "last_updated", "attempts", "seconds", "tokens", "id"}


def comparable(value):
    """The value without the fields that may depend on the run."""
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: comparable(each)
        for key, each in value.items()
        if key not in EXEMPT and not key.endswith(("_at", "_id", "_by", "_url"))
    }
