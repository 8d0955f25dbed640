"""`agent-factory migrate`: brings the database to the newest revision."""

import typer

from app.adapters.migrations import upgrade
from app.core.config import get_settings


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("migrate", help="Bring the database to the newest revision.")(migrate)


def migrate() -> None:
    """Upgrade the database."""
    settings = get_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.database_url)
