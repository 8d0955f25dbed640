"""The settings of a webhook as people send them, checked all at once; editing.py stores them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Invalid
from app.core.text import clean_line, text_problem
from engine.expressions.errors import ExpressionError
from engine.expressions.template import compile_template
from engine.json import as_list, as_object

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
AUTHS = ("secret", "signature", "hmac", "none")
REPLIES = ("accepted", "result")
INPUT_MODES = ("fields", "mapping", "request")
MOST_MAPPED = 60
LONGEST_WAIT_S = 60
LARGEST_BYTES = 1_000_000
FASTEST_RATE = 6000
DEFAULT_HEADERS = {"secret": "X-Webhook-Secret", "hmac": "X-Hub-Signature-256"}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_TAKEN_HEADERS = frozenset({"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "cookie"})
_INPUT = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Checked settings; the defaults are those of a fresh webhook."""

    name: str
    methods: tuple[str, ...] = ("POST",)
    auth: str = "secret"
    auth_header: str = DEFAULT_HEADERS["secret"]
    reply: str = "accepted"
    wait_s: int = 30
    input_mode: str = "fields"
    mapping: dict[str, str] = field(default_factory=dict[str, str])
    key_header: str = "Idempotency-Key"
    max_bytes: int = LARGEST_BYTES
    rate_per_minute: int = 120


def read_settings(given: object, before: WebhookSettings) -> WebhookSettings:
    """What is given over what was before; raises Invalid with one message per wrong field."""
    wanted = as_object(given)
    if wanted is None:
        raise Invalid("The settings must be an object.", fields={"settings": "Give an object with one value per setting."})
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in wanted:
            try:
                values[name] = read(wanted[name])
            except Invalid as wrong:
                problems[name] = wrong.message
    auth = values.get("auth", before.auth)
    if not problems and auth in DEFAULT_HEADERS and not values.get("auth_header", before.auth_header if auth == before.auth else ""):
        values["auth_header"] = DEFAULT_HEADERS[auth]
    if problems:
        raise Invalid("Please mend the marked fields.", fields=problems)
    merged = {name: getattr(before, name) for name in _READERS} | values
    return WebhookSettings(**merged)


def _name(value: object) -> str:
    return clean_line(value, max_length=120, label="The name", field="name")


def _methods(value: object) -> tuple[str, ...]:
    listed = as_list(value) or []
    if not listed or not all(isinstance(item, str) and item in METHODS for item in listed):
        raise Invalid(f"Choose one or more of {', '.join(METHODS)}.")
    return tuple(method for method in METHODS if method in listed)


def _one_of(choices: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Invalid(f"Choose one of {', '.join(choices)}.")
        return value

    return read


def _between(low: int, high: int, unit: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = str(value).strip().replace(",", "") if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise Invalid(f"Use a whole number from {low:,} to {high:,} {unit}.")
        return int(text)

    return read


def _header(value: object) -> str:
    text = value.strip() if isinstance(value, str) else None
    if text is None or (text and not _HEADER.fullmatch(text)):
        raise Invalid("Use the name of a header: letters, digits and dashes, at most 80 characters.")
    if text.lower() in _TAKEN_HEADERS:
        raise Invalid(f"The header {text} means something else. Choose another name.")
    return text


def _mapping(value: object) -> dict[str, str]:
    mapped = as_object(value)
    if mapped is None or len(mapped) > MOST_MAPPED:
        raise Invalid(f"Give an object with a template per input, at most {MOST_MAPPED}.")
    return {_input_name(name): _template(name, template) for name, template in mapped.items() if template != ""}


def _input_name(name: object) -> str:
    if not isinstance(name, str) or not _INPUT.fullmatch(name):
        raise Invalid(f"{str(name)[:40]!r} is not the name of an input. Names are small letters, digits and underscores.")
    return name


def _template(name: str, template: object) -> str:
    problem = text_problem(template, max_length=20_000, label=f"The template of {name}")
    if problem:
        raise Invalid(problem)
    try:
        compile_template(str(template))
    except ExpressionError as error:
        raise Invalid(f"{name}: {error}") from error
    return str(template)


_READERS: dict[str, Callable[[object], Any]] = {
    "name": _name,
    "methods": _methods,
    "auth": _one_of(AUTHS),
    "auth_header": _header,
    "reply": _one_of(REPLIES),
    "wait_s": _between(1, LONGEST_WAIT_S, "seconds"),
    "input_mode": _one_of(INPUT_MODES),
    "mapping": _mapping,
    "key_header": _header,
    "max_bytes": _between(1000, LARGEST_BYTES, "bytes"),
    "rate_per_minute": _between(1, FASTEST_RATE, "requests a minute"),
}
