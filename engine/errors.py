"""The engine's error tree; services translate these into AppError, the run loop turns NodeFailed into journal events."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from engine.json import JsonValue


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a node's config at a dotted path: `set` the value, `append` it to a list unless its name is there, or `replace` the
    reference `old` in the text there by the value."""

    how: str
    node: str
    path: str
    value: JsonValue
    old: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend a finding that needs no more than a person's yes."""

    label: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the checker or a codec found wrong, with where it stands and how to mend it.

    `node` is a node id or None for the workflow itself; `field` is a dotted path inside the node's config;
    `line` and `column` are 1-based positions inside the field's text (or inside the YAML document).
    `href` is the page of the product where it is mended, when that is another one.
    """

    code: str
    message: str
    remedy: str = ""
    severity: str = "error"  # error | warning
    node: str | None = None
    field: str | None = None
    line: int | None = None
    column: int | None = None
    href: str = ""
    fixes: tuple[Fix, ...] = dataclasses.field(default=(), compare=False)

    def __str__(self) -> str:
        where = ".".join(part for part in (self.node, self.field) if part)
        place = f" (line {self.line}, column {self.column})" if self.line else ""
        text = f"{where}: {self.message}{place}" if where else f"{self.message}{place}"
        return f"{text} {self.remedy}".strip()


class EngineError(Exception):
    """Root of everything the engine raises on purpose."""


class SpecError(EngineError):
    """The author's definition is wrong; carries every finding at once."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings[:5]) or "The definition is not valid.")
        self.findings = findings


class NodeFailed(EngineError):
    """A node could not finish; `code` is stable, the message is for people."""

    retryable = False

    def __init__(self, code: str, message: str, *, field: str | None = None, details: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.details = details or {}


class Transient(NodeFailed):
    """May succeed if tried again; `delay_s` is what the other side asked for, if it did (Retry-After)."""

    retryable = True

    def __init__(
        self,
        code: str,
        message: str,
        *,
        delay_s: float | None = None,
        field: str | None = None,
        details: dict[str, object] | None = None,
    ) -> None:
        super().__init__(code, message, field=field, details=details)
        self.delay_s = delay_s


class Permanent(NodeFailed):
    """Will fail the same way again; never retried."""


class LimitExceeded(NodeFailed):
    """A limit on time, size, steps, loops or money was reached."""


class Held(EngineError):
    """What a step wants to do may not be done now. It waits with its state kept and begins again: no failure, no attempt used up.

    `reason` is budget (a person decides, or the cap's period ends), rate_limit or breaker; `until` is the estimated moment.
    With `is_of_model` another model may do it meanwhile.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        until: datetime | None = None,
        request: dict[str, object] | None = None,
        is_of_model: bool = False,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.until = until
        self.request = request or {}
        self.is_of_model = is_of_model


class LeaseLost(EngineError):
    """The journal refused a commit because another worker owns the run now; the driver stops at once."""


class RunCancelled(BaseException):
    """Somebody asked the run to stop."""
