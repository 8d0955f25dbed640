"""Readable, unique slugs: the names by which workflows refer to agents."""

import re
import unicodedata

from sqlmodel import select

from app.core.uow import UnitOfWork
from models.agent import Agent

_MAX = 63


def slug_of(name: str) -> str:
    """Return `Süd: Support Triage!` as `sud_support_triage`; names without Latin letters become `agent`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if slug and not slug[0].isalpha():
        slug = f"agent_{slug}"
    return slug[:48].strip("_") or "agent"


def free_slug(uow: UnitOfWork, name: str) -> str:
    """Return the slug of the name, numbered when taken; deleted agents keep theirs so that nothing is silently repointed."""
    base = slug_of(name)
    query = select(Agent.slug).where(Agent.workspace_id == uow.workspace_id, Agent.slug.startswith(base, autoescape=True))  # type: ignore[attr-defined]
    taken = set(uow.session.exec(query).all())
    if base not in taken:
        return base
    number = next(n for n in range(2, len(taken) + 3) if f"{base}_{n}" not in taken)
    return f"{base}_{number}"[:_MAX]
