"""Errors as facts with a status; services raise them, each edge translates them once."""

from collections.abc import Callable
from typing import ClassVar


class AppError(Exception):
    """A refusal a person can understand. `fields` maps a field name to what is wrong with it and how to mend it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    afterwards: Callable[[], object] | None = None  # what the API does once the refusal has left, so that its time tells nothing

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.error_code = code or self.code


class NotFound(AppError):
    """There is no such thing, or not for you: the two are never told apart."""

    status = 404
    code = "not_found"

    def __init__(self, what: str = "This item") -> None:
        super().__init__(f"{what} does not exist, or you have no access to it.")


class NotSignedIn(AppError):
    """There is no valid session."""

    status = 401
    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("Please sign in to go on.")


class NotAllowed(AppError):
    """The role does not permit it."""

    status = 403
    code = "not_allowed"


class Conflict(AppError):
    """The thing changed meanwhile, or the request contradicts an earlier one."""

    status = 409
    code = "conflict"


class Invalid(AppError):
    """The input is wrong; `fields` says where."""

    status = 422
    code = "invalid"


class LimitReached(AppError):
    """A rate, plan or budget limit."""

    status = 429
    code = "limit_reached"


class Unavailable(AppError):
    """A part we depend on does not answer; trying again later may work."""

    status = 503
    code = "unavailable"


class DatabaseAway(Unavailable):
    """Nothing was saved; trying again may work."""

    code = "database_away"
