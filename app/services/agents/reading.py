"""Reading agents: one, many with search and cursor, and which workflows name one."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.agents.rows import granted, load_agent, load_signed_version, to_card, to_detail
from app.views.agents import AgentCardPage, AgentDetail, WorkflowUse
from engine.json import JsonObject
from engine.spec.agent import AgentSpec
from models.agent import Agent, AgentVersion
from models.ids import parse_id
from models.workflow import Workflow

SORTS = ("updated", "name", "created")
_MAX_LIMIT = 100
agent_table: sa.Table = Agent.__table__  # type: ignore[attr-defined]


def get_agent(uow: UnitOfWork, *, agent_id: object) -> AgentDetail:
    """Open an agent at its newest version."""
    require(uow, Permission.VIEW)
    agent = load_agent(uow, agent_id)
    return to_detail(uow, agent, *load_signed_version(uow, agent, agent.version))


def blank_agent(uow: UnitOfWork) -> AgentDetail:
    """Return what an empty form begins with; nothing is stored until it is saved, which whoever only looks may not."""
    require(uow, Permission.EDIT)
    grants = granted(uow)
    spec = AgentSpec().model_dump(mode="json")
    return AgentDetail("", "", "", 0, spec, "", "", can_edit=Permission.EDIT in grants, can_run=Permission.RUN in grants)


def list_agents(uow: UnitOfWork, *, search: object = "", sort: object = "updated", cursor: object = "", limit: int = 24) -> AgentCardPage:
    """List living agents; `search` looks in name, role, slug and model, `cursor` is the previous page's `next_cursor`."""
    require(uow, Permission.VIEW)
    if sort not in SORTS:
        message = f"Agents can be sorted by {', '.join(SORTS)}."
        raise Invalid(message, fields={"sort": message})
    words = clean_line(search, max_length=200, label="Search", field="search", is_required=False)
    limit = max(1, min(limit, _MAX_LIMIT))
    conditions = _conditions(uow, words)
    total = uow.session.exec(select(sa.func.count()).select_from(Agent).where(*conditions)).one()
    key, is_descending = _order(str(sort))
    query = (
        select(Agent, AgentVersion)
        .join(AgentVersion, (AgentVersion.agent_id == Agent.id) & (AgentVersion.number == Agent.version))  # type: ignore[arg-type]
        .where(*conditions, *_after(cursor, str(sort), key, is_descending))
        .order_by(*((key.desc(), agent_table.c.id.desc()) if is_descending else (key.asc(), agent_table.c.id.asc())))
        .limit(limit + 1)
    )
    rows = uow.session.exec(query).all()
    next_cursor = _cursor_of(str(sort), rows[limit - 1][0]) if len(rows) > limit else ""
    return AgentCardPage(tuple(to_card(uow, agent, version) for agent, version in rows[:limit]), next_cursor, int(total))


def find_agent_uses(uow: UnitOfWork, *, agent_id: object) -> tuple[WorkflowUse, ...]:
    """Tell which workflows name the agent, for a warning before it is deleted."""
    require(uow, Permission.VIEW)
    return workflows_using(uow, load_agent(uow, agent_id).slug)


def workflows_using(uow: UnitOfWork, slug: str) -> tuple[WorkflowUse, ...]:
    """The scan itself: the database narrows by text, Python confirms the node and field."""
    mentions = sa.cast(Workflow.draft, sa.Text).like(f'%"{slug}"%')  # type: ignore[arg-type]
    query = uow.scoped(Workflow).where(mentions, Workflow.deleted_at.is_(None)).order_by(Workflow.name)  # type: ignore[union-attr]
    uses: list[WorkflowUse] = []
    for workflow in uow.session.exec(query).all():  # type: ignore[call-overload]
        nodes = tuple(
            str(node.get("label") or node.get("id")) for node in workflow.draft.get("nodes", []) if _names(node.get("config") or {}, slug)
        )
        if nodes:
            uses.append(WorkflowUse(str(workflow.id), workflow.name, nodes))
    return tuple(uses)


def _names(config: JsonObject, slug: str) -> bool:
    """Whether a step works with the agent, alone or together with others."""
    return config.get("agent") == slug or slug in (config.get("agents") or ())


def _conditions(uow: UnitOfWork, words: str) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [Agent.workspace_id == uow.workspace_id, Agent.deleted_at.is_(None), uow.within_reach(Agent)]  # type: ignore[union-attr]
    for word in words.split()[:8]:
        columns = (Agent.name, Agent.role, Agent.slug, Agent.model)
        conditions.append(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))  # type: ignore[attr-defined]
    return conditions


def _order(sort: str) -> tuple[ColumnElement[Any], bool]:
    if sort == "name":
        return sa.func.lower(col(Agent.name)), False
    return agent_table.c.created_at if sort == "created" else agent_table.c.updated_at, True


def _cursor_of(sort: str, agent: Agent) -> str:
    value = agent.name.lower() if sort == "name" else (agent.created_at if sort == "created" else agent.updated_at).isoformat()
    return base64.urlsafe_b64encode(json.dumps([sort, value, str(agent.id)]).encode()).decode()


def _after(cursor: object, sort: str, key: ColumnElement[Any], is_descending: bool) -> list[ColumnElement[bool]]:
    if not cursor:
        return []
    try:
        kind, value, raw_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") if isinstance(cursor, str) else b""))
        bound = value if sort == "name" else datetime.fromisoformat(value).astimezone(UTC)
        row_id = parse_id(raw_id)
    except (ValueError, TypeError, RecursionError, binascii.Error, UnicodeError):
        kind, bound, row_id = None, None, None
    if kind != sort or row_id is None or not isinstance(bound, str | datetime):
        message = "This list position is not valid any more. Start again from the first page."
        raise Invalid(message, fields={"cursor": message})
    pair, limit = sa.tuple_(key, agent_table.c.id), sa.tuple_(sa.literal(bound, key.type), sa.literal(row_id, agent_table.c.id.type))
    return [pair < limit if is_descending else pair > limit]
