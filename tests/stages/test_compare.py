from hypothesis import given
from hypothesis import strategies as st

from hornbook.stages.compare import MOST_LINES, Change, Line, Piece, compare, in_short

TEXTS = st.lists(st.text("ab c.é\t", max_size=12).map(str.strip).filter(bool), max_size=8).map(
    "\n".join
)


def told(lines: tuple[Line, ...], left_out: Change) -> str:
    shown = (
        "".join(piece.text for piece in line.pieces if piece.change is not left_out)
        for line in lines
    )
    return "\n".join(line for line in shown if line)


@given(TEXTS, TEXTS)
def test_what_is_not_new_is_the_old_text_and_what_is_not_gone_the_new_one(before, after):
    lines = compare(before, after)

    assert told(lines, Change.NEW) == before
    assert told(lines, Change.GONE) == after


def test_a_word_that_was_changed_is_told_alone():
    (line,) = compare("Add the numerators first.", "Add the denominators first.")

    assert line.pieces == (
        Piece(Change.SAME, "Add the "),
        Piece(Change.GONE, "numerators"),
        Piece(Change.NEW, "denominators"),
        Piece(Change.SAME, " first."),
    )


def test_lines_with_nothing_in_common_are_told_whole():
    gone, new = compare("Fold a strip of paper.", "Count 7 beans!")

    assert gone.pieces == (Piece(Change.GONE, "Fold a strip of paper."),)
    assert new.pieces == (Piece(Change.NEW, "Count 7 beans!"),)


def test_equal_texts_have_no_change():
    assert all(line.is_same for line in compare("a\n\nb", "a\nb\n"))


def test_in_short_equal_lines_far_from_a_change_are_only_counted():
    before = "\n".join(f"Line {number} stays." for number in range(1, 10))
    lines = in_short(compare(before, before.replace("Line 5 stays", "Line 5 goes")))

    assert [line.skipped for line in lines] == [3, 0, 0, 0, 3]
    assert not lines[2].is_same


def test_texts_too_long_to_compare_are_told_whole_and_soon():
    before = "\n".join(f"word{number}" for number in range(MOST_LINES + 1))

    lines = compare(before, f"{before} more")

    assert told(lines, Change.NEW) == before
    assert told(lines, Change.GONE) == f"{before} more"
    assert not any(line.is_same for line in lines)
