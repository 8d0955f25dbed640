"""The audit trail's recorder: what a unit of work changes in audited tables is noticed at each flush and told at its commit.

Services need not call anything for that. `record` adds what no row shows: a decision, a use, an export.
"""

import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm.base import NO_VALUE
from sqlmodel import Session

from app.core.audit_tables import Audited, audited_of
from app.core.redaction import Redactor
from engine.json import JsonObject
from models.user import UserSession
from models.workspace import Workspace

LONGEST = 200
HIDDEN = "(hidden)"
DONE, DENIED, FAILED = "done", "denied", "failed"
_REDACT = Redactor(max_depth=4)


@dataclass(slots=True)
class Note:
    """One thing to tell. `changes` are field -> [before, after]."""

    kind: str = ""
    resource_id: str = ""
    name: str = ""
    action: str = ""
    outcome: str = DONE
    changes: JsonObject = field(default_factory=dict[str, Any])
    note: str = ""
    workspace_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None  # whom the row is about; who acted, where nobody is signed in
    operation: str = ""  # created | changed | deleted | restored
    actor_kind: str = ""  # where it is not a person: run, visitor
    is_personal: bool = False  # told in every workspace of the person
    address: str = ""  # where the row knows it and the actor does not


class Trail:
    """What one unit of work has to tell. `deed` is the service that a person called, such as workflows.delete_workflow."""

    def __init__(self) -> None:
        self.deed = ""
        self.blamed: tuple[type, uuid.UUID] | None = None
        self._rows: dict[tuple[type, Any], Note] = {}
        self._notes: list[Note] = []
        self._words: dict[tuple[type, Any], str] = {}

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self._notes or self._rows)

    def name_deed(self) -> None:
        """Remember what was asked for: the service that the edge called, however deep the caller of this stands in it."""
        self.deed = self.deed or _service_above()

    def blame(self, model: type, row_id: uuid.UUID) -> None:
        """Remember what a refusal is about."""
        self.blamed = (model, row_id)

    def add(self, note: Note) -> None:
        """Tell this too."""
        self._notes.append(note)

    def explain(self, row: Any, words: str) -> None:
        """Say what a row is about, where neither its label nor its person tells it; only if the row has news."""
        self._words[type(row), row.id] = words[:LONGEST]

    def take(self) -> list[Note]:
        """Everything to tell, once; a row that ended as it began is not news."""
        for key, note in self._rows.items():
            note.note = note.note or self._words.get(key, "")
        rows = [note for note in self._rows.values() if note.operation != "changed" or note.changes]
        taken = [*rows, *self._notes]
        self._rows, self._notes, self._words = {}, [], {}
        return taken

    def notice(self, session: Session) -> None:
        """Called before each flush: read what is about to be written."""
        for row in session.new:
            if (table := audited_of(row)) is not None:
                self._tell(row, table, "created", {name: [None, getattr(row, name)] for name in table.columns})
        for row in session.dirty:
            if (table := audited_of(row)) is not None:
                self._tell(row, table, "changed", _differences(row, table))
        for row in session.deleted:
            if (table := audited_of(row)) is not None:
                self._tell(row, table, "deleted", {name: [getattr(row, name), None] for name in table.columns})

    def _tell(self, row: Any, table: Audited, operation: str, found: Mapping[str, list[Any]]) -> None:
        changes = {name: [_plain(name, before), _plain(name, after)] for name, (before, after) in found.items()}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1] or pair[0] == HIDDEN}
        if operation == "changed" and not changes:
            return
        key = (type(row), row.id)
        note = self._rows.get(key)
        if note is None:
            note = self._rows[key] = Note(kind=table.kind, resource_id=str(row.id), operation=operation, changes=changes)
        else:
            merged = {name: [note.changes.get(name, pair)[0], pair[1]] for name, pair in changes.items()}
            note.changes = {name: pair for name, pair in {**note.changes, **merged}.items() if pair[0] != pair[1] or pair[0] == HIDDEN}
            note.operation = operation if operation == "deleted" else note.operation
        if "deleted_at" in changes:
            note.operation = "deleted" if changes["deleted_at"][1] else "restored"
        note.workspace_id = row.id if isinstance(row, Workspace) else getattr(row, "workspace_id", None)
        note.name = str(getattr(row, table.label, "") or table.unnamed)[:LONGEST] if table.label else ""
        note.person_id = getattr(row, table.person) if table.person else None
        note.is_personal = table.is_personal
        note.address = row.address if isinstance(row, UserSession) else ""


def _service_above() -> str:
    """Area and name of the outermost service among the callers, such as workflows.delete_workflow; "" without one."""
    found = ""
    frame = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("app.services."):
            found = f"{module.split('.')[2]}.{frame.f_code.co_name.lstrip('_')}"
        frame = frame.f_back
    return found[:80]


def record(trail: Trail, *, kind: str, resource_id: object = "", name: str = "", **told: Any) -> None:
    """Tell of something that no audited row shows; `told` are further fields of Note."""
    changes = {key: [_plain(key, pair[0]), _plain(key, pair[1])] for key, pair in told.pop("changes", {}).items()}
    if not told.get("operation"):
        told["action"] = told.get("action") or _service_above()
    trail.add(Note(kind=kind, resource_id=str(resource_id), name=name[:LONGEST], changes=changes, **told))


def _differences(row: Any, table: Audited) -> dict[str, list[Any]]:
    state: Any = sa.inspect(row)
    found: dict[str, list[Any]] = {}
    for name in (*table.columns, *table.hidden):
        history = state.attrs[name].load_history()
        if not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        found[name] = [HIDDEN, HIDDEN] if name in table.hidden else [None if before is NO_VALUE else before, after]
    return found


def _plain(name: str, value: Any) -> Any:
    """A value as it is told: short, without secrets, in JSON."""
    if isinstance(value, datetime | uuid.UUID):
        return value.isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in cast(list[Any], value)[:20]]
    if value == HIDDEN or value is None or isinstance(value, bool | int):
        return value
    told = _REDACT.plain({name: value})[name]
    return told if isinstance(told, dict | float) else str(told)[:LONGEST]


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    trail = session.info.get("trail")
    if isinstance(trail, Trail):
        trail.notice(session)
