from hornbook.stages.publish import SyncPlan, content_hash, plan_sync

TAUGHT = {
    "topic_title": "Numbers",
    "subtopic_title": "Counting",
    "topic_summary": "About numbers.",
    "subtopic_summary": "About counting.",
    "guideline": "- Count to twenty",
}


def test_unchanged_rows_are_left_in_peace_and_vanished_ones_go():
    plan = plan_sync({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "9", "d": "4", "a2": None})

    assert plan == SyncPlan(created=("a",), updated=("c",), unchanged=("b",), gone=("d", "a2"))


def test_a_row_without_a_hash_counts_as_changed():
    assert plan_sync({"a": "1"}, {"a": None}).updated == ("a",)


def test_any_word_that_is_taught_changes_the_hash():
    hashes = {content_hash(**TAUGHT)} | {
        content_hash(**{**TAUGHT, field: "other"}) for field in TAUGHT
    }

    assert len(hashes) == len(TAUGHT) + 1


def test_words_moved_from_one_field_to_the_next_change_the_hash():
    moved = {**TAUGHT, "topic_title": "Numbers Counting", "subtopic_title": ""}

    assert content_hash(**moved) != content_hash(**TAUGHT)
