"""The one error of this package, and how it becomes a checker finding or a node failure."""

from collections.abc import Iterable
from difflib import get_close_matches

from engine.errors import EngineError, Finding, LimitExceeded, NodeFailed, Permanent

FAILURES = frozenset({"template_error", "condition_error", "template_limit"})  # codes of failures whose message does not name the field


class ExpressionError(EngineError):
    """A template or condition that cannot be compiled or evaluated; `line` and `column` are 1-based."""

    def __init__(
        self, message: str, *, remedy: str = "", line: int | None = None, column: int | None = None, is_limit: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.line = line
        self.column = column
        self.is_limit = is_limit

    def __str__(self) -> str:
        place = f" (line {self.line}, column {self.column})" if self.line else ""
        return f"{self.message}{place}" + (f" {self.remedy}" if self.remedy else "")

    def failure(self, field: str, *, code: str = "template_error") -> NodeFailed:
        """The same as a node failure that is never retried."""
        kind, code = (LimitExceeded, "template_limit") if self.is_limit else (Permanent, code)
        details: dict[str, object] = {"line": self.line, "column": self.column, "remedy": self.remedy}
        return kind(code, str(self), field=field or None, details=details)

    def finding(self, node: str | None, field: str, *, code: str = "template_error") -> Finding:
        """The same as a finding of the checker."""
        return Finding(code, self.message, self.remedy, node=node, field=field, line=self.line, column=self.column)


def closest(name: str, names: Iterable[object]) -> str | None:
    """The existing name that was probably meant."""
    known = [str(known) for known in names][:500]
    matches = get_close_matches(name, known, n=1, cutoff=0.6)
    if matches:
        return matches[0]
    folded = {known_name.casefold(): known_name for known_name in known}
    return folded.get(name.casefold())


def suggest(name: str, names: Iterable[object], *, what: str = "names") -> str:
    """A remedy sentence: the closest name, or the few names there are."""
    known = [str(known) for known in names]
    if near := closest(name, known):
        return f"Did you mean '{near}'?"
    if known:
        shown = ", ".join(known[:6]) + (f" and {len(known) - 6} more" if len(known) > 6 else "")
        return f"Known {what}: {shown}."
    return ""
