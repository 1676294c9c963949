"""What the routes of all resources share: the application, path parameters, and error shapes."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from hornbook.wiring import App

LARGEST_NUMBER = 2**31 - 1
"""What an integer column holds on every database."""


class Problem(BaseModel):
    """Every error: one clear sentence."""

    detail: str = Field(examples=["There is no book 'unknown_mathematics_4_2026'."])


# Asynchronous only because a plain function would be handed to a thread, on every request.
async def hornbook_of(request: Request) -> "App":
    """Give the assembled application behind this server."""
    app: App = request.app.state.hornbook
    return app


if TYPE_CHECKING:
    Hornbook = Annotated[App, Depends(hornbook_of)]
else:
    # Only the type checker needs the class, and wiring brings every engine with it.
    Hornbook = Annotated[Any, Depends(hornbook_of)]


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text has a NUL character, which no database keeps")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
Label = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
"""Words on one line, such as a title."""
Number = Annotated[int, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
"""Any integer; whether the book has such a page is the workflow's question."""

BookId = Annotated[
    str, Path(description="The book's id.", examples=["anita_rao_mathematics_4_2026"])
]
PageNum = Annotated[
    int,
    Path(
        description="The page's place in the book, from 1.",
        ge=-LARGEST_NUMBER,
        le=LARGEST_NUMBER,
        examples=[46],
    ),
]
JobId = Annotated[str, Path(description="The job's id.")]
TopicKey = Annotated[str, Path(description="The topic's key.", examples=["fractions"])]
SubtopicKey = Annotated[
    str, Path(description="The subtopic's key.", examples=["adding-like-fractions"])
]
GuidelineId = Annotated[str, Path(description="The id of a published guideline.")]
Wanted = Annotated[Text | None, Query(description="Only those; all when left out.")]
WantedGrade = Annotated[
    int | None,
    Query(description="Only this grade; all when left out.", ge=0, le=LARGEST_NUMBER),
]

DESCRIPTIONS = {
    400: "The request asks for something impossible.",
    401: "Neither a session cookie nor a bearer token that is good.",
    403: "A browser sent this for another site.",
    404: "There is no such thing.",
    408: "The upload stalled.",
    409: "Not now, or not from this version.",
    413: "The file is too large.",
    422: "A field is missing or has a wrong value.",
    502: "The model gave nothing that can be used; the sentence says what to do.",
    503: "The database or the object store does not answer; Retry-After says when to try again.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a route for `/openapi.json`, with those that any route may have."""
    return {
        status: {"model": Problem, "description": DESCRIPTIONS[status]}
        for status in sorted({401, 403, 422, 503, *statuses})
    }


class Reply(BaseModel):
    """A reply made from a value of ours."""

    model_config = ConfigDict(from_attributes=True)
