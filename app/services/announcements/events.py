"""The events that endpoints can subscribe to, and the payload each carries; announcing.py fills them, previews show samples."""

import json
from datetime import UTC, datetime
from typing import Any

from engine.json import JsonObject, JsonValue
from models.run import RunStatus

RUN_ENDED = {
    RunStatus.SUCCEEDED: "run.succeeded",
    RunStatus.FAILED: "run.failed",
    RunStatus.CANCELLED: "run.cancelled",
}
RUN_WAITING = "run.waiting"
APPROVAL_REQUESTED = "approval.requested"
APPROVAL_DECIDED = "approval.decided"
VERSION_NAMED = "workflow.version_named"
BUDGET_PASSED = "budget.passed"
TEST = "webhook.test"
EVENTS: dict[str, str] = {
    "run.succeeded": "A run came to its end",
    "run.failed": "A run failed",
    "run.cancelled": "A run was cancelled",
    RUN_WAITING: "A run waits for a person or a time",
    APPROVAL_REQUESTED: "An approval was asked for",
    APPROVAL_DECIDED: "An approval was decided",
    VERSION_NAMED: "A workflow's version was named",
    BUDGET_PASSED: "A budget is used to 80 or 100 %",
}
"""What can be subscribed to, with words for people; `webhook.test` is sent by hand."""

OUTPUT_BYTES = 64_000
_CAPS = ("cap_micros", "cap_tokens", "cap_ms", "cap_steps")
_SAMPLE_AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
_SAMPLE_RUN = "0198c3f0-1111-7bbb-8ccc-dddddddddddd"
_SAMPLE_WORKFLOW = "0198c3f0-2222-7bbb-8ccc-dddddddddddd"


def envelope(event: str, at: datetime, data: JsonObject) -> JsonObject:
    """The body as receivers get it: type, timestamp and data, as Standard Webhooks recommend."""
    return {"type": event, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}


def run_data(row: Any) -> JsonObject:
    """What is told of a run; `path` leads to its page."""
    return {
        "run_id": str(row.id),
        "title": row.title,
        "status": row.status,
        "workflow_id": str(row.workflow_id) if row.workflow_id else None,
        "trigger": row.trigger,
        "created_at": _iso(row.created_at),
        "started_at": _iso(row.started_at),
        "finished_at": _iso(row.finished_at),
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cost_micros": row.cost_micros,
        "path": f"/runs/{row.id}",
    }


def ended_data(row: Any) -> JsonObject:
    """A run with its result; a large one is left out and said to be."""
    output, is_cut = _fitting(row.output)
    error = {key: row.error.get(key) for key in ("code", "message", "node")} if row.error else None
    return {**run_data(row), "output": output, "output_truncated": is_cut, "error": error}


def budget_data(row: Any, used: JsonObject) -> JsonObject:
    """A budget that has passed a share of one of its caps: its row, and what is used by now (its own figures are older)."""
    told: JsonObject = {name: getattr(row, name) for name in ("scope", "subject", "period", *_CAPS)}
    return {**told, "run_id": None if row.run_id is None else str(row.run_id), **used, "path": _budget_path(row)}


def _budget_path(row: Any) -> str:
    paths = {"run": f"/runs/{row.run_id}", "agent": "/agents"}
    return paths.get(row.scope, "/settings/budgets")


def _fitting(output: JsonValue) -> tuple[JsonValue, bool]:
    return (None, True) if len(json.dumps(output)) > OUTPUT_BYTES else (output, False)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def sample_payload(event: str, *, now: datetime | None = None) -> JsonObject:
    """A made-up payload of this event, in the shape of real ones."""
    at = now or _SAMPLE_AT
    stamp = _iso(at)
    run: JsonObject = {
        "run_id": _SAMPLE_RUN,
        "title": "Refund request",
        "status": "running",
        "workflow_id": _SAMPLE_WORKFLOW,
        "trigger": "webhook",
        "created_at": stamp,
        "started_at": stamp,
        "finished_at": None,
        "input_tokens": 812,
        "output_tokens": 96,
        "cost_micros": 1450,
        "path": f"/runs/{_SAMPLE_RUN}",
    }
    if event == TEST:
        return envelope(event, at, {"message": "This is a test. Your endpoint works when it answers with a status from 200 to 299."})
    if event == VERSION_NAMED:
        data: JsonObject = {"workflow_id": _SAMPLE_WORKFLOW, "name": "Refund request", "version": 7, "version_name": "Spring release"}
        return envelope(event, at, data | {"path": f"/workflows/{_SAMPLE_WORKFLOW}"})
    if event == BUDGET_PASSED:
        budget: JsonObject = {"scope": "workspace", "subject": "", "run_id": None, "period": "day", "period_start": "2026-03-03"}
        caps: JsonObject = dict.fromkeys(_CAPS) | {"cap_micros": 5_000_000}
        spent: JsonObject = {"spent_micros": 4_000_000, "spent_tokens": 812_000, "spent_ms": 95_000, "spent_steps": 240}
        return envelope(event, at, {**budget, **caps, **spent, "percent": 80, "path": "/settings/budgets"})
    if event in (APPROVAL_REQUESTED, APPROVAL_DECIDED):
        approval: JsonObject = {"approval_id": _SAMPLE_WORKFLOW, "node": "ask", "title": "Refund 120 euros?", "expires_at": None}
        if event == APPROVAL_DECIDED:
            approval |= {"button": "approve", "note": "", "decided_by": "Mia"}
        return envelope(event, at, {**run, "status": "waiting", "approval": approval})
    if event == RUN_WAITING:
        return envelope(event, at, {**run, "status": "waiting", "waiting_for": "Waiting for a decision: “Refund?”."})
    status = event.partition(".")[2]
    error = {"code": "http_status", "message": "The other side answered 500.", "node": "charge"} if status == "failed" else None
    output = {"refunded": True} if status == "succeeded" else None
    ended = {**run, "status": status, "finished_at": stamp, "output": output, "output_truncated": False, "error": error}
    return envelope(event, at, ended)
