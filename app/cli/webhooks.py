"""`agent-factory webhooks`: incoming and outgoing webhooks of a workspace from the shell; --json prints what scripts need.

Exit codes: 0 done; 1 a refusal; 2 a wrong command line or setting.
"""

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from app.cli.blueprint import WorkspaceOption, workflow_id_of
from app.cli.terminal import say, say_json, wrong
from app.core.uow import UnitOfWork
from app.services import outgoing, webhooks
from app.services.operators import find_operator
from app.wiring import get_wiring

Id = Annotated[str, typer.Argument(metavar="ID")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Settings = Annotated[str, typer.Option("--settings", "-s", help='Settings as a JSON object, such as \'{"auth": "signature"}\'.')]


def register(root: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Addresses that start workflows or hear of events, in this machine's database. Over the API: `remote webhooks`.",
    )
    group.command("list", help="Incoming webhooks.")(list_incoming)
    group.command("create", help="Make an address that starts a workflow; the secret is printed this once.")(create_incoming)
    group.command("log", help="What was delivered to a webhook.")(show_log)
    group.command("replay", help="Start a run again from a kept delivery.")(replay)
    group.command("pause", help="Stop taking requests.")(pause)
    group.command("resume", help="Take requests again.")(resume)
    group.command("rotate-secret", help="A new secret; the one before counts for 24 hours more.")(rotate_secret)
    group.command("rotate-address", help="A new address; the old one is gone at once.")(rotate_address)
    group.command("delete", help="Delete an incoming webhook.")(delete_incoming)
    endpoints = typer.Typer(no_args_is_help=True, help="Outgoing webhooks.")
    endpoints.command("list", help="Endpoints that hear of events.")(list_outgoing)
    endpoints.command("create", help="Make an endpoint; the secret is printed this once.")(create_outgoing)
    endpoints.command("test", help="Send a made-up message now.")(send_a_test)
    endpoints.command("log", help="What was sent to an endpoint.")(show_sent)
    endpoints.command("replay", help="Send a message again; with --failed ID is an endpoint, and all that was given up is sent.")(
        send_again
    )
    endpoints.command("resume", help="Send again after a pause or after it was disabled.")(resume_outgoing)
    endpoints.command("rotate-secret", help="A new secret; messages carry both signatures for 24 hours.")(rotate_outgoing)
    endpoints.command("delete", help="Delete an endpoint.")(delete_outgoing)
    group.add_typer(endpoints, name="endpoints")
    root.add_typer(group, name="webhooks")


# -- incoming


def list_incoming(*, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the list."""
    page = _call(webhooks.list_webhooks, workspace)
    _table(page.rows, ("id", "name", "workflow_name", "state", "auth", "accepted_24h", "refused_24h"), as_json)


def create_incoming(
    workflow: Annotated[str, typer.Argument(help="Name or id.")],
    *,
    settings: Settings = "{}",
    workspace: WorkspaceOption = "",
    as_json: Json = False,
) -> None:
    """Make one."""
    _show(_call(_create, workspace, workflow=workflow, settings=_object(settings)), as_json)


def _create(uow: UnitOfWork, *, workflow: str, settings: object) -> Any:
    return webhooks.create_webhook(uow, workflow_id=workflow_id_of(uow, name=workflow), settings=settings)


def show_log(webhook: Id, *, search: str = "", workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the newest deliveries."""
    page = _call(webhooks.list_deliveries, workspace, webhook_id=webhook, search=search)
    _table(page.rows, ("id", "created_at", "verdict", "code", "method", "size", "run_id", "response_status"), as_json)


def replay(delivery: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Start a run again."""
    _show(_call(webhooks.replay_delivery, workspace, delivery_id=delivery), as_json)


def pause(webhook: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Pause it."""
    _show(_call(webhooks.pause_webhook, workspace, webhook_id=webhook, is_paused=True), as_json)


def resume(webhook: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Resume it."""
    _show(_call(webhooks.pause_webhook, workspace, webhook_id=webhook, is_paused=False), as_json)


def rotate_secret(webhook: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the new secret."""
    _show(_call(webhooks.rotate_secret, workspace, webhook_id=webhook), as_json)


def rotate_address(webhook: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the new address."""
    _show(_call(webhooks.rotate_address, workspace, webhook_id=webhook), as_json)


def delete_incoming(webhook: Id, *, workspace: WorkspaceOption = "") -> None:
    """Delete it."""
    _call(webhooks.delete_webhook, workspace, webhook_id=webhook)
    say("Deleted.", err=True)


# -- outgoing


def list_outgoing(*, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the list."""
    page = _call(outgoing.list_endpoints, workspace)
    _table(page.rows, ("id", "name", "url", "state", "pending", "delivered_24h", "failed_24h"), as_json)


def create_outgoing(
    url: str,
    *,
    event: Annotated[list[str], typer.Option("--event", "-e", help="Such as run.failed; may be repeated.")],
    name: str = "",
    workspace: WorkspaceOption = "",
    as_json: Json = False,
) -> None:
    """Make one."""
    settings = {"name": name or url.split("//")[-1].split("/")[0], "url": url, "events": event}
    _show(_call(outgoing.create_endpoint, workspace, settings=settings), as_json)


def send_a_test(endpoint: Id, *, event: str = "webhook.test", workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Send a test; a running worker delivers it."""
    _show(_call(outgoing.send_test, workspace, endpoint_id=endpoint, event=event), as_json)


def show_sent(endpoint: Id, *, status: str = "", search: str = "", workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the newest messages."""
    page = _call(outgoing.list_messages, workspace, endpoint_id=endpoint, status=status, search=search)
    _table(page.rows, ("id", "created_at", "event", "status", "attempts", "last_status", "last_error"), as_json)


def send_again(
    message: Id, *, failed: Annotated[bool, typer.Option("--failed")] = False, workspace: WorkspaceOption = "", as_json: Json = False
) -> None:
    """Send one, or all that was given up."""
    if failed:
        say(_call(outgoing.replay_failed, workspace, endpoint_id=message))
    else:
        _show(_call(outgoing.replay_message, workspace, message_id=message), as_json)


def resume_outgoing(endpoint: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Resume it."""
    _show(_call(outgoing.resume_endpoint, workspace, endpoint_id=endpoint), as_json)


def rotate_outgoing(endpoint: Id, *, workspace: WorkspaceOption = "", as_json: Json = False) -> None:
    """Print the new secret."""
    _show(_call(outgoing.rotate_endpoint_secret, workspace, endpoint_id=endpoint), as_json)


def delete_outgoing(endpoint: Id, *, workspace: WorkspaceOption = "") -> None:
    """Delete it."""
    _call(outgoing.delete_endpoint, workspace, endpoint_id=endpoint)
    say("Deleted.", err=True)


# -- shared


def _call(service: Callable[..., Any], workspace: str, **arguments: Any) -> Any:
    wiring = get_wiring()
    return wiring.call(service, wiring.call(find_operator, None, workspace=workspace), **arguments)


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        wrong(f"this is not JSON: {error}", option="--settings")


def _plain(view: Any) -> Any:
    return json.loads(json.dumps(dataclasses.asdict(view), default=str))


def _table(rows: Sequence[Any], columns: Sequence[str], as_json: bool) -> None:
    if as_json:
        say_json([_plain(row) for row in rows])
        return
    for row in rows:
        say("\t".join(str(getattr(row, column) if getattr(row, column) is not None else "") for column in columns))
    if not rows:
        say("Nothing.", err=True)


def _show(view: Any, as_json: bool) -> None:
    """Everything as JSON, or one `name: value` line per plain value."""
    whole = _plain(view)
    if as_json:
        say_json(whole)
        return
    _lines(whole)


def _lines(whole: dict[str, Any]) -> None:
    for name, value in whole.items():
        if isinstance(value, dict) and name in ("row", "detail"):
            _lines(value)  # type: ignore[arg-type]
        elif isinstance(value, str | int | float) and value != "":
            say(f"{name}: {value}")
