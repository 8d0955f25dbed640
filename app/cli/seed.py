"""`agent-factory seed`: creates what a fresh installation outside production starts with."""

import typer

from app.services.seed import seed_demo
from app.wiring import get_wiring


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("seed", help="Create the demo account and its examples, if they are missing (never in production).")(seed)


def seed() -> None:
    """Seed the database; prints a line when something was created."""
    if get_wiring().call(seed_demo, None):
        typer.echo("Created the demo account and its examples")
