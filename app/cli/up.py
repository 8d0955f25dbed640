"""`agent-factory up`: the whole product on one machine, from preflight checks to a clean Ctrl-C."""

from typing import Annotated

import typer

from app.core.config import Settings, get_settings
from app.supervisor.console import Console
from app.supervisor.machine import Plan, child, command, job_children, run_machine


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("up", help="Start everything: interface, web, workers, scheduler, embedded Valkey.")(up)


def up(verbose: Annotated[bool, typer.Option("--verbose", help="Show every log line on the console.")] = False) -> None:
    """Start, wait until ready, run until a signal, end everything."""
    settings = get_settings()
    raise typer.Exit(run_machine(settings, lambda: plan(settings), console=Console(verbose=verbose)))


def plan(settings: Settings) -> Plan:
    """The processes of a one-machine installation."""
    return Plan([child(settings, "web", command("web", "--supervised")), *job_children(settings)])
