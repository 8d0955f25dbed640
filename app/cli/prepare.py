"""`agent-factory prepare`: migrate and seed in one short-lived process; `up` runs it before anything that needs the database."""

import typer

from app.cli.migrate import migrate
from app.cli.seed import seed


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("prepare", hidden=True)(prepare)


def prepare() -> None:
    """Bring the database to the newest revision, then add what is missing."""
    migrate()
    seed()
