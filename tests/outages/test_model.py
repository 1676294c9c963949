"""The model is down: the job stops with the cause in words, and Resume does what is owed."""

DOWN = {"*": {"error": "server error"}}


def test_generation_stops_after_three_refusals_in_a_row_and_resume_completes_it(on_s3):
    on_s3.guide.say()
    on_s3.new_book(6)
    on_s3.ends()

    on_s3.guide.say(think=DOWN)
    on_s3.server.generate(on_s3.book, on_error="continue")
    stopped = on_s3.ends()
    on_s3.guide.say()
    on_s3.server.generate(on_s3.book, resume=True)
    resumed = on_s3.ends()

    assert (stopped["status"], stopped["completed_items"], stopped["failed_items"]) == (
        "failed", 0, 3,
    )  # fmt: skip
    assert stopped["error_message"] == (
        "Server error: the provider failed on its side (stopped at page 3)."
    )
    assert (resumed["status"], resumed["completed_items"], resumed["failed_items"]) == (
        "completed", 6, 0,
    )  # fmt: skip
    assert on_s3.states() == ["completed"] * 6
