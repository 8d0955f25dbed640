"""`agent-factory rules`: workflows that start when something happens in the workspace, over the API."""

import typer

from app.cli.plain import changing, doing, making, searching, showing
from app.cli.remote import group


def register(root: typer.Typer) -> None:
    """Add the group."""
    rows = ("id", "name", "kind", "source", "workflow", "is_enabled", "disabled_reason")
    commands = {
        "list": searching("Rules of the workspace.", lambda client, **asked: client.rules.list(**asked), rows),
        "show": showing("One rule, with what became of the newest events.", lambda client, one: client.rules.get(one)),
        "create": making("Make a rule.", lambda client, **fields: client.rules.create(**fields)),
        "update": changing("Change a rule: all its fields are given.", lambda client, one, **fields: client.rules.update(one, **fields)),
        "delete": doing("Delete a rule.", lambda client, one: client.rules.delete(one), "Deleted."),
        "pause": doing("Start nothing until it is resumed.", lambda client, one: client.rules.pause(one), "Paused."),
        "resume": doing("Go on, in your name.", lambda client, one: client.rules.resume(one), "Resumed."),
    }
    root.add_typer(group("Workflows that start when something happens.", **commands), name="rules")
