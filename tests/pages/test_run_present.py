"""What the run page, the run list and decision cards show for a view."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.views.runs import ApprovalCard, RunRow, Said, StepDetail, StepRow
from pages.approvals.present import approval_item
from pages.run.present import labels_of, step_items, step_panel, telling_entries
from pages.runs.present import run_item

NOW = datetime(2026, 5, 1, tzinfo=UTC)
WORKFLOW = {"nodes": [{"id": "ask", "kind": "approval", "label": "Ask a person"}, {"id": "draft_reply", "kind": "agent", "label": ""}]}
STEP: dict[str, Any] = {"attempt": 1, "port": "out", "duration_ms": 1500.0, "input_tokens": 10, "output_tokens": 5, "cost_micros": 0}
RUN: dict[str, Any] = {
    "kind": "workflow",
    "title": "Triage",
    "status": "waiting",
    "waiting_for": "Waits for a decision.",
    "workflow_id": None,
    "conversation_id": None,
    "origin_run_id": None,
    "created_at": NOW,
    "started_at": NOW,
    "finished_at": None,
    "duration_ms": 61_000.0,
    "input_tokens": 1000,
    "output_tokens": 200,
    "cost_micros": 0,
    "started_by": "Ada",
    "error_message": "boom",
}


def step(node: str, status: str, *, iteration: str = "", after_s: float = 0, **more: Any) -> StepRow:
    started = None if status == "skipped" else NOW + timedelta(seconds=after_s)
    return StepRow(node=node, iteration=iteration, status=status, started_at=started, finished_at=None, **{**STEP, **more})


def row(**more: Any) -> RunRow:
    return RunRow(id=uuid.uuid4(), **{**RUN, **more})


def test_a_waiting_run_tells_why_it_waits() -> None:
    item = run_item(row(waited_ms=60_000.0), now=NOW)
    assert (item.note, item.duration, item.waited, item.tokens) == ("Waits for a decision.", "1.0 s", "1 min", "1.2k")


def test_a_failed_run_tells_what_failed() -> None:
    item = run_item(row(status="failed"), now=NOW)
    assert (item.note, item.duration) == ("boom", "1 min 1 s")


def test_steps_stand_in_the_order_they_began_and_skipped_ones_last() -> None:
    items = step_items([step("b", "skipped"), step("ask", "done", after_s=2), step("draft_reply", "done", after_s=1)], labels_of(WORKFLOW))
    assert [item.label for item in items] == ["Agent", "Ask a person", "b"]


def test_a_nested_step_names_its_item_counted_from_one() -> None:
    assert step_items([step("a", "done", iteration="3/0")], labels_of(WORKFLOW))[0].part == "item 4 · item 1"
    containers = [{"id": "l", "kind": "loop"}, {"id": "r", "kind": "region", "parent": "l"}, {"id": "m", "kind": "map", "parent": "r"}]
    inside = labels_of({"nodes": [*containers, {"id": "a", "kind": "llm", "parent": "m"}]})
    assert step_items([step("a", "done", iteration="3/0~2")], inside)[0].part == "pass 4 · item 1, try 2"


def test_a_conversation_between_agents_is_shown_with_names() -> None:
    said = (Said("user", "lead", "Refund?"), Said("lead", "billing_desk", "Do it."))
    panel = step_panel(StepDetail(step("a", "done"), {}, {}, said), labels_of(WORKFLOW))
    assert [(item.sender, item.receiver, item.is_person) for item in panel.transcript] == [
        ("Workflow", "Lead", True),
        ("Lead", "Billing desk", False),
    ]


def test_settings_name_agents_as_people_do_and_keep_the_key_of_one_that_is_gone() -> None:
    given = {"agent": "lead", "agents": ["billing_desk", "gone"], "message": "lead"}
    detail = StepDetail(step("a", "done"), given, {}, agents={"lead": "Team lead", "billing_desk": "Billing desk"})
    shown = step_panel(detail, labels_of(WORKFLOW)).inputs
    assert shown == {"agent": "Team lead", "agents": ["Billing desk", "gone"], "message": "lead"}


def test_figures_leave_out_what_is_nothing() -> None:
    assert step_items([step("a", "done", input_tokens=0, output_tokens=0)], labels_of(WORKFLOW))[0].figures == "1.5 s"


def test_a_failed_step_shows_its_code_and_message() -> None:
    detail = StepDetail(step("a", "failed", error={"code": "http_status", "message": "404"}), {"url": "x"}, None)
    panel = step_panel(detail, labels_of(WORKFLOW))
    assert (panel.error_title, panel.error, panel.has_output) == ("HTTP status", "404", False)


def test_a_decided_approval_shows_the_label_of_the_answer_and_offers_no_buttons() -> None:
    request = {"message": "Refund?", "buttons": [{"id": "yes", "label": "Approve"}], "fields": [{"name": "amount", "type": "number"}]}
    card = ApprovalCard(
        uuid.uuid4(), uuid.uuid4(), "Triage", "ask", "", "", request, "decided", NOW, None, button="yes", decided_by="Ada", decided_at=NOW
    )
    item = approval_item(card, now=NOW)
    assert (item.answer, item.can_decide, item.fields[0].title, item.decided) == ("Approve", False, "Amount", "Ada just now")


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, ("Waits for a decision.", False, 0, "")),
        ({"waiting_since": NOW - timedelta(minutes=3)}, ("Waits for a decision.", True, 180_000, "")),
        (
            {"waiting_since": NOW - timedelta(seconds=5), "wake_at": NOW + timedelta(minutes=20)},
            ("Waits for a decision.", True, 5_000, "Goes on in 20 min at the latest."),
        ),
        ({"status": "queued", "ahead": 2}, ("Waits for a decision. 2 runs are before it.", False, 0, "")),
        ({"status": "running", "waiting_since": None, "waiting_for": ""}, ("", False, 0, "")),
    ],
)
def test_a_wait_tells_its_reason_how_long_it_has_taken_and_when_it_ends(facts: dict[str, Any], told: tuple[str, bool, int, str]) -> None:
    item = run_item(row(**facts), now=NOW)
    assert (item.note, item.waits, item.waits_ms, item.wakes) == told


def test_of_several_entries_one_that_failed_tells_most_else_the_first() -> None:
    rows = [
        StepRow("a", each, status, 1, "out", None, None, 5.0, 0, 0, 0) for each, status in (("0", "done"), ("1", "failed"), ("2", "failed"))
    ]
    assert telling_entries(rows) == {"a": "1"}
    assert telling_entries(rows[:1]) == {"a": "0"}
