"""Takes secrets and control characters out of log records; app.core.logs puts it in front of every renderer."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast

HIDDEN = "[redacted]"
MAX_DEPTH = 6
MAX_TEXT = 20_000

_SECRET_KEY = re.compile(
    r"(?:^|[_\-.])(?:pass(?:word|wd|phrase)?|secret|token|api_?key|authorization|cookie|private_key|credentials?|otp)$"
)
_SECRET_TEXT = re.compile(
    r"""
    (?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}                          # Authorization values
  | (?P<userinfo>://[^\s:/@]*:)[^\s/@]+(?=@)                                 # passwords in URLs
  | (?P<pair>\b(?:af_session|(?:access_|refresh_|id_)?token|api_?key|password|secret|signature|sig|code)["']?\s*[=:]\s*["']?)[^\s"'&;,}]{4,}
  | \b(?:sk|pk|rk|whsec|ghp|gho|ghs|xox[abprs]|AIza|glpat|hf|gsk|xai)[-_][\w-]{8,}   # keys by their vendors' prefixes
  | \bAIza[\w-]{20,}
  | \bAKIA[0-9A-Z]{12,}
  | \beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*                                        # JSON Web Tokens
  | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----[\s\S]*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MULTILINE_KEYS = frozenset({"exception", "stack"})


class Redactor:
    """A structlog processor. `known` are the very secrets of this installation, hidden wherever they appear."""

    def __init__(self, known: Sequence[str] = (), *, max_depth: int = MAX_DEPTH, keep_lines: bool = False) -> None:
        self._max_depth = max_depth
        self._keep_lines = keep_lines
        longest_first = sorted({secret for secret in known if len(secret) >= 8}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, _logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the record without secrets."""
        for key, value in record.items():
            record[key] = self._of_key(key, value, depth=0)
        return record

    def plain(self, value: Any) -> Any:
        """The same JSON value without secrets."""
        return self._of_value(value, depth=0)

    def text(self, value: str, *, keep_lines: bool = False) -> str:
        """Hide secrets in a text, and escape control characters so that nobody can forge a log line."""
        value = value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
        if self._known:
            value = self._known.sub(HIDDEN, value)
        value = _SECRET_TEXT.sub(_hide, value)
        return value if keep_lines else _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), value)

    def _of_key(self, key: str, value: Any, *, depth: int) -> Any:
        if isinstance(value, str | bytes) and value and _SECRET_KEY.search(key.lower()):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value, keep_lines=self._keep_lines or key in _MULTILINE_KEYS)
        return self._of_value(value, depth=depth)

    def _of_value(self, value: Any, *, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value, keep_lines=self._keep_lines)
        if isinstance(value, bytes):
            return f"<{len(value)} bytes>"
        if isinstance(value, bool | int | float) or value is None:
            return value
        if depth >= self._max_depth:
            return "…"
        if isinstance(value, Mapping):
            items = cast("Mapping[object, Any]", value).items()
            return {str(key): self._of_key(str(key), inner, depth=depth + 1) for key, inner in items}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._of_value(inner, depth=depth + 1) for inner in cast("Sequence[Any]", value)]
        return self.text(str(value))


def _hide(match: re.Match[str]) -> str:
    kept = match["scheme"] or match["userinfo"] or match["pair"] or ""
    return kept + HIDDEN
