"""Reading rules: the list, and one of them with what became of the newest facts."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.permissions import Permission, permissions_of, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.facts import fact_table, fire_table, run_table
from app.views.rules import RuleDetail, RuleFireRow, RuleList, RuleRow
from models.event_rule import EventRule
from models.ids import parse_id
from models.run import Run
from models.user import User
from models.workflow import Workflow

WHAT = "This rule"
MOST_FIRES = 50
_fire, _fact, _run = fire_table.c, fact_table.c, run_table.c
_source = run_table.alias("source")
_FIRES = sa.select(
    _fire.id,
    _fire.rule_id,
    _fire.created_at,
    _fire.outcome,
    _fire.reason,
    _fire.run_id,
    _fact.kind,
    _run.status.label("run_status"),
    _source.c.id.label("source_run_id"),
    _source.c.title.label("source_title"),
).select_from(
    fire_table.join(fact_table, _fact.id == _fire.fact_id)
    .outerjoin(run_table, sa.and_(_run.id == _fire.run_id, _run.workspace_id == _fire.workspace_id))
    .outerjoin(_source, sa.and_(_source.c.id == _fact.run_id, _source.c.workspace_id == _fire.workspace_id))
)


def list_rules(uow: UnitOfWork, *, search: object = "", workflow_id: object = None) -> RuleList:
    """Rules by name; `workflow_id` narrows to those that start it or wait for it."""
    require(uow, Permission.VIEW)
    query = uow.scoped(EventRule).where(col(EventRule.deleted_at).is_(None))
    if workflow_id not in (None, ""):
        wanted = parse_id(workflow_id)
        is_wanted = sa.or_(col(EventRule.workflow_id) == wanted, col(EventRule.source_id) == wanted)
        query = query.where(is_wanted if wanted else sa.false())
    found = uow.session.exec(query.order_by(col(EventRule.name), col(EventRule.id)).limit(200)).all()
    words = search_words(search).casefold().split()
    rows = [row for row in to_rule_rows(uow, found) if all(word in f"{row.name} {row.source} {row.workflow}".casefold() for word in words)]
    return RuleList(tuple(rows), len(found), _may_edit(uow))


def get_rule(uow: UnitOfWork, *, rule_id: object) -> RuleDetail:
    """One rule with everything its page shows."""
    require(uow, Permission.VIEW)
    row = uow.load(EventRule, parse_id(rule_id), what=WHAT)
    query = _fires(uow).where(_fire.rule_id == row.id, _fire.workspace_id == uow.workspace_id).order_by(_fire.id.desc()).limit(MOST_FIRES)
    fires = tuple(_to_fire(fire) for fire in uow.session.connection().execute(query))
    return RuleDetail(to_rule_rows(uow, [row])[0], row.button, row.condition, row.mapping, _may_edit(uow), fires)


def _may_edit(uow: UnitOfWork) -> bool:
    return Permission.EDIT in permissions_of(uow.actor)


def to_rule_rows(uow: UnitOfWork, found: Sequence[EventRule]) -> tuple[RuleRow, ...]:
    """Rules with the names of what and who they name, and what they did last."""
    workflows = _by_id(uow, Workflow, {row.workflow_id for row in found} | {row.source_id for row in found if row.source_id})
    owners = _by_id(uow, User, {row.owner_id for row in found if row.owner_id})
    last = _last_fires(uow, [row.id for row in found])
    return tuple(_to_row(row, workflows, owners.get(row.owner_id), last.get(row.id)) for row in found)


def _to_row(row: EventRule, workflows: Mapping[Any, Any], owner: Any, last: RuleFireRow | None) -> RuleRow:
    target, source = workflows.get(row.workflow_id), workflows.get(row.source_id)
    return RuleRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        source_id=row.source_id,
        source=source.name if source else "",
        workflow_id=row.workflow_id,
        workflow=target.name if target else "",
        is_workflow_deleted=target is None or target.deleted_at is not None,
        is_enabled=row.is_enabled,
        disabled_reason=row.disabled_reason,
        owner=owner.name if owner else "",
        last=last,
    )


def _last_fires(uow: UnitOfWork, rule_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, RuleFireRow]:
    if not rule_ids:
        return {}
    newest = sa.select(sa.func.max(sa.cast(_fire.id, sa.String))).where(_fire.rule_id.in_(rule_ids)).group_by(_fire.rule_id)
    query = _fires(uow).where(sa.cast(_fire.id, sa.String).in_(newest), _fire.workspace_id == uow.workspace_id)
    return {fire.rule_id: _to_fire(fire) for fire in uow.session.connection().execute(query)}


def _fires(uow: UnitOfWork) -> Any:
    """The log of rules; runs that are not shared with who reads it are not named."""
    return _FIRES.add_columns(uow.within_reach(Run, alias=_source).label("is_shared"))


def _to_fire(fire: Any) -> RuleFireRow:
    return RuleFireRow(
        id=fire.id,
        at=fire.created_at,
        kind=fire.kind,
        outcome=fire.outcome,
        reason=fire.reason,
        run_id=fire.run_id,
        run_status=fire.run_status or "",
        source_run_id=fire.source_run_id,
        source_title=(fire.source_title or "") if fire.is_shared else "",
    )


def _by_id(uow: UnitOfWork, model: Any, ids: set[Any]) -> Mapping[Any, Any]:
    table = model.__table__
    columns = [table.c.id, table.c.name, *([table.c.deleted_at] if "deleted_at" in table.c else [])]
    rows = uow.session.connection().execute(sa.select(*columns).where(table.c.id.in_(ids))) if ids else ()
    return {row.id: row for row in rows}
