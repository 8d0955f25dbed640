"""The history of an agent: its versions, what each changed, and bringing an old one back."""

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.agents.comparing import stale_save
from app.services.agents.editing import add_version
from app.services.agents.fields import changed_fields, label_of
from app.services.agents.rows import ago, author, load_agent, load_signed_version, load_version, spec_of, to_detail, user_names
from app.views import words
from app.views.agents import AgentDetail, AgentVersionRow
from engine.json import JsonObject
from models.agent import AgentVersion

_PAGE = 30


def list_agent_versions(uow: UnitOfWork, *, agent_id: object, before: int = 0) -> tuple[AgentVersionRow, ...]:
    """List versions, newest first; `before` continues below a version number."""
    require(uow, Permission.VIEW)
    agent = load_agent(uow, agent_id)
    query = uow.scoped(AgentVersion).where(AgentVersion.agent_id == agent.id).order_by(AgentVersion.number.desc())  # type: ignore[attr-defined]
    if before > 0:
        query = query.where(AgentVersion.number < before)
    rows = list(uow.session.exec(query.limit(_PAGE + 1)).all())  # type: ignore[call-overload]
    names = user_names(uow, {row.created_by for row in rows if row.created_by})
    earlier: list[JsonObject] = [*(row.spec for row in rows[1:]), {}]
    return tuple(
        AgentVersionRow(
            number=row.number,
            saved=ago(uow, row.created_at),
            saved_at=words.stamp(row.created_at),
            saved_by=author(names, row.created_by),
            changes=tuple(label_of(field) for field in changed_fields(previous, row.spec)) if previous else (),
            is_current=row.number == agent.version,
            created_at=row.created_at,
        )
        for row, previous in zip(rows[:_PAGE], earlier, strict=False)
    )


def get_agent_version(uow: UnitOfWork, *, agent_id: object, number: object) -> AgentDetail:
    """Open an old version to look at or to put into the form."""
    require(uow, Permission.VIEW)
    agent = load_agent(uow, agent_id)
    return to_detail(uow, agent, *load_signed_version(uow, agent, number))


def restore_agent_version(uow: UnitOfWork, *, agent_id: object, number: object, base_version: int) -> AgentDetail:
    """Save an old version again as the newest one; nothing of the history is lost."""
    require(uow, Permission.EDIT)
    agent = load_agent(uow, agent_id, for_update=True)
    wanted = load_version(uow, agent, number)
    if base_version != agent.version:
        base = load_version(uow, agent, base_version)
        raise stale_save(uow, agent, base_version=base.number, yours=wanted.spec)
    newest = load_version(uow, agent, agent.version)
    if spec_of(wanted) == spec_of(newest):
        return to_detail(uow, agent, newest)
    return add_version(uow, agent, spec_of(wanted))
