"""From a unit of work's trail to the chain: who acted, from where, in which workspace; app.wiring calls it at each commit."""

import uuid
from typing import Any

import sqlalchemy as sa

from app.core.audit import DENIED, Note
from app.core.audit_chain import append
from app.core.errors import AppError
from app.core.redaction import Redactor
from app.core.uow import UnitOfWork
from engine.json import clean_text
from models.user import User

_REDACT = Redactor()
_users: sa.Table = User.__table__  # type: ignore[attr-defined]


def write_trail(uow: UnitOfWork) -> None:
    """Append what the unit has to tell, in its own transaction: it is told if and only if it happened."""
    by_workspace: dict[uuid.UUID, list[Note]] = {}
    notes = uow.trail.take()
    gone = {note.workspace_id for note in notes if note.kind == "workspace" and note.operation == "deleted"}
    for note in notes:
        workspace_id = note.workspace_id or (uow.actor.workspace_id if uow.actor else None)
        if workspace_id is not None and workspace_id not in gone:
            by_workspace.setdefault(workspace_id, []).append(note)
    if not by_workspace:
        return
    names = _names(uow, [note for notes in by_workspace.values() for note in notes])
    connection = uow.session.connection()
    for workspace_id in sorted(by_workspace, key=str):  # one order, so that two units never wait for each other
        entries = [_entry(uow, note, names) for note in by_workspace[workspace_id]]
        append(connection, uow.ports.box, workspace_id, entries)


def tell_denial(uow: UnitOfWork, *, deed: str, error: AppError) -> None:
    """Note that the actor was refused."""
    uow.trail.deed = deed
    uow.trail.add(Note(outcome=DENIED, note=_REDACT.text(error.message)[:500]))


def _entry(uow: UnitOfWork, note: Note, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    actor = uow.actor
    who = actor.user_id if actor else note.person_id
    kind = "key" if actor and actor.key_id else "console" if actor and actor.via == "console" else "person" if who else "system"
    address = actor.address if actor else note.address
    about = names.get(note.person_id, "") if note.person_id else ""
    return {
        "at": uow.ports.clock.now(),
        "actor_id": who,
        "actor_name": names.get(who, "")[:200] if who else "",
        "actor_kind": note.actor_kind or kind,
        "via": actor.via if actor else "",
        "address": address[:64],
        "action": (note.action or uow.trail.deed or f"{note.kind}.{note.operation}")[:80],
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
