"""The shapes of every answer below /api/v1: one envelope for success, one for refusals, one for pages of a list."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")

Id = Annotated[str, Path(max_length=64, description="An id as lists and answers give it.")]
Cursor = Annotated[str, Query(max_length=500, description="`next_cursor` of the page before; empty for the first page.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many items at most.")]
Day = Annotated[str, Query(max_length=40, description="A day in UTC, such as 2026-01-31.")]
Search = Annotated[str, Query(max_length=200, description="Words to look for.")]


class Shape(BaseModel):
    """A part of an answer, read off a view."""

    model_config = ConfigDict(from_attributes=True)


class Request(BaseModel):
    """A body; unknown fields are refused, so that a typing mistake does not pass for a default."""

    model_config = ConfigDict(extra="forbid")


class Answer(Shape, Generic[T]):
    """Success."""

    data: T
    message: str = Field(default="OK", description="What happened, in words.")
    timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC), description="When, in UTC.")


class Page(Shape, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="Ask with `cursor` for what follows; null at the end.")
    total: int | None = Field(default=None, description="How many there are in all, where that is known.")


class Refusal(BaseModel):
    """What was refused, and what to do about it."""

    detail: str = Field(description="In plain words.")
    error_code: str = Field(description="For programs; stable.")
    field_errors: dict[str, str] = Field(default_factory=dict, description="What is wrong with which field, and how to mend it.")


class Nothing(Shape):
    """No more to say than the message."""


# By reference: FastAPI builds a validator for every model it is given here, for each of these on every route, at every start.
REFUSED: dict[str, Any] = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: REFUSED | {"description": words}
    for status, words in {
        400: "The request contradicts itself",
        401: "No key or token that counts",
        403: "The role or the key's scopes do not allow it",
        404: "It does not exist, or not for you",
        409: "It contradicts what is there",
        413: "The body is too large",
        422: "Some values are wrong",
        429: "A limit was reached; Retry-After says for how long",
        503: "A part that is needed does not answer",
    }.items()
}
EDITS: dict[int | str, dict[str, Any]] = {
    412: REFUSED | {"description": "It changed since you read it; read it again"},
    428: REFUSED | {"description": "Say with If-Match which version you change"},
}


async def _keep_nowhere(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


NEVER_KEPT = Depends(_keep_nowhere)
"""For routes whose answers no browser or proxy may keep: secrets that are shown once, and what changes by the second."""


def done(data: Any, message: str = "OK") -> Any:
    """An answer around a shape; the route's return type says which."""
    return Answer[Any](data=data, message=message)


def whole(items: Iterable[Any], message: str = "OK") -> Any:
    """A success that carries a list with everything on one page."""
    rows = list(items)
    return done(Page(items=rows, total=len(rows)), message)
