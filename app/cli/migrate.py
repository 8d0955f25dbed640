"""`agent-factory migrate`: brings the database to the newest revision."""

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.adapters.migrations import upgrade
from app.core.config import get_settings
from app.supervisor.problems import CannotStartError


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("migrate", help="Bring the database to the newest revision.")(migrate)


def migrate() -> None:
    """Upgrade the database."""
    settings = get_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        upgrade(settings.database_url)
    except OperationalError as error:
        place = make_url(settings.database_url).render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0]
        raise CannotStartError(
            f"The database {place} cannot be used: {reason}",
            remedy="Check DATABASE_URL, that the server runs and lets you in, and that the disk has room.",
        ) from error
