"""Pins what a run executes: the workflow as it stands with the agents its nodes name, kept once per content."""

import hashlib
import json
import uuid
from functools import lru_cache

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.runs.claim import plan_table
from app.services.runs.journal import insert_into
from engine.json import JsonObject, JsonValue
from engine.nodes.base import widget_of
from engine.nodes.registry import KINDS
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_agent
from engine.spec.workflow import RunPlan, WorkflowSpec
from models.agent import Agent, AgentVersion
from models.base import utc_now
from models.ids import new_id


def digest_of(value: JsonValue) -> str:
    """SHA-256 of the canonical JSON text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=256)
def _agent_fields(config: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, info in config.model_fields.items() if (widget := widget_of(info)) is not None and widget.name == "agent")


def named_agents(spec: WorkflowSpec) -> set[str]:
    """Slugs of the agents that nodes of the workflow name."""
    found: set[str] = set()
    for node in spec.nodes:
        kind = KINDS.get(node.kind)
        for name in _agent_fields(kind.config_type) if kind else ():
            slug = node.config.get(name)
            if isinstance(slug, str) and slug:
                found.add(slug)
    return found


def load_agents(uow: UnitOfWork, slugs: set[str]) -> dict[str, AgentSpec]:
    """The newest versions of the workspace's agents with these slugs; absent ones are absent."""
    if not slugs:
        return {}
    newest = sa.and_(col(AgentVersion.agent_id) == col(Agent.id), col(AgentVersion.number) == col(Agent.version))
    rows = uow.session.exec(
        select(Agent.slug, AgentVersion.spec)
        .join(AgentVersion, newest)
        .where(Agent.workspace_id == uow.workspace_id, col(Agent.slug).in_(slugs), col(Agent.deleted_at).is_(None))
    )
    return {slug: load_agent(spec) for slug, spec in sorted(rows)}


def pin_plan(uow: UnitOfWork, plan: RunPlan) -> uuid.UUID:
    """Keep the plan, or find the same one kept before."""
    content: JsonObject = plan.model_dump(mode="json", exclude_defaults=True)
    digest = digest_of(content)
    connection = uow.session.connection()
    is_same = sa.and_(plan_table.c.workspace_id == uow.workspace_id, plan_table.c.digest == digest)
    known = connection.execute(sa.select(plan_table.c.id).where(is_same)).scalar()
    if known is not None:
        return known
    now = utc_now()
    row = {"id": new_id(), "created_at": now, "updated_at": now, "workspace_id": uow.workspace_id, "digest": digest, "content": content}
    connection.execute(insert_into(connection, plan_table).on_conflict_do_nothing(index_elements=["workspace_id", "digest"]), row)
    return connection.execute(sa.select(plan_table.c.id).where(is_same)).scalar_one()
