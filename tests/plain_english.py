"""What a screen in the pseudo-language still says in plain English."""

import re
from collections.abc import Collection
from html.parser import HTMLParser

SPOKEN = {
    "aria-label",
    "title",
    "placeholder",
    "alt",
    "data-does",
    "data-say",
    "data-pattern",
    "data-over",
}
"""Attributes that are shown or spoken, or that a script shows."""
AS_IT_IS = {"script", "style", "code", "pre", "textarea", "kbd"}
ONE_NAME = {"Hornbook", "UTC"}
WORD = re.compile(r"[A-Za-z]{2,}")
TRANSLATED = re.compile(r"⟦[^⟦⟧]*(?:⟧|$)")


def plain_english(html: str, names: Collection[str] = ()) -> list[str]:
    """Every text with a word that did not pass the translation.

    `names` are nobody's to translate, and neither is what `translate="no"` says so of.
    """
    found = Texts()
    found.feed(html)
    return [text for text in found.texts if WORD.search(_left_over(text, names))]


def _left_over(text: str, names: Collection[str]) -> str:
    for name in sorted({*names, *ONE_NAME}, key=len, reverse=True):
        text = text.replace(name, "")
    while TRANSLATED.search(text):
        text = TRANSLATED.sub("", text)
    return text


class Texts(HTMLParser):
    """Gathers texts and spoken attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        is_texts = "texts" in (facts.get("class") or "").split()
        for name, value in facts.items():
            if value and (name in SPOKEN or (is_texts and name.startswith("data-"))):
                self.texts.append(value)
        if tag in AS_IT_IS or facts.get("translate") == "no":
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._within:
            self.texts.append(data.strip())
