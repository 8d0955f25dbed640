"""The list of workflows: searched, sorted, paged by cursor, each with its miniature and its last run."""

import base64
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.text import search_words, text_problem
from app.core.uow import UnitOfWork
from app.services.newer import find_newer
from app.services.workflows.miniature import count_steps, draw_miniature
from app.views.workflows import CameFrom, WorkflowCard, WorkflowPage
from models.grant import Sharing
from models.ids import parse_id
from models.listing import Install, Listing
from models.run import Run
from models.workflow import Workflow

SORTS = ("updated", "created", "name")
MOST = 60


def list_workflows(uow: UnitOfWork, *, search: object = "", sort: object = "updated", cursor: object = "", limit: int = 24) -> WorkflowPage:
    """One page. `sort` is updated, created (both newest first) or name; `cursor` comes from the page before."""
    require(uow, Permission.VIEW)
    if not isinstance(sort, str) or sort not in SORTS:
        raise Invalid(f"sort: Choose one of {', '.join(SORTS)}.", fields={"sort": f"Choose one of {', '.join(SORTS)}."})
    limit = max(1, min(int(limit), MOST))
    conditions = [*_conditions(search), uow.within_reach(Workflow)]
    total = uow.session.exec(select(func.count()).select_from(Workflow).where(Workflow.workspace_id == uow.workspace_id, *conditions)).one()
    query = select(Workflow).where(Workflow.workspace_id == uow.workspace_id, *conditions)
    if cursor:
        query = query.where(_after(sort, cursor))
    _, order = _key(sort)
    rows = uow.session.exec(query.order_by(order, col(Workflow.id).desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    runs, origins = _last_runs(uow, shown), _origins(uow, shown)
    following = _cursor(sort, shown[-1]) if len(rows) > limit else ""
    return WorkflowPage(tuple(_card(row, runs.get(row.id), origins.get(row.id)) for row in shown), following, total)


def _conditions(search: object) -> list[Any]:
    words = search_words(search, max_length=800).lower().split()[:8]
    matches = [
        sa.or_(
            func.lower(col(Workflow.name)).contains(word[:100], autoescape=True),
            func.lower(col(Workflow.description)).contains(word[:100], autoescape=True),
        )
        for word in words
    ]
    return [col(Workflow.deleted_at).is_(None), *matches]


def _key(sort: str) -> tuple[Any, Any]:
    if sort == "name":
        key = func.lower(col(Workflow.name))
        return key, key.asc()
    column = col(Workflow.updated_at if sort == "updated" else Workflow.created_at)
    return column, column.desc()


def _cursor(sort: str, row: Workflow) -> str:
    value = row.name.lower() if sort == "name" else (row.updated_at if sort == "updated" else row.created_at).isoformat()
    return base64.urlsafe_b64encode(json.dumps([sort, value, str(row.id)]).encode()).decode()


def _after(sort: str, cursor: object) -> Any:
    if text_problem(cursor, max_length=2000, label="The cursor"):
        raise _bad_cursor()
    try:
        made_for, value, row_id = json.loads(base64.urlsafe_b64decode(str(cursor).encode()))
        edge: Any = value if sort == "name" else datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise _bad_cursor() from error
    identity = parse_id(row_id)
    if made_for != sort or identity is None or not isinstance(value, str):
        raise _bad_cursor()
    key, _ = _key(sort)
    beyond = key > edge if sort == "name" else key < edge
    return sa.or_(beyond, sa.and_(key == edge, col(Workflow.id) < identity))


def _bad_cursor() -> Invalid:
    return Invalid("cursor: It belongs to another list. Start from the first page.", fields={"cursor": "Start from the first page."})


def _last_runs(uow: UnitOfWork, workflows: Any) -> dict[Any, Run]:
    ids = [row.id for row in workflows]
    newest = (
        select(Run.workflow_id, func.max(Run.created_at).label("at"))
        .where(Run.workspace_id == uow.workspace_id, col(Run.workflow_id).in_(ids), uow.within_reach(Run))
        .group_by(col(Run.workflow_id))
        .subquery()
    )
    rows = uow.session.exec(
        uow.scoped(Run).join(newest, sa.and_(col(Run.workflow_id) == newest.c.workflow_id, col(Run.created_at) == newest.c.at))
    ).all()
    return {run.workflow_id: run for run in rows}


def _origins(uow: UnitOfWork, workflows: Sequence[Workflow]) -> dict[uuid.UUID, CameFrom]:
    """Of those that came from listings; in as many statements for many as for one."""
    kept = {row.id: row.origin for row in workflows if row.origin}
    if not kept:
        return {}
    slugs = {str(origin.get("listing", "")) for origin in kept.values()}
    installed = uow.scoped(Install).with_only_columns(col(Install.listing_id))
    reached = select(Listing.slug).where(col(Listing.slug).in_(slugs), sa.or_(col(Listing.state) == "live", col(Listing.id).in_(installed)))
    shown = set(uow.session.exec(reached))
    newer = {one: number for _, install, number in find_newer(uow, most=len(slugs), slugs=slugs) for one in install.workflow_ids}
    return {
        row_id: CameFrom(
            title=str(origin.get("title", "")),
            version=str(origin.get("version", "")),
            slug=str(origin.get("listing", "")) if origin.get("listing") in shown else "",
            newer=newer.get(str(row_id), ""),
        )
        for row_id, origin in kept.items()
    }


def _card(row: Workflow, run: Run | None, came_from: CameFrom | None) -> WorkflowCard:
    return WorkflowCard(
        id=row.id,
        name=row.name,
        description=row.description,
        updated_at=row.updated_at,
        node_count=count_steps(row.draft),
        error_count=row.error_count,
        miniature=draw_miniature(row.draft),
        last_run_status=run.status if run else "",
        last_run_at=run.created_at if run else None,
        last_run_id=run.id if run else None,
        is_private=row.sharing == Sharing.PRIVATE,
        came_from=came_from,
    )
