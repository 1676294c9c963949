"""Applies the decisions of finalization to what extraction found; again after every run."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from hornbook.library import decisions, findings, guidelines, placing
from hornbook.library.decisions import Decision
from hornbook.library.guidelines import Contents, SubtopicRecord
from hornbook.model.guideline import PlacedItem
from hornbook.stages.finalize import (
    Candidate,
    CandidateTopic,
    Edited,
    Proposal,
    ProposalKind,
    Verdict,
    validate,
)
from hornbook.workflows import tidy


def found_topics(
    contents: Contents, items: dict[str, tuple[PlacedItem, ...]] | None = None
) -> tuple[CandidateTopic, ...]:
    """Topics and subtopics as extraction found them, in page order, before any decision."""
    pages: dict[str, list[str]] = {}
    for placement in contents.placements:
        pages.setdefault(placement.subtopic_id, []).append(placement.page_id)
    ordered = [*pages, *sorted(contents.subtopics.keys() - pages.keys())]
    members: dict[str, list[Candidate]] = {}
    for one in ordered:
        said = (placed for page in pages.get(one, ()) for placed in (items or {}).get(page, ()))
        subtopic = contents.subtopics[one]
        statements = tuple(placed.item.text for placed in said)
        candidate = Candidate(one, subtopic.found_title, statements)
        members.setdefault(subtopic.topic_id, []).append(candidate)
    return tuple(
        CandidateTopic(topic_id, contents.topics[topic_id].found_title, tuple(subtopics))
        for topic_id, subtopics in members.items()
    )


def items_of(session: Session, contents: Contents) -> dict[str, tuple[PlacedItem, ...]]:
    """The items of every page that is placed."""
    return findings.items_of_pages(session, [page.page_id for page in contents.placements])


def as_proposal(decision: Decision) -> Proposal:
    """A recorded decision as the stage knows it."""
    return Proposal(
        ProposalKind(decision.kind), decision.target_id, decision.value, decision.reason
    )


def in_force(taken: Iterable[Decision]) -> list[Proposal]:
    """The decisions that were not taken back, in order."""
    return [as_proposal(one) for one in taken if not one.is_undone]


def taken_back(taken: Iterable[Decision]) -> list[Proposal]:
    """The decisions that a human has undone."""
    return [as_proposal(one) for one in taken if one.is_undone]


def judged(contents: Contents, taken: Iterable[Decision]) -> Verdict:
    """Which decisions in force fit what there is, and why the others are left aside."""
    edited = frozenset(one.id for one in contents.subtopics.values() if one.is_edited)
    homes = {one: contents.kept(one) for one in contents.subtopics}
    return validate(found_topics(contents), in_force(taken), edited=Edited(edited, homes))


def reapply(session: Session, book_id: str, *, rev: int, now: datetime) -> Verdict:
    """Give every topic and subtopic the title and the merge that the decisions say.

    Texts follow the merges. A decision that no longer fits what exists, or that would merge what a
    human has edited since, is left out, not forgotten.
    """
    contents = guidelines.contents(session, book_id)
    verdict = judged(contents, decisions.decisions(session, book_id))
    titles: dict[str, str] = {}
    merged: dict[str, str] = {}
    for one in verdict.accepted:
        if one.kind is ProposalKind.MERGE:
            merged[one.value] = one.target_id
        else:
            titles[one.target_id] = one.value
    for topic in contents.topics.values():
        title = titles.get(topic.id, topic.found_title)
        if title != topic.title:
            placing.retitle_topic(session, topic.id, title)
    for subtopic in contents.subtopics.values():
        title = titles.get(subtopic.id, subtopic.found_title)
        if (title, merged.get(subtopic.id)) != (subtopic.title, subtopic.merged_into):
            placing.retitle(session, subtopic.id, title, merged.get(subtopic.id), rev=rev)
    _follow(session, book_id, contents, merged, rev=rev, now=now)
    return verdict


def _follow(
    session: Session,
    book_id: str,
    before: Contents,
    merged: dict[str, str],
    *,
    rev: int,
    now: datetime,
) -> None:
    """Rewrite the texts on both sides of merges that came or went; drop files of merged ones."""
    changed = [one for one in before.subtopics.values() if one.merged_into != merged.get(one.id)]
    if not changed:
        return
    for one in changed:
        if one.id in merged:
            _hide(session, book_id, before, one)
    sides = {one.id for one in changed} | {before.kept(one.id) for one in changed}
    tidy.rearrange(session, book_id, sides, rev=rev, now=now, reopens=True)


def _hide(session: Session, book_id: str, before: Contents, subtopic: SubtopicRecord) -> None:
    topic = before.topics[subtopic.topic_id]
    placing.drop_file(session, book_id, topic.key, subtopic.key)
    placing.set_topic_summary(session, topic.id, "")
