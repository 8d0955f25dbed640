"""Which listings workflows and agents came from: installs write it, copies and blueprints carry it, publishing asks for it."""

from collections.abc import Iterable

from pydantic import ValidationError
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.called import Gathered
from engine.blueprint.bundle import Bundle, Origin
from engine.json import JsonObject
from models.agent import Agent
from models.ids import parse_id
from models.workflow import Workflow


def origin_of(bundle: Bundle, place: str, otherwise: Origin | None) -> JsonObject | None:
    """What a row that comes in keeps: what the blueprint says of it, or the listing that is being installed."""
    origin = bundle.metadata.origins.get(place, otherwise)
    return origin.model_dump() if origin is not None else None


def read_origins(uow: UnitOfWork, gathered: Gathered, agents: Iterable[str]) -> dict[str, Origin]:
    """By `workflows.<slug>` and `agents.<slug>`; what was made here is not in it."""
    ids = [parsed for one in gathered.ids.values() if (parsed := parse_id(one))]
    stored = dict(
        uow.session.exec(
            select(Workflow.id, Workflow.origin).where(Workflow.workspace_id == uow.workspace_id, col(Workflow.id).in_(ids))
        ).all()
    )
    named = select(Agent.slug, Agent.origin).where(Agent.workspace_id == uow.workspace_id, col(Agent.slug).in_(list(agents)))
    found = {f"workflows.{slug}": stored.get(parse_id(one)) for slug, one in gathered.ids.items()}  # type: ignore[arg-type]
    found |= {f"agents.{slug}": origin for slug, origin in uow.session.exec(named).all()}
    return {place: origin for place, kept in found.items() if (origin := _read(kept)) is not None}


def _read(kept: object) -> Origin | None:
    try:
        return Origin.model_validate(kept) if kept else None
    except ValidationError:
        return None
