"""`agent-factory dev`: like `up`, but every process starts again when code changes. For people who work on Agent Factory itself."""

from typing import Annotated

import typer
from reflex.reflex import cli as reflex_cli

from app.core.config import Settings, child_environment, get_settings
from app.supervisor import frontend
from app.supervisor.console import Console
from app.supervisor.lifeline import hold_to_supervisor
from app.supervisor.machine import ROOT, Plan, child, command, job_children, run_machine

NOT_WATCHED = ("tests", "docs", "deploy", "alembic", "assets")


def register(root: typer.Typer) -> None:
    """Add the commands."""
    root.command("dev", help="Start everything with hot reload.")(dev)
    root.command("dev-web", hidden=True)(dev_web)


def dev(verbose: Annotated[bool, typer.Option("--verbose", help="Show every log line on the console.")] = False) -> None:
    """Start with hot reload, run until a signal, end everything."""
    settings = get_settings()
    raise typer.Exit(run_machine(settings, lambda: plan(settings), console=Console(verbose=verbose)))


def plan(settings: Settings) -> Plan:
    """The same processes under reloaders. The unminified bundle replaces the production one, so its stamp goes."""
    frontend.forget(ROOT)
    environment = frontend.build_environment(child_environment(settings))
    environment["REFLEX_HOT_RELOAD_EXCLUDE_PATHS"] = ":".join(name for name in NOT_WATCHED if (ROOT / name).exists())
    web = child(settings, "web", command("dev-web"), tells_lives=False, **environment)
    return Plan([web, *job_children(settings)], needs_interface=False)


def dev_web() -> None:
    """Reflex's preview mode: one port, as in production, and a fresh bundle after each change."""
    hold_to_supervisor()
    settings = get_settings()
    port = str(settings.port)
    ports = ["--frontend-port", port, "--backend-port", port, "--backend-host", settings.host]
    reflex_cli(["run", "--env", "preview", "--loglevel", "warning", *ports])
