"""`agent-factory worker`: runs workflows and chats until it is told to stop; start as many of them as you like."""

from typing import Annotated

import typer

from app.jobs.worker import main
from app.supervisor.lifeline import hold_to_supervisor


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("worker", help="Run workflows and chats (one process of a larger installation).")(worker)


def worker(supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False) -> None:
    """Serve until SIGTERM or SIGINT."""
    if supervised:
        hold_to_supervisor()
    main()
