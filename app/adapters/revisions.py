"""Tells which revision a database has and which one this code needs, without loading Alembic: every process asks that when it starts."""

import re
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

VERSIONS = Path(__file__).resolve().parents[2] / "alembic" / "versions"


_NAMED = re.compile(r"^(revision|down_revision)\b[^=\n]*= *(?:None|['\"](\w+)['\"])", re.MULTILINE)


@lru_cache(maxsize=1)
def known_revisions() -> tuple[str, ...]:
    """All revisions in the order in which each names the one before it; their numbers need not rise."""
    files = [dict(_NAMED.findall(path.read_text(encoding="utf-8"))) for path in VERSIONS.glob("[0-9]*_*.py")]
    after = {file["down_revision"]: file["revision"] for file in files}
    found: list[str] = []
    while following := after.pop(found[-1] if found else "", ""):
        found.append(following)
    return tuple(found)


def newest_revision() -> str:
    """The revision this code needs."""
    return known_revisions()[-1]


def is_behind(revision: str) -> bool:
    """Whether a database of this revision lacks some of this code's; one that this code does not know is of a newer version."""
    return revision != newest_revision() and (not revision or revision in known_revisions())


def current_revision(database: Engine) -> str:
    """The revision the database has, or "" for a new one."""
    with database.connect().execution_options(af_write=False) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""
