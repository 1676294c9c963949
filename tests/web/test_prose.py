import pytest

from hornbook.web.pages.prose import prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## Key ideas", "<h4>Key ideas</h4>"),
        ("- one\n* two", "<ul><li>one</li><li>two</li></ul>"),
        (
            "- Example  \n  3 + 4  \n  = 7\n- two",
            "<ul><li>Example<br>3 + 4<br>= 7</li><li>two</li></ul>",
        ),
        ("Fold it.\nCut it.\n\nGlue it.", "<p>Fold it.<br>Cut it.</p><p>Glue it.</p>"),
        ("<b> & c", "<p>&lt;b&gt; &amp; c</p>"),
    ],
)
def test_markdown_becomes_headings_bullets_and_paragraphs_and_nothing_else(text, html):
    assert prose(text) == html


def test_a_page_that_is_named_is_led_to():
    assert prose("See (p. 4) and (pp. 6-7).", "/books/b") == (
        '<p>See <a href="/books/b/pages/4/review">p. 4</a> and '
        '<a href="/books/b/pages/6/review">pp. 6-7</a>.</p>'
    )
