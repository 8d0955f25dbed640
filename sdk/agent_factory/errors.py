"""What the API refuses, as exceptions that say what to do; `field_errors` names what is wrong with which field."""

from typing import Any


class ApiError(Exception):
    """Root of everything the client raises. `status` is 0 when no answer came."""

    def __init__(self, detail: str, *, status: int = 0, code: str = "error", field_errors: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code
        self.field_errors = field_errors or {}


class Unreachable(ApiError):
    """No answer came, after trying again."""


class Unsendable(ApiError):
    """The call cannot be made as it was given, and was not: a key or text holds what no key or text may hold."""


class NotAuthenticated(ApiError):
    """401: no key or token that counts."""


class Forbidden(ApiError):
    """403: the role or the key's scopes do not allow it."""


class NotFound(ApiError):
    """404."""


class Conflict(ApiError):
    """409."""


class Stale(ApiError):
    """412: it changed since it was read."""


class Invalid(ApiError):
    """422: some values are wrong."""


class LimitReached(ApiError):
    """429, after waiting and trying again."""


class RunFailed(ApiError):
    """A run that was waited for failed or was cancelled; `run` is how it ended."""

    def __init__(self, run: dict[str, Any]) -> None:
        error = run.get("error") or {}
        super().__init__(error.get("message") or f"The run {run.get('status')}.", code=str(error.get("code") or run.get("status")))
        self.run = run


_BY_STATUS: dict[int, type[ApiError]] = {
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: Invalid,
    429: LimitReached,
}


def error_of(status: int, body: Any) -> ApiError:
    """The exception of a refusal."""
    told: dict[str, Any] = body if isinstance(body, dict) else {}
    detail = str(told.get("detail") or f"The server answered {status}.")
    kind = _BY_STATUS.get(status, ApiError)
    return kind(detail, status=status, code=str(told.get("error_code") or "error"), field_errors=_fields(told.get("field_errors")))


def _fields(told: Any) -> dict[str, str]:
    return {str(name): str(problem) for name, problem in told.items()} if isinstance(told, dict) else {}
