import pytest

from hornbook.model.page import Box, Line, PageText, Word
from hornbook.stages.ocr import credible, mean_confidence, placed, read_any_way_up, transcript


def line(*words: tuple[str, float], paragraph: int = 0) -> Line:
    placed_words = tuple(
        Word(text, Box(n * 10, 0, n * 10 + 9, 5), sure) for n, (text, sure) in enumerate(words)
    )
    sure = sum(confidence for _, confidence in words) / max(len(words), 1)
    return Line(
        " ".join(text for text, _ in words), Box(0, 0, 99, 5), sure, paragraph, placed_words
    )


def page(*lines: Line) -> PageText:
    return PageText(lines, mean_confidence(lines))


GOOD = page(line(("Adding", 95), ("numbers", 93)))
NOISE = page(line(("Bw", 31), ("oq", 35), ("TT", 40)))


def test_specks_and_edges_are_left_out():
    text = credible(page(line(("|", 20), ("Count", 96), ("the", 94), ("~:", 12), ("tens", 95))))

    assert text.text == "Count the tens"
    assert text.lines[0].box == Box(10, 0, 49, 5)
    assert text.confidence == 95.0


def test_mathematical_signs_that_were_read_well_stay():
    text = credible(page(line(("3", 92), ("+", 90), ("4", 95), ("=", 88), ("7", 96))))

    assert text.text == "3 + 4 = 7"


@pytest.mark.parametrize(
    "sum_of_doubt",
    [
        line(("61.", 33), ("x", 33), ("-", 46), ("9", 40)),
        line(("(-11(-11)", 20)),
        line(("2", 61), ("=", 15), ("y", 30)),
    ],
)
def test_sums_stay_although_engines_doubt_them(sum_of_doubt):
    text = credible(page(*GOOD.lines, sum_of_doubt))

    assert text.lines[1] == sum_of_doubt


def test_a_short_doubtful_word_stays_where_it_stands_in_a_sentence():
    text = credible(
        page(line(("A", 20), ("number", 20), ("is", 96), ("written", 95), ("down", 96)))
    )

    assert text.text == "A number is written down"


@pytest.mark.parametrize(
    "picture",
    [
        line(("eee", 28)),
        line(("@M@O@QOOO", 35)),
        line(("t", 67), ("t", 66), ("+", 69), ("t", 54)),
        line(("oo0aqgg", 34)),
    ],
    ids=["dots", "coins", "ticks", "blocks"],
)
def test_pictures_do_not_become_words(picture):
    assert credible(page(*GOOD.lines, picture)).text == GOOD.text


def test_a_doubtful_long_word_stays():
    text = credible(page(line(("Fractions", 22), ("are", 95), ("parts", 95))))

    assert text.text == "Fractions are parts"


@pytest.mark.parametrize(
    "noise",
    [
        PageText((), 0.0),
        page(line(("|", 80), ("—", 90))),
        page(line(("aoeu", 12), ("snth", 18), ("qjkx", 30))),
    ],
    ids=["nothing", "signs only", "hardly legible"],
)
def test_ink_without_words_has_no_lines(noise):
    assert credible(noise) == PageText(lines=(), confidence=0.0)


def test_paragraphs_are_counted_without_gaps():
    text = credible(
        page(
            line(("One", 90), paragraph=2),
            line(("|", 9), paragraph=4),
            line(("Two", 90), paragraph=7),
        )
    )

    assert [one.paragraph for one in text.lines] == [0, 1]
    assert text.text == "One\n\nTwo"


class Book:
    """Gives a text for each way up and remembers which were asked for."""

    def __init__(self, **ways: PageText) -> None:
        self.ways = {int(name.removeprefix("at_")): text for name, text in ways.items()}
        self.asked: list[int] = []

    def read(self, degrees: int) -> PageText:
        self.asked.append(degrees)
        return self.ways.get(degrees, NOISE)


def test_a_page_that_reads_well_is_read_once():
    book = Book(at_0=GOOD)

    assert read_any_way_up(book.read) == (0, GOOD)
    assert book.asked == [0]


def test_an_upside_down_page_is_turned_by_half():
    book = Book(at_180=GOOD)

    assert read_any_way_up(book.read) == (180, GOOD)
    assert book.asked == [0, 180]


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_page_on_its_side_is_turned_by_a_quarter(degrees):
    book = Book(**{f"at_{degrees}": GOOD})

    assert read_any_way_up(book.read) == (degrees, GOOD)


def test_a_page_that_no_turn_makes_readable_stays_as_it_is():
    book = Book()

    assert read_any_way_up(book.read) == (0, NOISE)
    assert book.asked == [0, 180, 90, 270]


def test_every_box_goes_back_to_the_page():
    moved = placed(GOOD, lambda box: Box(box.left + 5, box.top, box.right + 5, box.bottom))

    assert moved.lines[0].box.left == 5
    assert [word.box.left for word in moved.lines[0].words] == [5, 15]
    assert moved.text == GOOD.text


def test_an_engine_that_reads_along_the_edge_does_not_leave_the_page_on_its_side():
    upended = Line(
        "Adding numbers", Box(0, 0, 5, 200), 96, 0, (Word("Adding", Box(0, 0, 5, 90), 96),)
    )
    book = Book(at_0=page(upended), at_90=GOOD)

    assert read_any_way_up(book.read) == (90, GOOD)


def test_an_engine_without_words_answers_for_its_lines():
    said = PageText((Line("Six", Box(0, 0, 9, 5), 88.0, 0),), 88.0)

    assert credible(said) == said


def bulleted(mark: str, box: Box) -> PageText:
    words = (
        Word(mark, box, 12.0),
        Word("add", Box(20, 0, 60, 30), 96.0),
        Word("tens", Box(70, 0, 120, 30), 94.0),
    )
    return PageText((Line(f"{mark} add tens", Box(0, 0, 120, 32), 67.0, 0, words),), 67.0)


@pytest.mark.parametrize("mark", ["e", "¢", "*", "+", "o"])
def test_a_dot_before_a_line_is_a_bullet(mark):
    text = credible(bulleted(mark, Box(0, 10, 12, 22)))

    assert text.text == "• add tens"
    assert text.confidence == 95.0


@pytest.mark.parametrize(
    "box", [Box(0, 4, 18, 28), Box(0, 14, 18, 18)], ids=["as tall as a letter", "flat"]
)
def test_a_letter_or_a_sign_before_a_line_is_no_bullet(box):
    assert credible(bulleted("o", box)).text == "o add tens"


def test_the_confidence_of_a_transcript_is_the_share_of_words_that_could_be_read():
    text = transcript("Add [?] and 2/4.\n\nThe sum is clear here.")

    assert [line.confidence for line in text.lines] == [75.0, 100.0]
    assert text.confidence == 88.89


def test_a_transcript_without_words_has_no_lines():
    assert transcript(" \n\n ") == PageText(lines=(), confidence=0.0)
