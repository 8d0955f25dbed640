"""How a webhook refuses a request; the code goes into the delivery log, the words to the caller."""

from app.core.errors import AppError, NotFound

GONE = "There is no active webhook at this address. Check the address; a test address answers only while somebody listens."


class NoWebhook(NotFound):
    """Unknown, paused, deleted, without its workflow or its owner: never told apart."""

    def __init__(self) -> None:
        super().__init__()
        self.message = GONE


class Refused(AppError):
    """A refusal with a status of its own."""

    def __init__(self, status: int, code: str, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message, fields=fields, code=code)
        self.status = status  # type: ignore[misc] - the statuses of HTTP are many, the refusal is one


def unauthorized(message: str, code: str = "bad_signature") -> Refused:
    """The request does not prove that it comes from the sender."""
    return Refused(401, code, message)
