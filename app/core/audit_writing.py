"""From a unit of work's trail to the chain: who acted, from where, in which workspace; app.wiring calls it at each commit."""

import uuid
from typing import Any

import sqlalchemy as sa

from app.core.audit import DENIED, Note, Trail
from app.core.audit_chain import append
from app.core.audit_tables import AUDITED
from app.core.errors import AppError
from app.core.redaction import Redactor
from app.core.uow import UnitOfWork
from engine.json import clean_text
from models.user import User
from models.workspace import Membership

_REDACT = Redactor()
_users: sa.Table = User.__table__  # type: ignore[attr-defined]
_memberships: sa.Table = Membership.__table__  # type: ignore[attr-defined]


def write_trail(uow: UnitOfWork) -> None:
    """Append what the unit has to tell, in its own transaction: it is told if and only if it happened."""
    by_workspace: dict[uuid.UUID, list[Note]] = {}
    notes = uow.trail.take()
    gone = {note.workspace_id for note in notes if note.kind == "workspace" and note.operation == "deleted"}
    for note in notes:
        for workspace_id in _places(uow, note):
            if workspace_id not in gone:
                by_workspace.setdefault(workspace_id, []).append(note)
    if not by_workspace:
        return
    names = _names(uow, [note for notes in by_workspace.values() for note in notes])
    connection = uow.session.connection()
    for workspace_id in sorted(by_workspace, key=str):  # one order, so that two units never wait for each other
        entries = [_entry(uow, note, names) for note in by_workspace[workspace_id]]
        append(connection, uow.ports.box, workspace_id, entries)


def _places(uow: UnitOfWork, note: Note) -> set[uuid.UUID]:
    """The workspaces that a note belongs to: its own, the actor's, or for an account all of its person."""
    if note.is_personal and note.person_id:
        mine = sa.select(_memberships.c.workspace_id).where(_memberships.c.user_id == note.person_id)
        return set(uow.session.connection().execute(mine).scalars())
    own = note.workspace_id or (uow.actor.workspace_id if uow.actor else None)
    return {own} if own else set()


def tell_denial(uow: UnitOfWork, *, refused: Trail, error: AppError) -> None:
    """Note that the actor was refused, what was asked for, and for which thing where the refusing unit knew it."""
    uow.trail.deed = refused.deed
    note = Note(outcome=DENIED, note=_REDACT.text(error.message)[:500])
    if refused.blamed is not None:
        _name_blamed(uow, note, *refused.blamed)
    uow.trail.add(note)


def _name_blamed(uow: UnitOfWork, note: Note, model: type, row_id: uuid.UUID) -> None:
    """Say what kind of thing it was and, where it is one of the actor's workspace, its name: who reads the trail may see all of that."""
    told = AUDITED.get(model)
    if told is None:
        return
    note.kind, note.resource_id = told.kind, str(row_id)
    if told.label:
        columns = model.__table__.c  # type: ignore[attr-defined]
        wanted = sa.select(columns[told.label]).where(columns.id == row_id, columns.workspace_id == uow.workspace_id)
        note.name = str(uow.session.connection().execute(wanted).scalar() or "")


def _entry(uow: UnitOfWork, note: Note, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    actor = uow.actor
    who = actor.user_id if actor else note.person_id
    is_known = note.actor_kind != "visitor"  # who did not prove to be the person is not told as the person
    kind = "key" if actor and actor.key_id else "console" if actor and actor.via == "console" else "person" if who else "system"
    address = actor.address if actor else note.address
    about = names.get(note.person_id, "") if note.person_id else ""
    return {
        "at": uow.ports.clock.now(),
        "actor_id": who if is_known else None,
        "actor_name": names.get(who, "")[:200] if who and is_known else "",
        "actor_kind": note.actor_kind or kind,
        "via": actor.via if actor else "",
        "address": address[:64],
        "action": (note.action or uow.trail.deed or f"{note.kind}.{note.operation}".strip("."))[:80],
        "outcome": note.outcome,
        "kind": note.kind[:40],
        "resource_id": note.resource_id[:64],
        "name": clean_text(note.name if note.name and note.kind != "session" else about or note.name)[:200],
        "changes": note.changes,
        "note": clean_text(note.note)[:500],
    }


def _names(uow: UnitOfWork, notes: list[Note]) -> dict[uuid.UUID, str]:
    wanted = {note.person_id for note in notes if note.person_id} | ({uow.actor.user_id} if uow.actor else set())
    if not wanted:
        return {}
    rows = uow.session.connection().execute(sa.select(_users.c.id, _users.c.name).where(_users.c.id.in_(wanted)))
    return {row.id: row.name for row in rows}
