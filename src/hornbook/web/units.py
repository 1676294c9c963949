"""What a job counts, in the words of the screens: pages, or subtopics."""

from dataclasses import dataclass

from hornbook.model.job import JobType
from hornbook.web.language import _, ngettext, noted, noted_plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The texts about one kind of item, each a whole text so that it can be translated."""

    name: str
    """`page` or `subtopic`."""
    one: str
    numbers: str
    """Such as "78/100 pages (78%)"."""
    completed: str
    failed: str
    failed_at: tuple[str, str]
    """How many failed, with the place or places."""
    remaining: str
    failed_so_far: str
    resume: tuple[str, str]
    within: str
    """The name within a sentence."""
    plan: tuple[str, str]
    """Which ones Resume does."""
    failed_and_wait: tuple[str, str]
    some: tuple[str, str]

    def numbered(self, number: int) -> str:
        """Name one, such as "Page 79"."""
        return _(self.one, number=number)

    def within_sentence(self, number: int) -> str:
        """Name one within a sentence, such as "page 79"."""
        return _(self.within, number=number)

    def counted(self, number: int) -> str:
        """Write "1 page" or "12 pages"."""
        return ngettext(*self.some, number)

    def places(self, numbers: tuple[int, ...], most: int = 4) -> str:
        """Name places as short as can be: "46, 78 to 100"."""
        runs = ranges(numbers)
        shown = ", ".join(
            str(first) if first == last else _("%(first)s to %(last)s", first=first, last=last)
            for first, last in runs[:most]
        )
        return f"{shown}, …" if len(runs) > most else shown


PAGE = Unit(
    name="page",
    one=noted("Page %(number)s"),
    numbers=noted("%(processed)s/%(total)s pages (%(percent)s%%)"),
    completed=noted("Pages completed"),
    failed=noted("Pages failed"),
    failed_at=noted_plural("%(num)s (page %(places)s)", "%(num)s (pages %(places)s)"),
    remaining=noted("Pages remaining"),
    failed_so_far=noted("Failed pages"),
    resume=noted_plural(
        "Resume from Page %(first)s (%(num)s page left)",
        "Resume from Page %(first)s (%(num)s pages left)",
    ),
    within=noted("page %(number)s"),
    plan=noted_plural("Page %(places)s: %(parts)s.", "Pages %(places)s: %(parts)s."),
    failed_and_wait=noted_plural(
        "%(num)s page failed and waits for you.", "%(num)s pages failed and wait for you."
    ),
    some=noted_plural("%(num)s page", "%(num)s pages"),
)
SUBTOPIC = Unit(
    name="subtopic",
    one=noted("Subtopic %(number)s"),
    numbers=noted("%(processed)s/%(total)s subtopics (%(percent)s%%)"),
    completed=noted("Subtopics completed"),
    failed=noted("Subtopics failed"),
    failed_at=noted_plural("%(num)s (subtopic %(places)s)", "%(num)s (subtopics %(places)s)"),
    remaining=noted("Subtopics remaining"),
    failed_so_far=noted("Failed subtopics"),
    resume=noted_plural(
        "Resume from Subtopic %(first)s (%(num)s subtopic left)",
        "Resume from Subtopic %(first)s (%(num)s subtopics left)",
    ),
    within=noted("subtopic %(number)s"),
    plan=noted_plural("Subtopic %(places)s: %(parts)s.", "Subtopics %(places)s: %(parts)s."),
    failed_and_wait=noted_plural(
        "%(num)s subtopic failed and waits for you.",
        "%(num)s subtopics failed and wait for you.",
    ),
    some=noted_plural("%(num)s subtopic", "%(num)s subtopics"),
)


def unit_of(job_type: JobType) -> Unit:
    """Tell what a job of this type counts."""
    return SUBTOPIC if job_type is JobType.FINALIZATION else PAGE


def ranges(numbers: tuple[int, ...]) -> list[tuple[int, int]]:
    """Gather ascending numbers into runs without gaps."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
