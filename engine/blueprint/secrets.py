"""Keeps keys out of exports: texts that look like credentials, and literal values of headers that carry them, are replaced."""

import re
from typing import Any

from engine.blueprint.bundle import Bundle
from engine.json import JsonObject, JsonValue

PLACEHOLDER = "REMOVED-SECRET"
_PEM = re.compile(r"-----(BEGIN|END) [A-Z ]{0,30}PRIVATE KEY-----")
_PATTERNS = (  # none of them looks at a letter of a long text more than a bounded number of times
    re.compile(r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_]){0,4}[A-Za-z0-9]{16,}"),  # OpenAI, Anthropic, Stripe
    re.compile(r"\bgh[oprsu]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    re.compile(r"\bwhsec_[A-Za-z0-9+/=]{16,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,500}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"),  # JWT
    re.compile(r"(?<=Bearer )[A-Za-z0-9._~+/-]{16,}=*"),
    re.compile(r"(?<=Basic )[A-Za-z0-9+/]{12,}=*"),
    re.compile(r"(?<=://)[^/\s:@{}]{1,100}:[^/\s@{}]{1,200}(?=@)"),
)
_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"})
_FIELDS = re.compile(r"(?:^|_)(?:api_?key|password|passwd|secret|access_token|auth_token|private_key)$", re.IGNORECASE)


def without_secrets(bundle: Bundle) -> tuple[Bundle, list[str]]:
    """The bundle with every find replaced, and where the finds were, such as `workflows.triage.nodes.call.config.headers.X-Api-Key`."""
    places: list[str] = []
    dumped: JsonObject = bundle.model_dump(mode="json")
    for section in ("agents", "workflows", "tests", "schedules", "webhooks"):
        dumped[section] = _clean(dumped[section], section, places)
    return (Bundle.model_validate(dumped) if places else bundle), places


def _clean(value: Any, path: str, places: list[str], key: str = "") -> JsonValue:
    if isinstance(value, dict):
        return {name: _clean(item, f"{path}.{name}", places, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, f"{path}.{_name(item, index)}", places) for index, item in enumerate(value)]
    if not isinstance(value, str) or not value or ("{{" in value and _is_secret_field(key)):
        return value
    cleaned = PLACEHOLDER if _is_secret_field(key) else _without_keys(value)
    for pattern in _PATTERNS:
        cleaned = pattern.sub(PLACEHOLDER, cleaned)
    if cleaned != value:
        places.append(path)
    return cleaned


def _without_keys(text: str) -> str:
    """Private keys from their first line to their last one; one that has no last line reaches to the end."""
    kept: list[str] = []
    begun_at, done = -1, 0
    for mark in _PEM.finditer(text):
        if mark[1] == "BEGIN" and begun_at < 0:
            begun_at = mark.start()
        elif mark[1] == "END" and begun_at >= 0:
            kept += [text[done:begun_at], PLACEHOLDER]
            begun_at, done = -1, mark.end()
    return "".join([*kept, text[done:]]) if begun_at < 0 else "".join([*kept, text[done:begun_at], PLACEHOLDER])


def _is_secret_field(key: str) -> bool:
    return key.lower() in _HEADERS or bool(_FIELDS.search(key.replace("-", "_")))


def _name(item: Any, index: int) -> str:
    return str(item["id"]) if isinstance(item, dict) and isinstance(item.get("id"), str) else str(index)
