"""The schema's revision: upgrade to the newest one, and tell whether a database has it. Called by the CLI, health and tests."""

from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

ROOT = Path(__file__).resolve().parents[2]


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database URL."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, *, revision: str = "head") -> None:
    """Run the missing revisions; all or nothing."""
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, *, revision: str) -> None:
    """Go back to a revision; "base" is an empty database."""
    command.downgrade(alembic_config(url), revision)


@lru_cache(maxsize=1)
def newest_revision() -> str:
    """The revision this code needs."""
    return ScriptDirectory(str(ROOT / "alembic")).get_current_head() or ""


def is_behind(revision: str) -> bool:
    """Whether a database of this revision lacks some of this code's; one that this code does not know is of a newer version."""
    known = {script.revision for script in ScriptDirectory(str(ROOT / "alembic")).walk_revisions()}
    return revision != newest_revision() and (not revision or revision in known)


def current_revision(database: Engine) -> str:
    """The revision the database has, or "" for a new one."""
    with database.connect().execution_options(af_write=False) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""
