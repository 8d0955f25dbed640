"""Loads agent rows and turns them into views; the other modules of this package share it."""

import uuid
from datetime import datetime

from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.permissions import Permission, may, permissions_of
from app.core.uow import UnitOfWork
from app.views import words
from app.views.agents import AgentCard, AgentDetail
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_agent as load_agent_spec
from models.agent import Agent, AgentVersion
from models.grant import Access, Sharing
from models.ids import parse_id
from models.user import User

WHAT = "This agent"


def load_agent(uow: UnitOfWork, agent_id: object, *, for_update: bool = False, needed: Access | None = None) -> Agent:
    """Load a living agent of the workspace by an untrusted id, or raise NotFound; locks the row where the database can."""
    row = uow.load(Agent, parse_id(agent_id), what=WHAT, needed=needed)
    if for_update:
        uow.session.refresh(row, with_for_update=True)
        if row.deleted_at is not None:
            raise NotFound(WHAT)
    return row


def load_version(uow: UnitOfWork, agent: Agent, number: object) -> AgentVersion:
    """Load one version of an already checked agent by an untrusted number."""
    return load_signed_version(uow, agent, number)[0]


def load_signed_version(uow: UnitOfWork, agent: Agent, number: object) -> tuple[AgentVersion, str]:
    """The same with who saved it, in one way to the database."""
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= agent.version:
        raise NotFound("This version")
    query = (
        select(AgentVersion, User.name)
        .outerjoin(User, col(User.id) == col(AgentVersion.created_by))
        .where(AgentVersion.workspace_id == uow.workspace_id, uow.within_reach(AgentVersion))
        .where(AgentVersion.agent_id == agent.id, AgentVersion.number == number)
    )
    row = uow.session.exec(query).first()
    if row is None:
        raise NotFound("This version")
    version, name = row
    known = {version.created_by: name} if version.created_by and name else {}
    return version, author(known, version.created_by)


def spec_of(version: AgentVersion) -> AgentSpec:
    """Return the saved definition, brought to the current schema version."""
    return load_agent_spec(version.spec)


def ago(uow: UnitOfWork, moment: datetime) -> str:
    """Return how long ago in words."""
    return words.ago(moment, now=uow.ports.clock.now())


def user_names(uow: UnitOfWork, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of people by id."""
    if not ids:
        return {}
    return dict(uow.session.exec(select(User.id, User.name).where(col(User.id).in_(ids))).all())


def author(names: dict[uuid.UUID, str], user_id: uuid.UUID | None) -> str:
    """Return who did it in words; people who left are not named."""
    return names.get(user_id, "a former member") if user_id else "Agent Factory"


def granted(uow: UnitOfWork) -> frozenset[Permission]:
    """Return what the actor may do, for hints in views; services ask `require`."""
    return permissions_of(uow.actor)


def to_detail(uow: UnitOfWork, agent: Agent, version: AgentVersion, saved_by: str | None = None) -> AgentDetail:
    """Build the view of an opened agent; who saved it is looked up where it is not told."""
    if saved_by is None:
        saved_by = author(user_names(uow, {version.created_by} if version.created_by else set()), version.created_by)
    return AgentDetail(
        id=str(agent.id),
        slug=agent.slug,
        name=agent.name,
        version=agent.version,
        spec=spec_of(version).model_dump(mode="json"),
        saved=ago(uow, version.created_at),
        saved_by=saved_by,
        can_edit=may(uow, Permission.EDIT, agent),
        can_run=may(uow, Permission.RUN, agent),
        created_at=version.created_at,
    )


def to_card(uow: UnitOfWork, agent: Agent, version: AgentVersion) -> AgentCard:
    """Build the view of a listed agent."""
    model = uow.catalogue.card(agent.model)
    return AgentCard(
        id=str(agent.id),
        slug=agent.slug,
        name=agent.name,
        role=agent.role,
        model=agent.model,
        model_label=model.label if model else agent.model,
        is_demo_model=bool(model and model.is_demo),
        is_model_available=bool(model and model.is_available),
        tools=tuple(version.spec.get("tools") or ()),
        has_output_schema=bool(version.spec.get("output_schema")),
        version=agent.version,
        updated=ago(uow, agent.updated_at),
        updated_at=agent.updated_at,
        is_private=agent.sharing == Sharing.PRIVATE,
    )
