"""`agent-factory remote ...`: schedules, webhooks, endpoints, blueprints and signals of an installation that is reached over the API.

The commands of the same names without `remote` work on this machine's own database.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from app.cli.plain import changing, described, doing, listing, making, searching, showing
from app.cli.remote import group, read_text

Context = typer.Context
One = Annotated[str, typer.Argument(metavar="ID")]
Zone = Annotated[str, typer.Option("--zone", help="A time zone, such as Europe/Vienna.")]
Text = Annotated[str, typer.Argument(metavar="FILE", help="A blueprint, or - for standard input.")]


def register(root: typer.Typer) -> None:
    """Add the groups."""
    remote = typer.Typer(
        no_args_is_help=True,
        help="Schedules, webhooks, endpoints, blueprints and signals over the API; without `remote`, in this machine's database.",
    )
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
        "duplicate": showing("Make a paused copy in your name.", lambda client, one: client.schedules.duplicate(one)),
        "calendar": calendar,
        "preview": preview_timing,
        "why": why,
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
        "revoke-secret": _revoking("End a replaced secret.", lambda client, *ids: client.webhooks.revoke_secret(*ids)),
        "rotate-address": showing("Another address; the old one is gone.", lambda client, one: client.webhooks.rotate_address(one)),
        "take-over": doing("Start its runs in your name.", lambda client, one: client.webhooks.take_over(one), "Its runs are yours now."),
        "listen": listen,
        "listening": showing("What the test address caught.", lambda client, one: client.webhooks.listening(one)),
        "stop-listening": doing("Close the test address.", lambda client, one: client.webhooks.stop_listening(one), "Closed."),
        "use-as-sample": doing(
            "Build mappings on a request.", lambda client, one: client.webhooks.use_as_sample(one), "It is the sample now.", name="DELIVERY"
        ),
        "adopt-fields": adopt_fields,
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
        "rotate-secret": showing("Another signing secret.", lambda client, one: client.endpoints.rotate_secret(one)),
        "revoke-secret": _revoking("Stop signing with one.", lambda client, *ids: client.endpoints.revoke_secret(*ids)),
        "replay-failed": doing(
            "Send all again that was given up.", lambda client, one: client.endpoints.replay_failed(one), "On their way."
        ),
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


def _revoking(words: str, revoke: Callable[..., Any]) -> Callable[..., None]:
    def command(context: Context, thing: One, secret: Annotated[str, typer.Argument(metavar="SECRET", help="Its id.")]) -> None:
        with context.obj.client() as client:
            context.obj.tell("The secret has ended.", revoke(client, thing, secret))

    return described(command, words)


def calendar(
    context: Context,
    first: Annotated[str, typer.Argument(metavar="DAY", help="The first day, such as 2026-01-31.")],
    *,
    days: Annotated[int, typer.Option(help="How many.", min=1, max=31)] = 7,
    zone: Zone = "UTC",
    workflow: Annotated[str, typer.Option("--workflow", help="Only of this workflow: its id.")] = "",
) -> None:
    """What came due on these days and what became of it, and what is to come."""
    with context.obj.client() as client:
        rows = list(client.schedules.calendar(first, days=days, time_zone=zone, workflow_id=workflow))
    context.obj.show(rows, ("at", "last_at", "count", "name", "workflow_name", "outcome", "run_status", "reason"))


def preview_timing(context: Context, wording: str, *, zone: Zone = "UTC") -> None:
    """How a timing such as "every weekday at 9" is understood; nothing is saved."""
    with context.obj.client() as client:
        context.obj.show(client.schedules.describe(wording, zone))


def why(context: Context, schedule: One, moment: Annotated[str, typer.Argument(help="Such as 2026-03-31T09:00.")]) -> None:
    """Why it ran at a moment, did not, or will."""
    with context.obj.client() as client:
        told = client.schedules.why(schedule, moment)
    context.obj.tell("\n".join([told["headline"], *told["details"]]), told)


def listen(
    context: Context, webhook: One, run: Annotated[bool, typer.Option("--run", help="Start a run with what comes, too.")] = False
) -> None:
    """Open the test address for five minutes or one request."""
    with context.obj.client() as client:
        context.obj.show(client.webhooks.listen(webhook, starts_run=run))


def adopt_fields(context: Context, webhook: One) -> None:
    """Have the Start step ask for every name of the sample."""
    with context.obj.client() as client:
        added = client.webhooks.adopt_fields(webhook)
    context.obj.tell(f"Added {', '.join(added)}." if added else "It asks for all of them already.", added)


def preview(context: Context, file: Text) -> None:
    """What an import would do; nothing is changed."""
    with context.obj.client() as client:
        context.obj.show(client.blueprints.preview(read_text(file, "FILE")))


def bring(context: Context, file: Text) -> None:
    """Create what a blueprint holds."""
    with context.obj.client() as client:
        report = client.blueprints.bring(read_text(file, "FILE"))
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
    except (ValueError, RecursionError):
        return text
