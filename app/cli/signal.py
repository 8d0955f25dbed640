"""`agent-factory signal NAME`: say that something has happened which runs wait for."""

import json
from typing import Annotated

import typer

from app.cli.blueprint import WorkspaceOption
from app.cli.terminal import say, say_json
from app.services.operators import find_operator
from app.services.runs import send_signal
from app.wiring import get_wiring
from engine.json import JsonValue

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the signal, as the waiting step has it.")]


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("signal", help="Send a signal: lets a run go on that waits for it, or is kept for the first that does.")(signal)


def signal(
    name: Name,
    *,
    value: Annotated[str, typer.Option("--value", "-v", help="What goes along: JSON, or else plain text.")] = "",
    run: Annotated[str, typer.Option("--run", help="Only this run may take it.")] = "",
    message_id: Annotated[str, typer.Option("--message-id", help="Your own name for it; sending it again does nothing.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    workspace: WorkspaceOption = "",
) -> None:
    """Send it and say who took it."""
    wiring = get_wiring()
    actor = wiring.call(find_operator, None, workspace=workspace)
    sent = wiring.call(send_signal, actor, key=name, value=read_value(value), run_id=run or None, message_id=message_id or None)
    if as_json:
        say_json({"id": str(sent.id), "key": sent.key, "run_id": str(sent.run_id) if sent.run_id else None}, indent=None)
    elif sent.run_id is None:
        say(f"“{sent.key}” is kept for the first run that waits for it.")
    else:
        say(f"“{sent.key}” lets run {sent.run_id} go on.")


def read_value(text: str) -> JsonValue:
    """JSON where the text is JSON, else the text; nothing for ""."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
