"""`agent-factory remote ...`: schedules, webhooks, endpoints, blueprints and signals of an installation that is reached over the API.

The commands of the same names without `remote` work on this machine's own database.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.plain import changing, doing, listing, making, searching, showing
from app.cli.remote import group, leave

Context = typer.Context
Text = Annotated[str, typer.Argument(metavar="FILE", help="A blueprint, or - for standard input.")]


def register(root: typer.Typer) -> None:
    """Add the groups."""
    remote = typer.Typer(no_args_is_help=True, help="Schedules, webhooks, endpoints, blueprints and signals over the API.")
    remote.add_typer(group("Workflows that start by themselves at set times.", **_schedules()), name="schedules")
    remote.add_typer(group("Addresses that start workflows.", **_webhooks()), name="webhooks")
    remote.add_typer(group("Addresses that hear of events.", **_endpoints()), name="endpoints")
    remote.add_typer(group("Workflows and agents as text, and templates.", **_blueprints()), name="blueprints")
    remote.add_typer(group("What runs wait for.", send=send_signal), name="signals")
    root.add_typer(remote, name="remote")


def _schedules() -> dict[str, Any]:
    due = ("id", "name", "workflow_name", "said", "time_zone", "is_enabled", "next_at")
    return {
        "list": searching("Schedules of the workspace.", lambda client, **asked: client.schedules.list(**asked), due),
        "show": showing("One schedule with its settings.", lambda client, one: client.schedules.get(one)),
        "create": making("Create a schedule.", lambda client, **fields: client.schedules.create(**fields)),
        "update": changing("Change a schedule: all its fields are given.", lambda client, one, **all: client.schedules.update(one, **all)),
        "delete": doing("Delete a schedule.", lambda client, one: client.schedules.delete(one), "Deleted."),
        "pause": doing("Start nothing until it is resumed.", lambda client, one: client.schedules.pause(one), "Paused."),
        "resume": doing("Go on, in your name.", lambda client, one: client.schedules.resume(one), "Resumed."),
        "run": showing("Start its workflow now.", lambda client, one: client.schedules.run(one)),
        "fires": showing(
            "What became of its due moments.",
            lambda client, one: client.schedules.fires(one),
            columns=("due_at", "outcome", "reason", "run_id"),
        ),
    }


def _webhooks() -> dict[str, Any]:
    rows = ("id", "name", "workflow_name", "state", "auth", "accepted_24h", "refused_24h")
    log = ("id", "created_at", "verdict", "code", "method", "size", "run_id", "response_status")
    return {
        "list": searching("Webhooks of the workspace.", lambda client, **asked: client.webhooks.list(**asked), rows),
        "show": showing("One webhook.", lambda client, one: client.webhooks.get(one)),
        "create": making("Make one; with workflow_id among the settings.", lambda client, **fields: client.webhooks.create(**fields)),
        "update": changing("Change settings.", lambda client, one, **fields: client.webhooks.update(one, **fields)),
        "delete": doing("Delete a webhook.", lambda client, one: client.webhooks.delete(one), "Deleted."),
        "pause": doing("Refuse requests until it is resumed.", lambda client, one: client.webhooks.pause(one), "Paused."),
        "resume": doing("Take requests again.", lambda client, one: client.webhooks.resume(one), "Resumed."),
        "rotate-secret": showing("Another signing secret.", lambda client, one: client.webhooks.rotate_secret(one)),
        "log": showing("What came in.", lambda client, one: client.webhooks.deliveries(one), columns=log),
        "delivery": showing("One request as it came in.", lambda client, one: client.webhooks.delivery(one), name="DELIVERY"),
        "replay": showing("Run again with what came in.", lambda client, one: client.webhooks.replay(one), name="DELIVERY"),
    }


def _endpoints() -> dict[str, Any]:
    rows = ("id", "name", "url", "state", "events")
    log = ("id", "created_at", "event", "status", "attempts", "last_status", "last_error")
    return {
        "list": searching("Endpoints of the workspace.", lambda client, **asked: client.endpoints.list(**asked), rows),
        "show": showing("One endpoint.", lambda client, one: client.endpoints.get(one)),
        "create": making("Make an endpoint.", lambda client, **fields: client.endpoints.create(**fields)),
        "update": changing("Change settings.", lambda client, one, **fields: client.endpoints.update(one, **fields)),
        "delete": doing("Delete an endpoint.", lambda client, one: client.endpoints.delete(one), "Deleted."),
        "pause": doing("Send nothing until it is resumed.", lambda client, one: client.endpoints.pause(one), "Paused."),
        "resume": doing("Send again.", lambda client, one: client.endpoints.resume(one), "Resumed."),
        "test": doing("Send a test message.", lambda client, one: client.endpoints.test(one), "On its way."),
        "log": showing("What was sent.", lambda client, one: client.endpoints.messages(one), columns=log),
        "message": showing("One message with its attempts.", lambda client, one: client.endpoints.message(one), name="MESSAGE"),
        "replay": doing("Send a message again.", lambda client, one: client.endpoints.replay(one), "On its way.", name="MESSAGE"),
    }


def _blueprints() -> dict[str, Any]:
    return {
        "preview": preview,
        "import": bring,
        "templates": listing(
            "Templates of the installation.", lambda client: client.blueprints.templates(), ("key", "name", "category", "node_count")
        ),
        "begin-with": showing("Create what a template holds.", lambda client, key: client.blueprints.begin_with(key), name="TEMPLATE"),
    }


def preview(context: Context, file: Text) -> None:
    """What an import would do; nothing is changed."""
    with context.obj.client() as client:
        context.obj.show(client.blueprints.preview(_read(file)))


def bring(context: Context, file: Text) -> None:
    """Create what a blueprint holds."""
    with context.obj.client() as client:
        report = client.blueprints.bring(_read(file))
    context.obj.tell("\n".join(f"Created {made['name']} ({made['id']})." for made in report["workflows"]), report)


def send_signal(
    context: Context,
    key: str,
    value: Annotated[str, typer.Option("--value", help="JSON, or any text.")] = "",
    run: Annotated[str, typer.Option("--run", help="Only this run may take it.")] = "",
) -> None:
    """Say that something has happened which runs wait for."""
    with context.obj.client() as client:
        sent = client.signal(key, _value(value), run_id=run or None)
    context.obj.tell(f"Taken by {sent['run_id']}." if sent["run_id"] else "Kept for the first that waits for it.", sent)


def _value(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        leave(2, f"{error}")
