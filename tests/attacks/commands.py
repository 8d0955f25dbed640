"""The attack surface of the command line, derived from it: every command over the API with what each of its arguments names."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import typer

from app.cli.main import command_line

Path = tuple[str, ...]
# What an argument names, by the word that the help shows for it; ID by the group of the command.
NAMES = {
    "AGENT": "agent_id",
    "APPROVAL": "approval_id",
    "CONVERSATION": "conversation_id",
    "COUPON": "coupon_id",
    "CREDENTIAL": "credential_id",
    "DELIVERY": "delivery_id",
    "INVITATION": "invitation_id",
    "INVOICE": "invoice_id",
    "MEMBER": "user_id",
    "ORDER": "order_id",
    "PAYOUT": "payout_id",
    "RECEIPT": "receipt_id",
    "RUN": "run_id",
    "SECRET": "secret_id",
    "SESSION": "session_id",
    "TEST": "test_id",
    "WORKFLOW": "workflow_id",
}
OF_GROUP = {
    "agents": "agent_id",
    "endpoints": "endpoint_id",
    "keys": "key_id",
    "rules": "rule_id",
    "schedules": "schedule_id",
    "webhooks": "webhook_id",
    "workflows": "workflow_id",
}
OF_MESSAGE = {"conversations": "chat_message_id", "endpoints": "message_id"}
# What names nothing of a workspace: words, numbers, definitions, and what is everybody's.
WORDS: Mapping[str, str] = {
    "button": "approve", "cap": "money", "code": "SPRING", "content": "{}", "definition": '{"name": "x"}', "email": "nobody@example.com",
    "file": "-", "first": "2026-03-03", "ground": "spam", "key": "paid", "scope": "view",
    "kind": "sale", "moment": "2026-03-03T09:00", "name": "x", "node": "start", "number": "1",
    "operations": '[{"op": "set_label", "id": "start", "label": "x"}]',
    "period": "day", "plan": "team", "percent": "10", "price": "1", "reason": "x", "revision": "1", "role": "member",
    "search": "x", "seq": "1",
    "settings": '{"name": "x", "workflow_id": "WORKFLOW"}', "slug": "no-such-listing", "stars": "5", "text": "Hello", "ticket": "x" * 40,
    "title": "x", "value": "1", "version": "1.0.0", "wording": "every day at 9", "amount": "1", "credentials": "{}", "due": "2026-03-03",
}  # fmt: skip
PUBLIC = dict.fromkeys(
    ("CASE", "CREATOR", "DOMAIN", "IDENTITY", "REVIEW", "SLUG", "STARTER", "TEMPLATE", "LINK", "TRIAL", "NAME", "CODE"), "no-such-thing"
) | {"PERIOD": "day", "LINK": "x" * 40}
# What is typed besides, so that no reading before it stands in the way of the change.
MORE: Mapping[Path, tuple[str, ...]] = {("workflows", "edit"): ("--revision", "1")}
CALLS_ANYTHING = "api"  # any route can be called with this one; tests of the routes attack those


@cache
def root() -> Any:
    """The whole command line, built once."""
    return typer.main.get_command(command_line([]))


@cache
def every_command() -> tuple[tuple[Path, Any], ...]:
    """Every command that speaks to the API."""
    return tuple((path, command) for path, command in _below(root(), ()) if path != (CALLS_ANYTHING,) and _is_over_the_api(command))


def thing_of(path: Path, parameter: Any) -> str:
    """The kind of thing that an argument names, or "" where it names none."""
    metavar = parameter.metavar or ""
    if metavar == "ID":
        return next(kind for group, kind in OF_GROUP.items() if group in path)
    if metavar == "MESSAGE":
        return next(kind for group, kind in OF_MESSAGE.items() if group in path)
    if parameter.name == "workspace":
        return "workspace_id"
    if path[:2] in (("workflows", "compare"), ("workflows", "restore-version")) and parameter.name == "version":
        return "version_id"
    return NAMES.get(metavar, "")


def case_of(path: Path, parameter: Any) -> str:
    """What is typed for an argument that names nothing of a workspace; raises KeyError for one that nobody has thought of."""
    return PUBLIC.get(parameter.metavar or "") or WORDS[parameter.name]


def typed(path: Path, command: Any, known: Mapping[str, str]) -> list[str]:
    """A command with everything that must be given, things as `known` has them."""
    words = [*path, *MORE.get(path, ())]
    for parameter in command.params:
        if not (parameter.required or thing_of(path, parameter)) or (parameter.param_type_name == "option" and not parameter.required):
            continue
        kind = thing_of(path, parameter)
        value = known[kind] if kind else case_of(path, parameter).replace("WORKFLOW", known["workflow_id"])
        words += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    return words


def things_of(path: Path, command: Any) -> list[str]:
    """The kinds of things that a command is given."""
    named = [parameter for parameter in command.params if parameter.param_type_name == "argument" or parameter.required]
    return [kind for parameter in named if (kind := thing_of(path, parameter))]


def _below(found: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    commands = getattr(found, "commands", None)
    if commands is None:
        yield path, found
        return
    for name, one in commands.items():
        yield from _below(one, (*path, name))


def _is_over_the_api(command: Any) -> bool:
    return any(parameter.name == "api_key" for parameter in command.params)
