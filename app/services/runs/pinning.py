"""Pins what a run executes: the workflow as it stands with the agents its nodes name, kept once per content."""

import hashlib
import json
import uuid

import sqlalchemy as sa

from app.core.bulk import insert_into
from app.core.uow import UnitOfWork
from app.services.runs.claim import plan_table
from engine.json import JsonObject, JsonValue
from engine.spec.workflow import RunPlan
from models.base import utc_now
from models.ids import new_id


def digest_of(value: JsonValue) -> str:
    """SHA-256 of the canonical JSON text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


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
