"""Turns event rules into what their pages show."""

from dataclasses import dataclass
from datetime import datetime

from app.views.rules import RuleFireRow, RuleRow
from app.views.words import ago, stamp
from pages.triggers.present import RUN_WORDS

EVENTS = {
    "run_ended": "A run ends",
    "run_succeeded": "A run succeeds",
    "run_failed": "A run fails",
    "run_cancelled": "A run is stopped",
    "version_named": "A workflow is published (a version gets a name)",
    "approval_decided": "An approval is decided",
}
_OUTCOMES = {
    "started": ("Started", "running"),
    "skipped": ("Passed over", "skipped"),
    "failed": ("Not started", "failed"),
    "refused": ("Refused", "failed"),
}


@dataclass(frozen=True)
class RuleItem:
    """One line of the list; `status` is active, paused or off."""

    id: str
    href: str
    name: str
    when: str
    source: str
    workflow: str
    workflow_href: str
    status: str
    note: str
    last_words: str
    last_status: str
    last_at: str


@dataclass(frozen=True)
class RuleFireItem:
    """What became of one event."""

    id: str
    at: str
    at_full: str
    event: str
    about: str
    about_href: str
    words: str
    status: str
    note: str
    href: str


def rule_item(row: RuleRow, *, now: datetime) -> RuleItem:
    """Present one rule."""
    words, status = _outcome(row.last) if row.last else ("", "")
    return RuleItem(
        id=str(row.id),
        href=f"/triggers/events/{row.id}",
        name=row.name,
        when=EVENTS.get(row.kind, row.kind),
        source=row.source or "of any workflow",
        workflow=row.workflow or "Deleted workflow",
        workflow_href="" if row.is_workflow_deleted else f"/workflows/{row.workflow_id}",
        status="off" if row.disabled_reason else "active" if row.is_enabled else "paused",
        note=row.disabled_reason,
        last_words=words,
        last_status=status,
        last_at=ago(row.last.at, now=now) if row.last else "",
    )


def rule_fire_item(fire: RuleFireRow, *, now: datetime) -> RuleFireItem:
    """Present what became of one event."""
    words, status = _outcome(fire)
    return RuleFireItem(
        id=str(fire.id),
        at=ago(fire.at, now=now),
        at_full=stamp(fire.at),
        event=EVENTS.get(fire.kind, fire.kind),
        about=fire.source_title,
        about_href=f"/runs/{fire.source_run_id}" if fire.source_run_id else "",
        words=words,
        status=status,
        note=fire.reason,
        href=f"/runs/{fire.run_id}" if fire.run_id else "",
    )


def _outcome(fire: RuleFireRow) -> tuple[str, str]:
    if fire.outcome == "started" and fire.run_status:
        return RUN_WORDS.get(fire.run_status, fire.run_status.capitalize()), fire.run_status
    return _OUTCOMES.get(fire.outcome, (fire.outcome, "skipped"))
