"""The fold that draws a run on the canvas."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.core.ports import LiveUpdate
from app.views.overlay import Overlay
from app.views.runs import EventRow, StepRow

AT = datetime(2026, 1, 1, tzinfo=UTC)
NOW = AT + timedelta(seconds=90)


def event(kind: str, node: str | None = "a", iteration: str = "", **payload: object) -> EventRow:
    return EventRow(seq=1, type=kind, node=node, iteration=iteration, at=AT, payload=payload)


def live(delta: str, iteration: str = "", kind: str = "text") -> LiveUpdate:
    return LiveUpdate("1", kind, "a", iteration, {"delta": delta})


def status(overlay: Overlay, node: str = "a") -> str:
    return overlay.badges()[node]["status"]


def test_a_node_goes_from_running_to_done_with_its_figures() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_started"))
    assert status(overlay) == "running"
    overlay.apply(event("node_finished", ms=12.34, port="yes", usage={"input_tokens": 3, "output_tokens": 4, "cost_micros": 5}))
    badge = overlay.badges()["a"]
    assert (badge["status"], badge["ms"], badge["tokens"], badge["cost_micros"], badge["port"]) == ("done", 12.3, 7, 5, "yes")


def test_a_retry_shows_as_waiting_and_success_clears_the_error() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_failed", error={"message": "busy"}, retry_at="2026-01-01T00:00:05Z"))
    assert (status(overlay), overlay.badges()["a"]["error"]) == ("waiting", "busy")
    overlay.apply(event("node_finished"))
    assert (status(overlay), overlay.badges()["a"]["error"]) == ("done", "")


def test_iterations_are_counted_and_a_running_one_wins() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_finished", iteration="0"))
    overlay.apply(event("node_started", iteration="1"))
    badge = overlay.badges()["a"]
    assert (badge["status"], badge["done"], badge["total"]) == ("running", 1, 2)


def test_text_is_kept_only_while_the_node_runs() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.take_live(live("late"))
    assert overlay.badges() == {}
    overlay.apply(event("node_started"))
    overlay.take_live(live("hello"))
    assert overlay.badges()["a"]["text"] == "hello"
    overlay.apply(event("node_finished"))
    assert overlay.badges()["a"]["text"] == ""


def test_of_several_entries_at_work_the_text_of_one_is_shown_then_that_of_another() -> None:
    overlay = Overlay(now=lambda: NOW)
    for iteration in ("0", "1"):
        overlay.apply(event("node_started", iteration=iteration))
    for word in ("the ", "card"):
        overlay.take_live(live(word, "0"))
        overlay.take_live(live("we ", "1"))
    assert overlay.badges()["a"]["text"] == "the card"
    overlay.apply(event("node_finished", iteration="0"))
    assert overlay.badges()["a"]["text"] == ""
    overlay.take_live(live("deliver", "1"))
    overlay.take_live(live("late", "0"))
    assert overlay.badges()["a"]["text"] == "deliver"
    overlay.apply(event("node_cancelled", iteration="1"))
    assert overlay.badges()["a"]["text"] == ""


def test_what_is_inside_counts_to_the_length_of_the_list_and_a_stopped_one_does_not_look_done() -> None:
    overlay = Overlay(now=lambda: NOW, parents={"a": "each"})
    overlay.apply(event("node_started", node="each", inputs={"items": [1, 2, 3, 4, 5]}))
    overlay.apply(event("node_finished", iteration="0"))
    overlay.apply(event("node_finished", iteration="1"))
    overlay.apply(event("node_started", iteration="2"))
    badge = overlay.badges()["a"]
    assert (badge["status"], badge["done"], badge["total"]) == ("running", 2, 5)
    overlay.apply(event("node_cancelled", iteration="2"))
    assert overlay.badges()["a"]["done"] == 2
    overlay.apply(event("node_cancelled", node="each"))
    badge = overlay.badges()["a"]
    assert (badge["status"], badge["done"], badge["total"]) == ("cancelled", 2, 5)


def test_a_container_that_learns_late_which_steps_are_its_own_counts_them() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_started", node="each", inputs={"items": [1, 2, 3]}))
    overlay.apply(event("node_finished", iteration="0"))
    assert overlay.badges()["a"]["total"] == 1
    overlay.parents = {"a": "each"}
    assert overlay.badges()["a"]["total"] == 3


def test_a_badge_stays_the_same_object_until_its_node_changes() -> None:
    overlay = Overlay([StepRow("a", "", "done", 1, "out", AT, AT, 5.0, 1, 1, 0)], now=lambda: NOW)
    first = overlay.badges()["a"]
    overlay.apply(event("run_succeeded", node=None))
    assert overlay.badges()["a"] is first
    overlay.apply(event("node_started", iteration="1"))
    assert overlay.badges()["a"] is not first


def test_a_step_that_runs_tells_how_long_it_does_so_far() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_started"))
    assert overlay.badges()["a"]["so_far"] == 90_000
    stored = Overlay([StepRow("a", "", "running", 1, None, AT, None, 4_000.0, 0, 0, 0)], now=lambda: NOW)
    badge = stored.badges()["a"]
    assert (badge["so_far"], badge["ms"]) == (4_000, 0.0)


def test_a_step_that_was_stopped_shows_what_it_had_worked_but_not_what_it_had_waited() -> None:
    later = replace(event("node_cancelled"), at=AT + timedelta(seconds=7))
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_started"))
    overlay.apply(later)
    badge = overlay.badges()["a"]
    assert (badge["status"], badge["ms"], badge["so_far"]) == ("cancelled", 7_000.0, 0)
    waiting = Overlay(now=lambda: NOW)
    waiting.apply(event("node_started"))
    waiting.apply(event("node_waiting", reason="approval"))
    waiting.apply(later)
    badge = waiting.badges()["a"]
    assert (badge["ms"], badge["waited"]) == (0.0, 7_000)


def at(seconds: float, kind: str, iteration: str, **payload: object) -> EventRow:
    return replace(event(kind, "a", iteration, **payload), at=AT + timedelta(seconds=seconds))


def test_the_time_of_several_entries_is_that_from_the_first_start_to_the_last_end() -> None:
    overlay = Overlay(now=lambda: NOW)
    for one in (at(0, "node_started", "0"), at(1, "node_started", "1"), at(4, "node_finished", "0", ms=4_000.0)):
        overlay.apply(one)
    assert overlay.badges()["a"]["so_far"] == 90_000
    overlay.apply(at(6, "node_finished", "1", ms=5_000.0))
    badge = overlay.badges()["a"]
    assert (badge["ms"], badge["so_far"], badge["done"], badge["word"]) == (6_000.0, 0, 2, "times")
    ends = {"0": 4, "1": 6}
    rows = [
        StepRow("a", one, "done", 1, None, AT + timedelta(seconds=int(one)), AT + timedelta(seconds=end), 1.0, 0, 0, 0)
        for one, end in ends.items()
    ]
    assert Overlay(rows, now=lambda: NOW).badges()["a"]["ms"] == 6_000.0


def test_what_an_interrupted_entry_has_spent_counts_and_nothing_counts_twice() -> None:
    usage = {"input_tokens": 30, "output_tokens": 10, "cost_micros": 7}
    call = {"type": "model_call", "usage": usage}
    overlay = Overlay(now=lambda: NOW)
    for entry in ("0", "1"):
        overlay.apply(at(0, "node_started", entry))
        overlay.apply(at(1, "node_progress", entry, fact=call))
    assert overlay.badges()["a"]["tokens"] == 80
    overlay.apply(at(1, "node_progress", "1", fact={"type": "printed", "text": "x"}))
    overlay.apply(at(2, "node_finished", "0", usage=usage))
    overlay.apply(at(2, "node_cancelled", "1", reason="stopped"))
    badge = overlay.badges()["a"]
    assert (badge["tokens"], badge["cost_micros"]) == (80, 14)


def test_an_effect_of_unknown_outcome_has_its_own_status() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_waiting", reason="unknown_effect"))
    assert status(overlay) == "unknown"


def test_a_failure_after_which_the_run_went_on_has_its_own_status_live_and_afterwards() -> None:
    overlay = Overlay(now=lambda: NOW)
    overlay.apply(event("node_failed", error={"message": "no such host"}, handled="default"))
    badge = overlay.badges()["a"]
    assert (badge["status"], badge["port"], badge["error"]) == ("handled", "out", "no such host")
    overlay.apply(event("node_failed", iteration="1", error={"message": "broken"}, handled="fail"))
    assert status(overlay) == "failed"
    stored = Overlay([StepRow("a", "", "failed", 1, "error", AT, AT, 5.0, 1, 1, 0)], now=lambda: NOW)
    assert status(stored) == "handled"


def test_a_container_shows_no_time_of_its_own_when_it_is_done() -> None:
    overlay = Overlay(now=lambda: NOW, parents={"inner": "a"})
    overlay.apply(event("node_started"))
    assert overlay.badges()["a"]["so_far"] == 90_000
    overlay.apply(event("node_finished", ms=3.0))
    assert overlay.badges()["a"]["ms"] == 0.0
