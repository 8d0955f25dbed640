"""Creating, changing, pausing and deleting rules. Who saves or resumes a rule is in whose name it starts runs."""

from typing import Any

from sqlmodel import col, func, select

from app.core.errors import LimitReached
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.rules.drafts import read_draft
from app.services.rules.listing import WHAT, to_rule_rows
from app.views.rules import RuleRow
from models.event_rule import EventRule
from models.ids import parse_id

MOST_RULES = 100


def create_rule(uow: UnitOfWork, *, rule: object) -> RuleRow:
    """Create a rule of the fields in drafts.FIELDS; raises Invalid with one message per field."""
    require(uow, Permission.EDIT)
    count = (
        select(func.count()).select_from(EventRule).where(EventRule.workspace_id == uow.workspace_id, col(EventRule.deleted_at).is_(None))
    )
    if uow.session.exec(count).one() >= MOST_RULES:
        raise LimitReached(f"A workspace has at most {MOST_RULES} rules. Delete one you no longer need.")
    row = EventRule(workspace_id=uow.workspace_id, **_values(uow, rule))
    uow.session.add(row)
    uow.session.flush()
    return to_rule_rows(uow, [row])[0]


def update_rule(uow: UnitOfWork, *, rule_id: object, rule: object) -> RuleRow:
    """Replace all fields; what has already happened is delivered by the rule as it is now."""
    require(uow, Permission.EDIT)
    row = uow.load(EventRule, parse_id(rule_id), what=WHAT)
    for name, value in _values(uow, rule).items():
        setattr(row, name, value)
    row.disabled_reason = ""
    return _saved(uow, row)


def pause_rule(uow: UnitOfWork, *, rule_id: object) -> RuleRow:
    """Start nothing any more; pausing twice does no harm."""
    require(uow, Permission.EDIT)
    row = uow.load(EventRule, parse_id(rule_id), what=WHAT)
    row.is_enabled, row.disabled_reason = False, ""
    return _saved(uow, row)


def resume_rule(uow: UnitOfWork, *, rule_id: object) -> RuleRow:
    """Start runs again, in the name of who resumes it; what happened during the pause is not made up for."""
    require(uow, Permission.EDIT)
    row = uow.load(EventRule, parse_id(rule_id), what=WHAT)
    if not row.is_enabled:
        row.is_enabled, row.disabled_reason = True, ""
        row.owner_id = uow.actor.user_id if uow.actor else None
    return _saved(uow, row)


def delete_rule(uow: UnitOfWork, *, rule_id: object) -> None:
    """Take it away; its runs stay, and still say what started them."""
    require(uow, Permission.EDIT)
    row = uow.load(EventRule, parse_id(rule_id), what=WHAT)
    row.deleted_at, row.is_enabled = uow.ports.clock.now(), False
    uow.session.add(row)


def _values(uow: UnitOfWork, rule: object) -> dict[str, Any]:
    draft = read_draft(uow, rule)
    return {
        "name": draft.name,
        "workflow_id": draft.workflow.id,
        "kind": draft.kind,
        "source_id": draft.source_id,
        "button": draft.button,
        "condition": draft.condition,
        "mapping": draft.mapping,
        "is_enabled": draft.is_enabled,
        "owner_id": uow.actor.user_id if uow.actor else None,
    }


def _saved(uow: UnitOfWork, row: EventRule) -> RuleRow:
    row.updated_at = uow.ports.clock.now()
    uow.session.add(row)
    uow.session.flush()
    return to_rule_rows(uow, [row])[0]
