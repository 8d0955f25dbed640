"""A credential as people send it, checked all at once; editing.py stores it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.allowed_hosts import MOST, host_problem, is_allowed, normal_host
from app.core.errors import Invalid
from app.core.text import clean_line, clean_text, text_problem
from app.core.uow import UnitOfWork
from app.services.credentials.kinds import KINDS, PUBLIC_FIELD
from engine.json import as_list, as_object

LONGEST_SECRET = 8000
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{0,58}[A-Za-z0-9])?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_NOT_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"})
_PRINTABLE = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """Checked settings; `secret` is "" where the one that is kept stays."""

    name: str = ""
    kind: str = "bearer"
    provider: str = ""
    public_name: str = ""
    hosts: tuple[str, ...] = ()
    description: str = ""
    test_url: str = ""
    expires_at: datetime | None = None
    secret: str = ""


def read_settings(uow: UnitOfWork, given: object, before: CredentialSettings | None) -> CredentialSettings:
    """What is given over what was before (None: a new one, which needs a secret); raises Invalid with a message per wrong field."""
    wanted = as_object(given)
    if wanted is None:
        raise Invalid("The credential must be an object.", fields={"settings": "Give an object with one value per setting."})
    kind = _kind(wanted.get("kind", before.kind if before else "bearer"), before)
    start = before or CredentialSettings()
    readers: dict[str, Callable[[Any], Any]] = {
        "name": _name,
        "provider": lambda value: _provider(kind, value),
        "public_name": lambda value: _public(kind, value),
        "hosts": lambda value: _hosts(kind, value),
        "description": lambda value: clean_text(value, max_length=300, label="The description", field="description").strip(),
        "test_url": lambda value: _test_url(uow, kind, value),
        "expires_at": lambda value: _moment(uow, value, start.expires_at),
        "secret": lambda value: _secret(value, is_required=before is None),
    }
    values: dict[str, Any] = {"kind": kind}
    problems: dict[str, str] = {}
    for name, read in readers.items():
        try:
            values[name] = read(wanted.get(name, getattr(start, name)))
        except Invalid as wrong:
            problems[name] = wrong.fields.get(name, wrong.message)
    if not problems and values["test_url"] and not is_allowed(values["test_url"], values["hosts"]):
        problems["test_url"] = "This address is not on one of the allowed hosts (or not https). Add its host, or choose another address."
    shown = [name for name in ("name", "description", "public_name", "test_url") if _holds(values.get(name), values.get("secret"))]
    problems.update(dict.fromkeys(shown, "The secret itself stands here, where everybody can read it. Remove it."))
    if problems:
        raise Invalid("Please mend the marked fields.", fields=problems)
    return CredentialSettings(**values)


def _holds(text: str | None, secret: str | None) -> bool:
    return bool(text and secret and len(secret) >= 6 and secret in text)


def _kind(value: object, before: CredentialSettings | None) -> str:
    if not isinstance(value, str) or value not in KINDS:
        raise Invalid("There is no such kind of credential.", fields={"kind": f"Choose one of: {', '.join(KINDS)}."})
    if before is not None and value != before.kind:
        raise Invalid("The kind of a credential stays.", fields={"kind": "Make another credential for another kind."})
    return value


def _name(value: object) -> str:
    name = clean_line(value, max_length=60, label="The name", field="name")
    if not _NAME.fullmatch(name):
        raise Invalid("Use letters, digits, blanks, dots, dashes and underscores, such as 'Stripe live'.")
    return name


def _provider(kind: str, value: object) -> str:
    if kind != "model":
        return ""
    if value not in [name for name, _ in KINDS["model"].providers]:
        raise Invalid("Choose the provider that the key is of.")
    return str(value)


def _public(kind: str, value: object) -> str:
    if kind not in PUBLIC_FIELD:
        return ""
    label = KINDS[kind].public_label
    text = clean_line(value, max_length=120, label=label, field="public_name")
    if kind == "header" and (not _HEADER.fullmatch(text) or text.lower() in _NOT_OURS):
        raise Invalid("This is no name of a header that can be set. Write one such as X-API-Key.")
    if kind == "basic" and ":" in text:
        raise Invalid("A user name cannot hold a colon.")
    if not _PRINTABLE.fullmatch(text):
        raise Invalid(f"{label} can hold plain letters, digits and signs only.")
    return text


def _hosts(kind: str, value: object) -> tuple[str, ...]:
    if not KINDS[kind].has_hosts:
        return ()
    listed = as_list(value)
    if listed is None or not all(isinstance(item, str) for item in listed):
        raise Invalid("Give a list of hosts.")
    hosts = tuple(dict.fromkeys(normal_host(item[:300]) for item in listed if item.strip()))
    if not hosts:
        raise Invalid("Name at least one host that may receive this key, such as api.example.com.")
    if len(hosts) > MOST:
        raise Invalid(f"At most {MOST} hosts are possible.")
    problem = next((problem for host in hosts if (problem := host_problem(host))), "")
    if problem:
        raise Invalid(problem)
    return hosts


def _test_url(uow: UnitOfWork, kind: str, value: object) -> str:
    problem = text_problem(value, max_length=2000, label="The test address")
    if problem:
        raise Invalid(problem)
    url = str(value).strip()
    if not url or not KINDS[kind].has_hosts:
        return ""
    problem = uow.ports.addresses.problem_of(url)
    if problem:
        raise Invalid(problem)
    return url


def _moment(uow: UnitOfWork, value: object, before: datetime | None) -> datetime | None:
    if value is None or value == "" or value == before:
        return before if value == before else None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value)[:40])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("Write the day as 2027-01-31, or leave it empty.") from error
    if moment <= uow.ports.clock.now():
        raise Invalid("This moment has passed. Choose a later one, or leave it empty.")
    return moment


def _secret(value: object, *, is_required: bool) -> str:
    problem = text_problem(value, max_length=LONGEST_SECRET, label="The secret")
    if problem:
        raise Invalid(problem)
    secret = str(value).strip()
    if not secret:
        if is_required:
            raise Invalid("Enter the secret.")
        return ""
    if not _PRINTABLE.fullmatch(secret):
        raise Invalid("It holds a line break or a sign that no header can carry. Copy it again.")
    return secret
