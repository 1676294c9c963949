"""Decide what a sync does to the published rows; unchanged rows are left in peace."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """Subtopic ids by what happens to their published rows, in the order they were given."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]


def content_hash(
    *,
    topic_title: str,
    subtopic_title: str,
    topic_summary: str,
    subtopic_summary: str,
    guideline: str,
) -> str:
    """A digest of what is taught.

    `guideline` is rendered without page numbers, so that a move of pages is no change.
    """
    taught = [topic_title, subtopic_title, topic_summary, subtopic_summary, guideline.rstrip()]
    return hashlib.sha256(json.dumps(taught, ensure_ascii=False).encode()).hexdigest()


def plan_sync(wanted: Mapping[str, str], existing: Mapping[str, str | None]) -> SyncPlan:
    """What makes the published rows equal to the wanted ones; both map subtopic id to hash."""
    return SyncPlan(
        created=tuple(key for key in wanted if key not in existing),
        updated=tuple(key for key in wanted if key in existing and existing[key] != wanted[key]),
        unchanged=tuple(key for key in wanted if key in existing and existing[key] == wanted[key]),
        gone=tuple(key for key in existing if key not in wanted),
    )
