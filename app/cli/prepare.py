"""`agent-factory prepare`: migrate and seed in one short-lived process; `up` runs it before anything that needs the database.

What does the work is loaded only where there is work, for most starts find everything in place and shall not wait.
"""

from importlib import import_module

import typer

from app.adapters.prepared import is_prepared
from app.core.config import get_settings


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("prepare", hidden=True)(prepare)


def prepare() -> None:
    """Bring the database to the newest revision, then add what is missing."""
    settings = get_settings()
    if is_prepared(settings.database_url, has_demo=not settings.is_production):
        return
    import_module("app.cli.migrate").migrate()
    import_module("app.cli.seed").seed()
