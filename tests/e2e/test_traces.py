"""The trace of a run as a person meets it: a waterfall of thousands of rows, time travel, prompts, and going on from a moment."""

import re
import uuid
from collections.abc import Mapping

from playwright.sync_api import Page, expect

from app.services.runs import get_run_row, start_run
from app.services.workflows import create_workflow
from app.views.runs import RunRow
from tests.support.demo import Demo
from tests.support.waiting import until

MANY = 5000
MOST_DRAWN = 120
LISTING = {
    "nodes": [
        {"id": "start", "kind": "start", "config": {"fields": [{"name": "rows", "type": "list"}]}},
        {
            "id": "each",
            "kind": "map",
            "label": "Every row",
            "config": {"items": "{{ inputs.rows }}", "parallel": 50},
            "position": {"x": 300, "y": 0},
        },
        {
            "id": "say",
            "kind": "template",
            "label": "Say",
            "parent": "each",
            "config": {"text": "{{ item }}"},
            "position": {"x": 30, "y": 80},
        },
        {"id": "end", "kind": "end", "config": {"output": "{{ each.results | size }}"}, "position": {"x": 900, "y": 0}},
    ],
    "edges": [{"source": "start", "target": "each"}, {"source": "each", "target": "end"}],
}
ASKING = {
    "nodes": [
        {"id": "start", "kind": "start", "config": {"fields": [{"name": "topic", "type": "text"}]}},
        {
            "id": "ask",
            "kind": "llm",
            "label": "Ask",
            "config": {"model": "demo/assistant", "prompt": "Tell me about {{ inputs.topic }}"},
            "position": {"x": 300, "y": 0},
        },
        {"id": "end", "kind": "end", "config": {"output": "{{ ask.text }}"}, "position": {"x": 600, "y": 0}},
    ],
    "edges": [{"source": "start", "target": "ask"}, {"source": "ask", "target": "end"}],
}


def finished(demo: Demo, name: str, spec: Mapping[str, object], **inputs: object) -> RunRow:
    return again(demo, demo.call(create_workflow, name=name, spec=spec).id, **inputs)


def again(demo: Demo, workflow_id: uuid.UUID, **inputs: object) -> RunRow:
    row = demo.call(start_run, workflow_id=workflow_id, inputs=inputs)
    until(lambda: demo.call(get_run_row, run_id=row.id).status == "succeeded", timeout_s=120, what="the end of the run")
    return row


def test_thousands_of_steps_are_one_scroll_away_and_only_those_in_sight_are_drawn(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Many rows", LISTING, rows=[f"row {number}" for number in range(MANY)])
    signed_in.goto(f"/runs/{run.id}/trace")
    falls = signed_in.get_by_role("treegrid")
    expect(falls).to_have_attribute("aria-rowcount", str(MANY + 3))
    assert falls.get_by_role("row").count() < MOST_DRAWN
    signed_in.get_by_label("Find in the trace").fill("4711")
    row = falls.get_by_role("row").filter(has_text="4711")
    expect(row).to_have_count(1)
    row.click()
    expect(signed_in.locator("#attempt-panel")).to_contain_text("row 4710")


def test_time_travel_draws_the_run_as_it_stood(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Travelled", ASKING, topic="tides")
    signed_in.goto(f"/runs/{run.id}/trace")
    node = signed_in.locator(".react-flow__node[data-id=ask] [data-status]")
    expect(node).to_have_attribute("data-status", "done")
    moment = signed_in.get_by_label("Moment of the run")
    moment.press("Home")
    expect(node).to_have_count(0)
    for _ in range(3):
        moment.press("ArrowRight")
    expect(node).to_have_attribute("data-status", "running")


def test_a_chosen_call_is_opened_itself_and_a_link_opens_it_again(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Opened", ASKING, topic="tides")
    signed_in.goto(f"/runs/{run.id}/trace")
    call = signed_in.get_by_role("row").filter(has_text="demo/assistant")
    call.click()
    opened = signed_in.locator("#chosen-call")
    expect(opened.get_by_role("heading", name="demo/assistant", exact=True)).to_be_visible()
    expect(opened.get_by_text("Tell me about tides", exact=True)).to_be_visible()
    expect(opened.get_by_text("attempt 1", exact=True)).to_be_visible()
    expect(call).to_have_attribute("aria-selected", "true")
    expect(signed_in).to_have_url(re.compile(r"/trace\?row=\d+$"))
    signed_in.reload()
    expect(opened.get_by_text("Tell me about tides", exact=True)).to_be_visible()
    expect(call).to_have_attribute("aria-selected", "true")
    opened.get_by_role("button", name="Ask", exact=True).click()
    expect(signed_in.locator("#attempt-panel").get_by_role("heading", name="Ask", exact=True)).to_be_visible()
    expect(opened).to_have_count(0)


def test_calls_are_chosen_with_the_keyboard(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Typed", ASKING, topic="tides")
    signed_in.goto(f"/runs/{run.id}/trace")
    expect(signed_in.get_by_role("row")).to_have_count(4)
    falls = signed_in.get_by_role("treegrid")
    for _ in range(3):
        falls.press("ArrowDown")
    expect(signed_in.locator("#chosen-call").get_by_text("Tell me about tides", exact=True)).to_be_visible()
    chosen = signed_in.get_by_role("row", selected=True)
    expect(chosen).to_contain_text("demo/assistant")
    expect(falls).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    falls.press("Home")
    expect(signed_in.locator("#attempt-panel").get_by_role("heading", name="Start", exact=True)).to_be_visible()


def test_a_run_goes_on_from_a_chosen_moment(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Continued", ASKING, topic="tides")
    signed_in.goto(f"/runs/{run.id}/trace")
    moment = signed_in.get_by_label("Moment of the run")
    expect(signed_in.locator(".react-flow__node[data-id=ask] [data-status]")).to_have_attribute("data-status", "done")
    moment.press("Home")
    signed_in.locator("#continue-from-moment").click()
    dialog = signed_in.get_by_role("dialog")
    expect(dialog).to_contain_text("Runs again:")
    dialog.locator("#fork-start").click()
    signed_in.wait_for_url(lambda url: "/runs/" in url and str(run.id) not in url)
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(signed_in.locator("#run-origin")).to_have_attribute("href", f"/runs/{run.id}")


def test_a_run_is_compared_with_the_one_before_and_then_with_another(signed_in: Page, demo: Demo) -> None:
    first = finished(demo, "Answers", ASKING, topic="herons")
    assert first.workflow_id is not None
    second, third = (again(demo, first.workflow_id, topic=topic) for topic in ("owls", "swifts"))
    signed_in.goto(f"/runs/{third.id}")
    signed_in.get_by_role("button", name="More ways to run it again").click()
    signed_in.get_by_role("menuitem", name="Compare with the run before").click()
    shown = signed_in.get_by_label("Run shown as A")
    expect(shown).to_have_value(str(second.id))
    expect(signed_in.get_by_label("Run shown as B")).to_have_value(str(third.id))
    shown.select_option(str(first.id))
    expect(signed_in.locator('[data-side="a"]').get_by_text("herons", exact=True)).to_be_visible()
    expect(shown).to_have_value(str(first.id))


def test_a_comparison_that_cannot_be_made_says_why(signed_in: Page) -> None:
    signed_in.goto("/runs/compare?a=x&b=y")
    expect(signed_in.get_by_text("These runs cannot be compared")).to_be_visible()
