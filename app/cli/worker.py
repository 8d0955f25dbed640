"""`agent-factory worker`: runs workflows and chats until it is told to stop; start as many of them as you like, on any machine."""

from typing import Annotated

import typer

from app.core.config import get_settings
from app.jobs.room import Life
from app.jobs.worker import main
from app.supervisor.lifeline import hold_to_supervisor
from app.supervisor.pool import run_pool


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("worker", help="Run workflows and chats (one process of a larger installation, or several).")(worker)


def worker(
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=5000, help="Runs one process holds at once; AF_WORKER_CONCURRENCY otherwise.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Worker processes; one per core uses the machine.")] = 1,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
    life: Annotated[str, typer.Option(hidden=True)] = "",
    after: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve until SIGTERM or SIGINT."""
    if supervised:
        hold_to_supervisor()
    if processes == 1:
        main(concurrency=concurrency, life=Life(life, frozenset(after or ())) if life else None)
    else:
        run_pool(get_settings(), processes=processes, concurrency=concurrency)
