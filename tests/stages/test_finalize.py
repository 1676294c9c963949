from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.engines.offline import Offline
from hornbook.stages.finalize import (
    Candidate,
    CandidateTopic,
    Proposal,
    ProposalKind,
    apply_accepted,
    propose,
    validate,
)

MERGE, SUBTOPIC, TOPIC = ProposalKind.MERGE, ProposalKind.RENAME_SUBTOPIC, ProposalKind.RENAME_TOPIC


def topic(topic_id="t", title="Fractions", **subtopics):
    return CandidateTopic(
        topic_id, title, tuple(Candidate(i, name, (f"says {i}",)) for i, name in subtopics.items())
    )


def merge(kept, dropped):
    return Proposal(MERGE, kept, dropped, "alike")


BOOK = (
    topic("t", "Fractions", a="Halves", b="Quarters", c="Thirds"),
    topic("u", "Shapes", d="Circles"),
)


def reasons(*proposals, **options):
    return [refused.reason for refused in validate(BOOK, proposals, **options).refused]


def test_a_renamed_topic_keeps_all_its_subtopics():
    rename = Proposal(TOPIC, "t", "Parts of a Whole", "clearer")

    after = apply_accepted(BOOK, validate(BOOK, [rename]).accepted)

    assert after[0].title == "Parts of a Whole"
    assert after[0].subtopics == BOOK[0].subtopics


def test_what_cannot_be_applied_is_refused_with_a_reason():
    assert reasons(merge("a", "a")) == ["A subtopic cannot be merged with itself."]
    assert reasons(merge("a", "x")) == ["There is no such subtopic."]
    assert reasons(merge("a", "b"), merge("b", "a")) == ["The merges would go in a circle."]
    assert reasons(merge("a", "b"), merge("c", "b")) == [
        "The subtopic has already been merged away."
    ]
    assert reasons(Proposal(SUBTOPIC, "x", "New", "")) == ["There is no such subtopic."]
    assert reasons(Proposal(TOPIC, "a", "New", "")) == ["There is no such topic."]
    assert reasons(Proposal(SUBTOPIC, "a", " -- ", "")) == ["A title needs words."]
    assert reasons(Proposal(SUBTOPIC, "a", "Halves", "")) == ["This changes nothing."]
    assert reasons(Proposal(SUBTOPIC, "a", "quarters!", "")) == [
        "Another one beside it has this name."
    ]
    assert reasons(Proposal(TOPIC, "t", "shapes", "")) == ["Another one beside it has this name."]
    assert reasons(merge("a", "b"), Proposal(SUBTOPIC, "b", "New", "")) == [
        "The subtopic has been merged away."
    ]


def test_the_same_title_may_stand_in_another_topic():
    assert reasons(Proposal(SUBTOPIC, "a", "Circles", "")) == []


def test_what_a_human_has_undone_does_not_come_back():
    assert reasons(merge("a", "b"), undone=[merge("a", "b")]) == ["A human has undone this."]


def test_a_chain_of_merges_ends_in_the_one_that_is_kept_and_loses_nothing():
    accepted = validate(BOOK, [merge("b", "a"), merge("c", "b")]).accepted

    after = apply_accepted(BOOK, accepted)

    assert [(one.target_id, one.value) for one in accepted] == [("c", "a"), ("c", "b")]
    assert after[0].subtopics == (Candidate("c", "Thirds", ("says a", "says b", "says c")),)


def test_a_topic_whose_last_subtopic_was_merged_away_goes():
    assert [one.id for one in apply_accepted(BOOK, [merge("a", "d")])] == ["t"]


ids = st.sampled_from(["a", "b", "c", "d", "t", "u", "x"])
proposals = st.lists(
    st.builds(
        Proposal,
        st.sampled_from(list(ProposalKind)),
        ids,
        st.one_of(ids, st.sampled_from(["Halves", "halves!", "New Name", "", "Circles"])),
        st.just("because"),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(proposals)
def test_no_proposals_however_wild_lose_a_statement_or_make_two_titles_collide(suggested):
    verdict = validate(BOOK, suggested)
    after = apply_accepted(BOOK, verdict.accepted)

    said = sorted(s for one in after for sub in one.subtopics for s in sub.statements)
    assert said == ["says a", "says b", "says c", "says d"]
    assert all(
        len({sub.title.lower() for sub in one.subtopics}) == len(one.subtopics) for one in after
    )
    assert len(verdict.accepted) + len(verdict.refused) == len(suggested)


@settings(deadline=None)
@given(proposals)
def test_what_was_accepted_is_accepted_again_from_the_same_start(suggested):
    accepted = validate(BOOK, suggested).accepted

    again = validate(BOOK, accepted)

    assert apply_accepted(BOOK, again.accepted) == apply_accepted(BOOK, accepted)


def test_finalizing_twice_changes_nothing():
    same = tuple(
        f"Statement {n} about adding fractions with the same bottom number." for n in range(5)
    )
    book = (
        CandidateTopic(
            "t",
            "4 FRACTIONS",
            (
                Candidate("a", "4.1 Adding Like Fractions", same),
                Candidate("b", "Adding like fractions.", same[1:]),
                Candidate(
                    "c",
                    "SUBTRACTING FRACTIONS AND MORE",
                    ("Something else altogether is told here.",),
                ),
            ),
        ),
    )

    accepted = validate(book, propose(Offline(), book)).accepted
    after = apply_accepted(book, accepted)

    assert [one.title for one in after[0].subtopics] == [
        "Adding Like Fractions",
        "Subtracting Fractions and More",
    ]
    assert (MERGE, "a", "b") in [(one.kind, one.target_id, one.value) for one in accepted]
    assert validate(after, propose(Offline(), after)).accepted == ()


def test_parts_one_and_two_are_no_duplicates():
    same = ("The same words in both of the parts.",)
    book = (
        CandidateTopic(
            "t",
            "Sums",
            (Candidate("a", "Adding, Part 1", same), Candidate("b", "Adding, Part 2", same)),
        ),
    )

    assert propose(Offline(), book) == ()
