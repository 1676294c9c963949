from hornbook.model.finding import Finding, Item, ItemKind
from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.stages.place import place

OUTLINE = Outline(
    (
        OutlineEntry("Numbers", "Counting", 3, 5, 0.9, ("numbered heading 1.1",)),
        OutlineEntry("Numbers", "Adding", 6, 9, 0.4, ("change of words",)),
    )
)


def finding(*kinds):
    return Finding("", tuple(Item(kind, "text", "text") for kind in kinds), (), 0, "offline")


def test_a_page_goes_where_the_outline_says_and_is_provisional_when_that_is_unsure():
    sure, unsure = (place(OUTLINE, page, finding(ItemKind.CONCEPT)) for page in (4, 7))

    assert (sure.entry, sure.confidence, sure.provisional, sure.evidence) == (
        0,
        0.9,
        False,
        "numbered heading 1.1",
    )
    assert (unsure.entry, unsure.provisional) == (1, True)


def test_a_page_that_gave_nothing_has_no_teaching_content():
    assert place(OUTLINE, 4, finding()).entry is None


def test_a_page_outside_every_section_has_no_teaching_content():
    assert place(OUTLINE, 1, finding(ItemKind.CONCEPT)).entry is None


def test_a_page_outside_that_plainly_teaches_goes_to_the_nearest_section_for_now():
    taught = finding(ItemKind.OBJECTIVE, ItemKind.EXERCISE, ItemKind.CONCEPT)

    decision = place(OUTLINE, 11, taught)

    assert (decision.entry, decision.provisional) == (1, True)
    assert place(Outline(()), 11, taught).entry is None
