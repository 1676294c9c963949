from hornbook.model.page import Box, Line, PageText, Word
from hornbook.stages.review import doubtful_words

BOX = Box(10, 20, 30, 40)


def line(*words: tuple[str, float], paragraph: int = 0) -> Line:
    read = tuple(Word(text, BOX, confidence) for text, confidence in words)
    return Line(" ".join(text for text, _ in words), BOX, 90.0, paragraph, read)


def texts(*lines: Line) -> list[str]:
    return [word.text for word in doubtful_words(lines)]


def test_the_most_doubtful_word_comes_first():
    assert texts(line(("sum", 55.0), ("rnango", 41.2), ("the", 95.0))) == ["rnango", "sum"]


def test_a_word_is_compared_as_it_is_shown():
    found = doubtful_words([line(("almost", 59.4), ("enough", 59.6))])

    assert [(word.text, word.percent) for word in found] == [("almost", 59)]


def test_signs_bullets_and_single_letters_are_left_out_and_numbers_are_not():
    read = line(("•", 3.0), ("|", 10.0), ("—", 20.0), ("e", 30.0), ("7", 40.0), ("¢~", 12.0))

    assert texts(read) == ["7"]


def test_a_word_is_shown_without_the_signs_round_it_and_found_in_the_text():
    lines = [line(("Add", 90.0), ("“rnango”,", 41.0)), line(("rnango", 30.0), paragraph=1)]
    text = PageText(tuple(lines), 0.0).text

    found = doubtful_words(lines)

    assert [word.text for word in found] == ["rnango", "rnango"]
    assert [text[word.span.start : word.span.end] for word in found] == ["rnango", "rnango"]
    assert found[0].span.start > found[1].span.start


def test_at_most_ten_are_shown():
    read = line(*[(f"word{number}", float(number)) for number in range(1, 20)])

    assert texts(read) == [f"word{number}" for number in range(1, 11)]


def test_an_engine_without_confidence_has_no_doubts():
    assert texts(line(("rnango", 0.0), ("sum", 0.0))) == []
    assert texts(Line("no words", BOX, 12.0, 0)) == []
