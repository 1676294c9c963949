import pytest

from hornbook.model.finding import Finding, Item, ItemKind
from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.model.placing import Candidate, Suggestion, Whereabouts
from hornbook.stages.place import Decision, is_open, nearby, place, resolve, settled, spoken_of

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


# Who decides


def reading(*headings, summary="", items=True):
    kinds = (ItemKind.CONCEPT,) if items else ()
    return Finding(summary, finding(*kinds).items, headings, 0, "a model")


def test_a_strong_entry_is_followed_without_asking_anybody():
    assert not is_open(OUTLINE, 4, reading("1.1 Counting"))


def test_a_weak_entry_is_a_question_where_it_begins_and_where_a_heading_was_found():
    assert is_open(OUTLINE, 6, reading())
    assert is_open(OUTLINE, 8, reading("Adding in your head"))
    assert not is_open(OUTLINE, 8, reading())


def test_a_numbered_heading_that_the_outline_does_not_know_is_a_question_even_in_a_strong_entry():
    assert is_open(OUTLINE, 4, reading("1.2 Counting back"))


def test_a_page_without_anything_to_teach_is_no_question():
    assert not is_open(OUTLINE, 7, reading("Adding", items=False))


def test_pages_inside_a_weak_entry_go_where_its_earlier_pages_went():
    inside = place(OUTLINE, 8, reading())

    assert settled(OUTLINE, inside, "the-other").continues == "the-other"
    assert settled(OUTLINE, inside, None).entry == 1
    assert settled(OUTLINE, place(OUTLINE, 4, reading()), "the-other").entry == 0


COUNTING = Candidate("counting", "id-1", "Numbers", "Counting")
ADDING = Candidate("adding", "id-2", "Numbers", "Adding")
WHERE = Whereabouts((COUNTING,), (ADDING,), (), (), (), "")
OTHERWISE = Decision(1, 0.4, provisional=True, evidence="change of words")


def said(**what):
    whole = {"is_new": False, "continues_key": "", "topic_title": "", "subtopic_title": ""}
    return Suggestion(**(whole | {"confidence": 0.9} | what))


def test_a_page_continues_the_subtopic_that_is_named_an_earlier_one_too():
    now, back = (resolve(said(continues_key=k), WHERE, OTHERWISE) for k in ("counting", "adding"))

    assert (now.continues, now.entry, now.provisional) == ("id-1", None, False)
    assert back.continues == "id-2"


def test_a_page_begins_a_subtopic_with_the_titles_given():
    begun = resolve(
        said(is_new=True, topic_title=" Numbers ", subtopic_title="Taking\naway"), WHERE, OTHERWISE
    )

    assert begun.begins == ("Numbers", "Taking away")


def test_a_new_subtopic_that_is_there_already_is_continued():
    decision = resolve(
        said(is_new=True, topic_title="numbers", subtopic_title="Adding!"), WHERE, OTHERWISE
    )

    assert (decision.continues, decision.begins) == ("id-2", None)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"continues_key": "geometry"},
        {"continues_key": "../../etc"},
        {"continues_key": ""},
        {"is_new": True, "topic_title": "Numbers", "subtopic_title": "  "},
        {"is_new": True, "topic_title": "…", "subtopic_title": "Adding"},
    ],
)
def test_what_names_nothing_leaves_the_outline_s_decision_and_says_so(nonsense):
    decision = resolve(said(**nonsense), WHERE, OTHERWISE)

    assert (decision.entry, decision.continues, decision.begins) == (1, None, None)
    assert decision.provisional
    assert decision.evidence.startswith("the model ")


def test_a_confidence_out_of_range_is_cut_and_a_low_one_is_provisional():
    sure, unsure = (
        resolve(said(continues_key="adding", confidence=c), WHERE, OTHERWISE) for c in (7.0, -1.0)
    )

    assert (sure.confidence, unsure.confidence, unsure.provisional) == (1.0, 0.0, True)


def test_only_sections_near_the_page_are_shown_each_with_its_distance():
    assert [(one.subtopic_title, one.begins_in) for one in nearby(OUTLINE, 4)] == [
        ("Counting", -1), ("Adding", 2),
    ]  # fmt: skip
    assert nearby(OUTLINE, 20) == ()


def test_subtopics_from_further_back_are_shown_if_the_page_speaks_of_them():
    review = reading("Counting again", summary="Pupils count beads.")

    assert spoken_of([COUNTING, ADDING], review) == (COUNTING,)
