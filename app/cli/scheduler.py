"""`agent-factory scheduler`: rings the workers every few seconds; start as many of them as you like."""

from typing import Annotated

import typer

from app.jobs.scheduler import main
from app.supervisor.lifeline import hold_to_supervisor


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("scheduler", help="Ring the workers every few seconds (one process of a larger installation).")(scheduler)


def scheduler(supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False) -> None:
    """Serve until SIGTERM or SIGINT."""
    if supervised:
        hold_to_supervisor()
    main()
