"""The audit trail for people: filtered, searched, page by page, and as a file."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.audit_chain import KEPT_DAYS
from app.core.csv_text import write_csv
from app.core.days import span_of
from app.core.errors import Invalid
from app.core.permissions import Permission, permissions_of, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.views.audit import AuditFile, AuditFilters, AuditPage, AuditRow
from engine.json import as_object
from models.audit import AuditEntry, AuditHead
from models.ids import parse_id
from models.user import DELETED, User

PAGE = 50
WORDS = {
    "": "Ask for something",
    "session.created": "Sign in",
    "accounts.sign_in": "Sign in",
    "accounts.sign_out": "Sign out",
    "account.changed": "Change account",
    "linked sign-in.created": "Link a sign-in",
    "linked sign-in.deleted": "Unlink a sign-in",
    "credentials.note_trial": "Test credential",
    "runs.decide_approval": "Decide",
    "account.created": "Create account",
    "accounts.begin_totp": "Set up two-factor sign-in",
    "accounts.enable_totp": "Turn on two-factor sign-in",
    "accounts.disable_totp": "Turn off two-factor sign-in",
    "accounts.renew_recovery_codes": "Make recovery codes",
    "accounts.pass_second_factor": "Enter the second factor",
    "accounts.rename_myself": "Change own name",
    "accounts.revoke_session": "Sign out a session",
    "accounts.revoke_other_sessions": "Sign out all other sessions",
    "agents.blank_agent": "Begin an agent",
    "access.create_api_key": "Create API key",
    "access.revoke_api_key": "Revoke API key",
    "audit.list_entries": "Read the audit trail",
}
LOOKS = ("get_", "list_", "describe_", "find_", "count_")  # services that only look
MOST_EXPORTED = 100_000
FIELDS = ("person", "action", "kind", "outcome", "resource", "since", "until", "search")
_entries: sa.Table = AuditEntry.__table__  # type: ignore[attr-defined]
_entry: Any = _entries.c
_users: sa.Table = User.__table__  # type: ignore[attr-defined]


def list_entries(uow: UnitOfWork, *, filters: object = None, cursor: object = "", limit: int = PAGE) -> AuditPage:
    """Entries that fit, newest first. `filters` may hold person, action, kind, outcome, resource, since, until (days), search."""
    require(uow, Permission.READ_AUDIT)
    query = _matching(uow, filters)
    total = uow.session.connection().execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    below = cursor if isinstance(cursor, str) and cursor.isdecimal() and len(cursor) < 12 else ""
    if below:
        query = query.where(_entry.seq < int(below))
    size = max(1, min(int(limit), 200))
    rows = list(uow.session.exec(query.order_by(_entry.seq.desc()).limit(size + 1)))
    more = str(rows[size - 1].seq) if len(rows) > size else ""
    head = uow.session.get(AuditHead, uow.workspace_id)
    can_manage = Permission.MANAGE_WORKSPACE in permissions_of(uow.actor)
    return AuditPage(tuple(as_told(uow, map(row_view, rows[:size]))), more, total, head.retention_days if head else KEPT_DAYS, can_manage)


def get_entry(uow: UnitOfWork, *, seq: object) -> AuditRow | None:
    """One entry by its number, or None where there is none (any more)."""
    require(uow, Permission.READ_AUDIT)
    number = int(seq) if isinstance(seq, int | str) and str(seq).isdecimal() and len(str(seq)) < 12 else 0
    row = uow.session.exec(uow.scoped(AuditEntry).where(AuditEntry.seq == number)).first()
    return next(iter(as_told(uow, [row_view(row)]))) if row else None


def list_filters(uow: UnitOfWork) -> AuditFilters:
    """The people, actions and kinds that occur."""
    require(uow, Permission.READ_AUDIT)
    connection, mine = uow.session.connection(), _entry.workspace_id == uow.workspace_id
    names = sa.func.coalesce(sa.func.max(_users.c.name), sa.func.max(_entry.actor_name))  # as people are called now
    known = _entries.outerjoin(_users, _users.c.id == _entry.actor_id)
    named = sa.select(_entry.actor_id, names).select_from(known).where(mine, _entry.actor_id.is_not(None)).group_by(_entry.actor_id)
    people = sorted(((str(row[0]), row[1] or "Somebody") for row in connection.execute(named)), key=lambda one: one[1].lower())
    actions = connection.execute(sa.select(_entry.action).where(mine).distinct().order_by(_entry.action)).scalars()
    kinds = connection.execute(sa.select(_entry.kind).where(mine, _entry.kind != "").distinct().order_by(_entry.kind)).scalars()
    return AuditFilters(tuple(people), tuple((one, words_of(one)) for one in actions), tuple((one, one.capitalize()) for one in kinds))


def export_entries(uow: UnitOfWork, *, filters: object = None, file_format: object = "csv") -> AuditFile:
    """What fits as CSV or JSON, oldest first; that somebody took it along is recorded too."""
    require(uow, Permission.READ_AUDIT)
    if file_format not in ("csv", "json"):
        raise Invalid("Choose csv or json.", fields={"file_format": "Choose csv or json."})
    rows = uow.session.exec(_matching(uow, filters).order_by(_entry.seq.desc()).limit(MOST_EXPORTED))
    told = [asdict(row) for row in as_told(uow, map(row_view, rows))][::-1]
    table = write_csv(tuple(AuditRow.__dataclass_fields__), (tuple(row.values()) for row in told)) if file_format == "csv" else ""
    text = table or "[\n" + ",\n".join(json.dumps(row, default=_json) for row in told) + "\n]\n"
    record(uow.trail, kind="audit trail", note=f"{len(told)} entries as {str(file_format).upper()}")
    name = f"audit-{uow.ports.clock.now():%Y-%m-%d}.{file_format}"
    return AuditFile(name, "text/csv" if file_format == "csv" else "application/json", text)


def as_told(uow: UnitOfWork, rows: Iterable[AuditRow]) -> Iterator[AuditRow]:
    """The same without the names of people who have deleted their accounts; the chain keeps what was sealed into it."""
    gone = {str(one) for one in _gone(uow)}
    return (replace(row, actor_name=DELETED) if row.actor_id in gone else row for row in rows)


def _gone(uow: UnitOfWork) -> set[uuid.UUID]:
    """Those among the actors of this workspace's trail."""
    actors = sa.select(_entry.actor_id).where(_entry.workspace_id == uow.workspace_id)
    return set(uow.session.exec(select(User.id).where(col(User.deleted_at).is_not(None), col(User.id).in_(actors))))


def row_view(row: AuditEntry) -> AuditRow:
    """An entry as people see it."""
    told = {name: getattr(row, name) for name in AuditRow.__dataclass_fields__ if name not in ("what", "actor_id")}
    return AuditRow(what=words_of(row.action), actor_id=str(row.actor_id or ""), **told)


def words_of(action: str) -> str:
    """`workflows.delete_workflow` reads "Delete workflow"; `schedule.changed` reads "Schedule changed"."""
    if action in WORDS:
        return WORDS[action]
    area, _, verb = action.partition(".")
    if look := next((prefix for prefix in LOOKS if verb.startswith(prefix)), ""):
        return f"Look at {verb.removeprefix(look).replace('_', ' ')}"
    text = verb if "_" in verb or verb not in ("created", "changed", "deleted", "restored") else f"{area} {verb}"
    return text.replace("_", " ").strip().capitalize() or action


def _matching(uow: UnitOfWork, filters: object) -> Any:
    given = as_object(filters) or {}
    unknown = [name for name in given if name not in FIELDS]
    if unknown:
        raise Invalid("There is no such filter.", fields={str(unknown[0])[:40]: f"Choose from: {', '.join(FIELDS)}."})
    return select(AuditEntry).where(_entry.workspace_id == uow.workspace_id, *_conditions(given))


def _conditions(given: Mapping[str, Any]) -> Iterator[Any]:
    exact = (("action", _entry.action), ("kind", _entry.kind), ("outcome", _entry.outcome), ("resource", _entry.resource_id))
    for name, column in exact:
        if value := given.get(name):
            yield column == search_words(value)
    if given.get("person"):
        yield _entry.actor_id == parse_id(given["person"])
    first, after = span_of(given.get("since"), given.get("until"))
    if first is not None:
        yield _entry.at >= first
    if after is not None:
        yield _entry.at < after
    words = search_words(given.get("search", ""))
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        searched = (_entry.name, _entry.actor_name, _entry.note, _entry.action, _entry.resource_id, _entry.address)
        yield sa.or_(*(column.ilike(pattern, escape="\\") for column in searched))


def _json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
