import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import RejectedUpload, TooLarge
from hornbook.stages.upload import (
    OUR_KINDS,
    Limits,
    check_announced,
    check_count,
    check_pages,
    check_size,
    check_whole,
    display_name,
    examine,
    frame_name,
    media_type_of,
    natural_order,
    none_good,
    places,
    tiff_frames,
)
from tests.admin import png, tiff

SMALL = Limits(max_file_bytes=2 * 1024 * 1024, max_files=3, max_pages=5)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"II+\0", "image/tiff"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
    ],
)
def test_the_kind_is_told_by_the_first_bytes(head, media_type):
    assert media_type_of(head.ljust(16, b"\0")) == media_type


@pytest.mark.parametrize(
    "head", [b"GIF89a", b"<html>", b"RIFF\x10\0\0\0WAVEfmt ", b"\x89PNG", b"BM"]
)
def test_anything_else_has_no_kind(head):
    assert media_type_of(head.ljust(16, b"\0")) is None


@pytest.mark.parametrize("length", [0, 3, 15])
def test_fewer_than_sixteen_bytes_tell_nothing(length):
    assert media_type_of(png()[:length]) is None


def test_a_good_file_is_known_by_its_kind_and_its_bytes():
    found = examine("cover.png", png(), Limits())

    assert (found.media_type, found.frames, len(found.sha256)) == ("image/png", 1, 64)


def test_the_name_does_not_decide_what_a_file_is():
    assert examine("cover.txt", png(), Limits()).media_type == "image/png"
    with pytest.raises(RejectedUpload, match=r"page\.png is no PNG, JPEG, TIFF or WebP image"):
        examine("page.png", b"%PDF-1.7".ljust(40), Limits())


def test_an_empty_file_is_refused_in_one_clear_sentence():
    with pytest.raises(RejectedUpload) as refusal:
        examine("cover.png", b"", Limits())

    assert str(refusal.value) == "cover.png is empty (0 bytes). Choose the file again."


def test_a_file_that_is_too_large_is_told_the_limit():
    with pytest.raises(
        TooLarge, match=r"scan\.png is too large \(2\.5 MB\); the limit is 2 MB a file"
    ):
        check_size("scan.png", 5 * 1024 * 1024 // 2, SMALL)


def test_a_file_of_just_the_limit_is_accepted():
    check_size("scan.png", SMALL.max_file_bytes, SMALL)


@pytest.mark.parametrize(("files", "error"), [(0, RejectedUpload), (4, TooLarge)])
def test_an_upload_has_one_file_at_least_and_not_too_many(files, error):
    with pytest.raises(error):
        check_count(files, SMALL)


def test_a_book_has_no_more_pages_than_allowed():
    check_pages(5, SMALL)
    with pytest.raises(RejectedUpload, match="would have 6 pages; at most 5"):
        check_pages(6, SMALL)


def test_a_body_that_was_cut_is_to_be_sent_again():
    with pytest.raises(RejectedUpload, match="with 10 bytes instead of 12"):
        check_whole("a.png", 10, 12, SMALL)


@pytest.mark.parametrize(
    ("sizes", "kind"), [([3_000_000, 4_000_000], TooLarge), ([3_000_000, 5], RejectedUpload)]
)
def test_only_when_all_files_are_too_large_the_upload_is(sizes, kind):
    error = none_good([("a.png is bad.", size) for size in sizes], SMALL)

    assert (type(error), str(error)) == (kind, "None of 2 files can be used. a.png is bad.")


def test_a_single_bad_file_is_told_by_its_own_sentence():
    assert str(none_good([("a.png is bad.", 5)], SMALL)) == "a.png is bad."


def test_files_are_put_in_natural_order():
    names = ["page10.png", "Page2.png", "page1.png", "cover.png", "page.png"]

    ordered = [names[index] for index in natural_order(names)]

    assert ordered == ["cover.png", "page.png", "page1.png", "Page2.png", "page10.png"]


def test_equal_names_stay_as_they_were_given():
    assert natural_order(["a1.png", "A1.png", "a1.png"]) == [0, 1, 2]


def test_folders_come_first_in_the_order():
    names = ["ch10/page1.png", "ch2/page2.png", "ch2/page1.png"]

    assert natural_order(names) == [2, 1, 0]


@given(st.lists(st.text(max_size=20), max_size=20))
def test_any_names_have_an_order(names):
    assert sorted(natural_order(names)) == list(range(len(names)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("page 1.png", "page 1.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\page1.png", "page1.png"),
        ("a\0b\r\nc\u202e.png", "a b c .png"),
        ("<img onerror=alert(1)>.png", "<img onerror=alert(1)>.png"),
        ("", "unnamed"),
        ("folder/", "unnamed"),
        ("Größe ü.png", "Größe ü.png"),
    ],
)
def test_a_file_name_is_only_shown_never_trusted(name, shown):
    assert display_name(name) == shown


def test_a_long_name_keeps_its_ending():
    shown = display_name("x" * 500 + ".jpeg")

    assert len(shown) == 200
    assert shown.endswith("….jpeg")
    assert len(display_name("y" * 500)) == 200


@given(st.text())
def test_a_shown_name_can_be_kept_anywhere(name):
    shown = display_name(name)

    assert 0 < len(shown) <= 200
    assert "/" not in shown
    assert "\0" not in shown
    shown.encode()


def test_frames_after_the_first_are_numbered():
    assert [frame_name("a.tif", frame) for frame in range(3)] == ["a.tif", "a.tif#2", "a.tif#3"]


@pytest.mark.parametrize("end", ["<", ">"])
@pytest.mark.parametrize("frames", [1, 3, 5])
def test_the_frames_of_a_tiff_are_its_directories(frames, end):
    assert examine("a.tif", tiff(frames, end=end), SMALL).frames == frames


def test_a_big_tiff_is_counted_too():
    second = struct.pack("<Q", 1) + bytes(20) + struct.pack("<Q", 0)
    first = struct.pack("<Q", 1) + bytes(20) + struct.pack("<Q", 16 + len(second))
    body = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + first + second

    assert tiff_frames("a.tif", body, 5) == 2


def test_a_chain_that_turns_back_ends_there():
    assert tiff_frames("a.tif", tiff(3, loops=True), 5) == 3


def test_a_chain_that_is_cut_ends_there():
    assert tiff_frames("a.tif", tiff(3)[:30], 5) == 1
    assert tiff_frames("a.tif", b"II*\0\xff\xff\xff\xff".ljust(16, b"\0"), 5) == 1


def test_a_tiff_with_too_many_frames_is_refused():
    with pytest.raises(TooLarge, match="more than 5 pages"):
        examine("a.tif", tiff(6), SMALL)


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_tiff_head_are_counted(tail):
    assert tiff_frames("a.tif", (b"II*\0" + tail).ljust(16, b"\0"), 1000) >= 1


def test_each_file_is_found_at_its_place_in_the_manifest_whatever_order_it_was_picked_in():
    announced = [("page2.png", 10), ("page10.png", 10), ("page10.png", 11)]

    assert places(announced, [("page10.png", 11), ("page2.png", 10)]) == [2, 0]


def test_files_of_the_same_name_and_size_in_two_folders_have_a_place_each():
    announced = [("page1.png", 10), ("page1.png", 10)]

    assert places(announced, [("unit 10/page1.png", 10), ("unit 2/page1.png", 10)]) == [1, 0]


def test_a_name_is_found_as_it_is_displayed():
    assert places([("page 1.png", 10)], [("scans/page\t 1.png", 10)]) == [0]


PHOTO = b"\0\0\0\x18ftypheic".ljust(40, b"\0")


def test_a_photo_of_a_phone_is_taken_where_it_can_be_read():
    found = examine("IMG_1.HEIC", PHOTO, Limits(has_heic=True), OUR_KINDS)

    assert (found.media_type, found.frames) == ("image/heic", 1)


def test_elsewhere_it_is_refused_with_what_it_needs():
    with pytest.raises(
        RejectedUpload, match=r"IMG_1\.HEIC is a HEIC photo.* need hornbook\[heic\]"
    ):
        examine("IMG_1.HEIC", PHOTO, Limits(), OUR_KINDS)


def test_other_clients_may_send_images_only():
    with pytest.raises(RejectedUpload, match="is no PNG, JPEG, TIFF or WebP image"):
        examine("IMG_1.HEIC", PHOTO, Limits(has_heic=True))


def test_only_a_pdf_may_be_as_large_as_a_pdf():
    limits = Limits(max_file_bytes=100, max_pdf_bytes=1000)

    assert examine("book.pdf", b"%PDF-1.7".ljust(900), limits, OUR_KINDS).frames == 0
    with pytest.raises(TooLarge, match=r"the limit is .* a PDF"):
        examine("book.pdf", b"%PDF-1.7".ljust(1100), limits, OUR_KINDS)
    with pytest.raises(TooLarge, match=r"the limit is .* a file"):
        examine("book.pdf", b"\x89PNG\r\n\x1a\n".ljust(900), limits, OUR_KINDS)
    with pytest.raises(TooLarge):
        check_announced("page.png", 900, limits)
    check_announced("Book.PDF", 900, limits)
