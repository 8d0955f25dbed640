"""What templates and conditions of a rule may say: `event`, with the run, approval or version it is about."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from engine.json import JsonObject
from models.event_rule import Fact, FactKind
from models.run import Approval, Run
from models.user import User
from models.workflow import Workflow, WorkflowVersion

RUN = ("id", "title", "status", "inputs", "output", "error", "started_at", "finished_at", "input_tokens", "output_tokens", "cost_micros")
APPROVAL = ("id", "title", "node", "button", "note", "values", "decided_by", "decided_at")
VERSION = ("id", "number", "name", "note")
_RUN_KINDS = (FactKind.RUN_SUCCEEDED, FactKind.RUN_FAILED, FactKind.RUN_CANCELLED, "run_ended")


def known_names(kind: str) -> dict[str, tuple[str, ...]]:
    """`event.<name>` -> what it holds, for a kind of event."""
    names: dict[str, tuple[str, ...]] = {"kind": (), "at": (), "workflow": ("id", "name")}
    if kind in (*_RUN_KINDS, FactKind.APPROVAL_DECIDED):
        names["run"] = RUN
    if kind == FactKind.APPROVAL_DECIDED:
        names["approval"] = APPROVAL
    if kind == FactKind.VERSION_NAMED:
        names["version"] = VERSION
    return names


def build_scope(session: Session, fact: Fact) -> JsonObject:
    """The scope of a fact as things stand now."""
    workflow = session.get(Workflow, fact.workflow_id) if fact.workflow_id else None
    event: JsonObject = {
        "kind": fact.kind,
        "at": _stamp(fact.created_at),
        "workflow": {"id": str(fact.workflow_id or ""), "name": workflow.name if workflow else ""},
    }
    if fact.run_id is not None:
        event["run"] = _picked(session.get(Run, fact.run_id), RUN)
    if fact.approval_id is not None:
        event["approval"] = _approval(session, session.get(Approval, fact.approval_id))
    if fact.version_id is not None:
        event["version"] = _picked(session.get(WorkflowVersion, fact.version_id), VERSION)
    return {"event": event}


def _approval(session: Session, row: Approval | None) -> JsonObject:
    told = _picked(row, APPROVAL)
    person = session.get(User, row.decided_by) if row is not None and row.decided_by else None
    return {**told, "decided_by": person.name if person else ""}


def _picked(row: Any, names: tuple[str, ...]) -> JsonObject:
    return {name: _plain(getattr(row, name)) for name in names} if row is not None else {}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _stamp(value)
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
