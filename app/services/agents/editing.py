"""Creating and changing agents: every save is a new immutable version, and a stale tab never overwrites a newer one."""

from sqlalchemy.exc import IntegrityError

from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.sharing import copied
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.agents.checking import MODEL_UNAVAILABLE, judge_draft, require_valid
from app.services.agents.comparing import stale_save
from app.services.agents.reading import workflows_using
from app.services.agents.rows import WHAT, load_agent, load_version, spec_of, to_detail
from app.services.agents.slugs import free_slug
from app.services.plans import allow_agent
from app.views.agents import AgentDeleted, AgentDetail
from engine.json import JsonObject
from engine.spec.agent import AgentSpec
from models.agent import Agent, AgentVersion
from models.grant import Access, Sharing
from models.ids import parse_id

_SLUG_ATTEMPTS = 5


def create_agent(uow: UnitOfWork, *, draft: object) -> AgentDetail:
    """Create an agent from a draft definition."""
    require(uow, Permission.EDIT)
    return add_agent(uow, require_valid(judge_draft(uow, draft)))


def save_agent(uow: UnitOfWork, *, agent_id: object, base_version: object, draft: object) -> AgentDetail:
    """Save a draft as the next version; raises StaleAgentSave when `base_version` is no longer the newest.

    A draft equal to the newest version saves nothing. A model that is only unavailable may stay, but not be chosen anew.
    """
    require(uow, Permission.EDIT)
    agent = load_agent(uow, agent_id, for_update=True)
    newest = load_version(uow, agent, agent.version)
    checked = judge_draft(uow, draft)
    keeps_model = checked.spec is not None and checked.spec.model == agent.model
    spec = require_valid(checked, accept=frozenset({MODEL_UNAVAILABLE}) if keeps_model else frozenset())
    spec = tidy(spec)
    if spec == spec_of(newest):
        return to_detail(uow, agent, newest)
    base = _base_version(base_version, agent)
    if base != agent.version:
        raise stale_save(uow, agent, base_version=base, yours=spec.model_dump(mode="json"))
    return add_version(uow, agent, spec)


def duplicate_agent(uow: UnitOfWork, *, agent_id: object) -> AgentDetail:
    """Create a copy of the newest version under a new name."""
    require(uow, Permission.EDIT)
    agent = load_agent(uow, agent_id, needed=Access.VIEW)
    spec = spec_of(load_version(uow, agent, agent.version))
    return add_agent(uow, spec.model_copy(update={"name": _copy_name(uow, agent.name)}), origin=agent.origin, sharing=copied(agent.sharing))


def delete_agent(uow: UnitOfWork, *, agent_id: object) -> AgentDeleted:
    """Delete softly: past runs keep their pinned definition, and the view tells which workflows still name the agent."""
    require(uow, Permission.EDIT)
    agent = load_agent(uow, agent_id, for_update=True)
    agent.deleted_at = uow.ports.clock.now()
    uow.session.add(agent)
    uow.session.flush()
    return AgentDeleted(id=str(agent.id), name=agent.name, used_by=workflows_using(uow, agent.slug))


def undelete_agent(uow: UnitOfWork, *, agent_id: object) -> AgentDetail:
    """Take a deletion back; the slug was kept, so workflows find the agent again."""
    require(uow, Permission.EDIT)
    row_id = parse_id(agent_id)
    agent = uow.session.exec(uow.scoped(Agent).where(Agent.id == row_id)).first() if row_id else None  # type: ignore[call-overload]
    if agent is None:
        raise NotFound(WHAT)
    uow.demand(agent, what=WHAT)
    if agent.deleted_at is not None:
        allow_agent(uow)
    agent.deleted_at = None
    uow.session.add(agent)
    uow.session.flush()
    return to_detail(uow, agent, load_version(uow, agent, agent.version))


def tidy(spec: AgentSpec) -> AgentSpec:
    """Return the definition with one-line texts cleaned."""
    return spec.model_copy(
        update={
            "name": clean_line(spec.name, max_length=80, label="Name", field="name"),
            "role": clean_line(spec.role, max_length=200, label="Role", field="role", is_required=False),
            "instructions": spec.instructions.replace("\r\n", "\n"),
        }
    )


def add_agent(
    uow: UnitOfWork, spec: AgentSpec, *, wanted_slug: str = "", origin: JsonObject | None = None, sharing: Sharing = Sharing.EDIT
) -> AgentDetail:
    """Store a checked definition as a new agent, choosing another slug when a parallel request takes the first.

    The slug comes from `wanted_slug` (imports) or from the name; `origin` is the listing it came from.
    """
    spec = tidy(spec)
    allow_agent(uow)
    for _ in range(_SLUG_ATTEMPTS):
        agent = Agent(
            workspace_id=uow.workspace_id,
            slug=free_slug(uow, wanted_slug or spec.name),
            name=spec.name,
            role=spec.role,
            model=spec.model,
            version=0,
            origin=origin,
            created_by=uow.actor.user_id if uow.actor else None,
            owner_id=uow.actor.user_id if uow.actor else None,
            sharing=sharing,
        )
        try:
            with uow.session.begin_nested():
                uow.session.add(agent)
                uow.session.flush()
        except IntegrityError:
            continue
        return add_version(uow, agent, spec)
    raise Conflict("Many agents of this name are being created at the moment. Please try again.")


def add_version(uow: UnitOfWork, agent: Agent, spec: AgentSpec) -> AgentDetail:
    """Store the next version of an agent and make it the newest."""
    agent.version += 1
    agent.name, agent.role, agent.model = spec.name, spec.role, spec.model
    agent.updated_at = uow.ports.clock.now()
    version = AgentVersion(
        workspace_id=agent.workspace_id,
        agent_id=agent.id,
        number=agent.version,
        spec=spec.model_dump(mode="json"),
        created_at=uow.ports.clock.now(),
        created_by=uow.actor.user_id if uow.actor else None,
    )
    uow.session.add(agent)
    uow.session.add(version)
    uow.session.flush()
    return to_detail(uow, agent, version)


def _base_version(value: object, agent: Agent) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= agent.version:
        message = "The version this form began from is not known. Reload the page and try again."
        raise Invalid(message, fields={"base_version": message})
    return value


def _copy_name(uow: UnitOfWork, name: str) -> str:
    base = name[:66]
    query = uow.scoped(Agent).where(Agent.name.startswith(f"{base} (copy", autoescape=True), Agent.deleted_at.is_(None))  # type: ignore[attr-defined,union-attr]
    taken = {row.name for row in uow.session.exec(query).all()}  # type: ignore[call-overload]
    if f"{base} (copy)" not in taken:
        return f"{base} (copy)"
    number = next(n for n in range(2, len(taken) + 3) if f"{base} (copy {n})" not in taken)
    return f"{base} (copy {number})"
