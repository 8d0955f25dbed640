"""Turns a provider library's exceptions into Transient and Permanent with plain words and a remedy, never with a key in them."""

import email.utils
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import NodeFailed, Permanent, Transient

MAX_DELAY_S = 3600.0
_KEY_LIKE = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|key|api[-_]?key|AIza)[-_]?[A-Za-z0-9_*.\u2026-]{6,}|\bBearer\s+\S+|\b[A-Za-z0-9_-]{32,}\b|\S*\*{4,}\S*",
    re.IGNORECASE,
)
_SAID = re.compile(r"[\"']message[\"']:\s*[\"']((?:[^\"'\\]|\\.|(?<=\w)'(?=\w)){3,400})")
_PREFIX = re.compile(r"^(?:litellm\.)?(?:\w+(?:Error|Exception|Timeout)(?::| -)\s*)+")
_QUOTA = re.compile(r"quota|billing|credit|insufficient_quota|payment", re.IGNORECASE)
_TOO_LONG = re.compile(r"context.{0,12}(?:length|window)|too long|maximum.{0,20}tokens|prompt is too long|max_tokens", re.IGNORECASE)
_UNREACHABLE = re.compile(r"connection|cannot connect|name or service not known|unreachable", re.IGNORECASE)
_TIMEOUTS = ("Timeout", "APITimeoutError", "TimeoutError", "ReadTimeout", "ConnectTimeout")


class ProviderFault(Exception):
    """What the provider library raised, as text without secrets; chained instead of the original, whose parts may hold the key."""


def redact(text: str, keys: Iterable[str]) -> str:
    """Replace the given keys and everything that looks like one."""
    for key in keys:
        if len(key) >= 4:
            text = text.replace(key, "[key]")
    return _KEY_LIKE.sub("[key]", text)


def fault_of(error: BaseException, keys: Iterable[str]) -> ProviderFault:
    """The cause to chain."""
    return ProviderFault(f"{type(error).__name__}: {redact(str(error)[:2000], keys)[:600]}")


def failure_of(error: BaseException, *, provider: str, model: str, keys: Iterable[str], streamed: bool = False) -> NodeFailed:
    """Say what happened, by status first and by kind second. `streamed` says that a part of the answer had arrived."""
    name, status, text = type(error).__name__, _status(error), str(error)
    said = _said(text, keys)
    delay = retry_after(_headers(error))
    if name in _TIMEOUTS or status == 408:
        return Transient("model_timeout", f"{provider} did not answer in time. Try again, or raise the time limit.", delay_s=delay)
    if name == "ContextWindowExceededError" or (status in (400, 413) and _TOO_LONG.search(text)):
        return Permanent(
            "model_context_too_long",
            f"The request is too long for {model}. Shorten the instructions or the material, or choose a model with a larger context.",
        )
    if name == "MidStreamFallbackError" or (streamed and (status is None or status >= 500)):
        return Transient("model_interrupted", f"{provider} broke off in the middle of its answer. Try again.", delay_s=delay)
    if status == 429:
        return _too_many(text, provider, delay)
    if status in _PERMANENT:
        code, words = _PERMANENT[status]
        return Permanent(code, words.format(provider=provider, model=model) + said)
    if name == "ContentPolicyViolationError":
        return Permanent("model_content_refused", f"{provider}'s safety filter refused this request. Reword it.{said}")
    if status is not None and 400 <= status < 500:
        return Permanent("model_request_refused", f"{provider} refused the request.{said} Check the settings of this step.")
    if status in (503, 529):
        return Transient("model_overloaded", f"{provider} is overloaded. Try again in a while.", delay_s=delay)
    if _UNREACHABLE.search(text.replace("APIConnectionError", "")):
        return Transient("model_unreachable", f"No connection to {provider} could be made. Try again.", delay_s=delay)
    return Transient("model_overloaded", f"{provider} had an error of its own. Try again.", delay_s=delay)


_PERMANENT = {
    401: ("model_key_refused", "{provider} refused the API key. Ask the administrator to check it."),
    402: ("model_out_of_credit", "The account at {provider} has no credit left. Ask the administrator to top it up."),
    403: ("model_key_refused", "The API key for {provider} may not use {model}. Choose another model, or ask the administrator."),
    404: ("unknown_model", "{provider} does not know the model {model}, or the API key may not use it. Choose another model."),
}


def _too_many(text: str, provider: str, delay: float | None) -> NodeFailed:
    if _QUOTA.search(text) and "rate limit" not in text.lower():
        return Permanent("model_out_of_credit", _PERMANENT[402][1].format(provider=provider))
    return Transient("model_rate_limited", f"{provider} is getting too many requests from this key. Try again in a while.", delay_s=delay)


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return int(status) if isinstance(status, int | str) and str(status).isdigit() else None


def _headers(error: BaseException) -> Mapping[str, Any]:
    """The answer's headers, wherever the library keeps them."""
    for holder in (error, getattr(error, "response", None)):
        for field in ("litellm_response_headers", "headers"):
            found = getattr(holder, field, None)
            if found:
                return found
    return {}


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Seconds to wait: `Retry-After` as a number or a date, or the milliseconds form some providers send."""
    lowered = {str(name).lower().removeprefix("llm_provider-"): str(value).strip() for name, value in headers.items()}
    if (precise := lowered.get("retry-after-ms", "")).isdigit():
        return min(int(precise) / 1000, MAX_DELAY_S)
    raw = lowered.get("retry-after", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", raw):
        return min(float(raw), MAX_DELAY_S)
    try:
        moment = email.utils.parsedate_to_datetime(raw) if raw else None
    except ValueError:
        return None
    return min(max(moment.timestamp() - time.time(), 0.0), MAX_DELAY_S) if moment else None


def _said(text: str, keys: Iterable[str]) -> str:
    """The provider's own words, short and without secrets, as a sentence to append."""
    found = _SAID.search(text)
    own = found[1] if found else _PREFIX.sub("", text.split("\n")[0])
    own = _PREFIX.sub("", re.sub(r"^\w+Exception - ", "", own)).strip()
    cleaned = redact(own, keys)[:240].strip().rstrip(".")
    return f" It said: {cleaned}." if cleaned and "{" not in cleaned else ""
