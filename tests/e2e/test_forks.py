"""Going on from any point of a run, and test runs from the menu of a step, as a person meets them."""

import re

from playwright.sync_api import Page, expect

from app.services.runs import get_run_row, list_runs, start_run
from app.services.workflows import create_workflow, list_pins
from app.views.runs import RunRow
from tests.support.demo import Demo
from tests.support.waiting import until

HALVING = {
    "nodes": [
        {"id": "start", "kind": "start", "config": {"fields": [{"name": "number", "title": "A number", "type": "text"}]}},
        {
            "id": "shout",
            "kind": "template",
            "label": "Shout",
            "config": {"text": "{{ inputs.number | upcase }}"},
            "position": {"x": 300, "y": 0},
        },
        {
            "id": "halve",
            "kind": "code",
            "label": "Halve it",
            "config": {"source": "int(value) / 2", "inputs": {"value": "{{ shout }}"}},
            "position": {"x": 600, "y": 0},
        },
        {"id": "end", "kind": "end", "config": {"output": "{{ halve }}"}, "position": {"x": 900, "y": 0}},
    ],
    "edges": [{"source": "start", "target": "shout"}, {"source": "shout", "target": "halve"}, {"source": "halve", "target": "end"}],
}


def finished(demo: Demo, name: str, number: str) -> RunRow:
    workflow = demo.call(create_workflow, name=name, spec=HALVING)
    row = demo.call(start_run, workflow_id=workflow.id, inputs={"number": number})
    until(lambda: demo.call(get_run_row, run_id=row.id).status in ("succeeded", "failed"), timeout_s=60, what="the end of the run")
    return demo.call(get_run_row, run_id=row.id)


def status_of(page: Page, words: str) -> None:
    expect(page.locator("#run-status")).to_have_text(re.compile(words, re.IGNORECASE))


def choose_step(page: Page, node: str, label: str) -> None:
    """Choose a step in the list; its panel has arrived."""
    page.locator(f"li[data-node={node}] button").click()
    expect(page.locator("#step-panel").get_by_role("heading", name=label, exact=True)).to_be_visible()


def test_a_failed_run_goes_on_with_a_value_written_by_hand(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Halving by hand", "seven")
    signed_in.goto(f"/runs/{run.id}")
    status_of(signed_in, "failed")
    expect(signed_in.locator("#run-values")).to_contain_text("A number")
    expect(signed_in.locator("#run-workflow-link")).to_have_attribute("href", f"/workflows/{run.workflow_id}")
    choose_step(signed_in, "shout", "Shout")
    signed_in.get_by_role("button", name="Change the output and go on").click()
    dialog = signed_in.get_by_role("dialog")
    expect(dialog).to_contain_text("Runs again: Halve it")
    dialog.get_by_label("Text").fill("8")
    expect(dialog.get_by_label("Text")).to_have_value("8")
    dialog.locator("#fork-start").click()
    signed_in.wait_for_url(lambda url: "/runs/" in url and str(run.id) not in url)
    status_of(signed_in, "succeeded")
    expect(signed_in.locator("#run-values")).to_contain_text("4")
    expect(signed_in.locator("#run-origin")).to_have_attribute("href", f"/runs/{run.id}")
    expect(signed_in.locator("li[data-node=shout]")).to_contain_text("written by hand")
    signed_in.get_by_role("link", name="Compare the two").click()
    expect(signed_in.locator("[data-node=halve][data-difference=status]")).to_be_visible()
    expect(signed_in.locator(".react-flow__node[data-id=halve]")).to_contain_text("Ended differently")
    assert demo.call(get_run_row, run_id=run.id).status == "failed"


def test_run_again_may_change_what_was_given(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Halving again", "seven")
    signed_in.goto(f"/runs/{run.id}")
    signed_in.locator("#run-again-more").click()
    signed_in.locator("#run-again-changed").click()
    dialog = signed_in.get_by_role("dialog")
    expect(dialog.get_by_label("A number")).to_have_value("seven")
    dialog.get_by_label("A number").fill("12")
    dialog.locator("#fork-start").click()
    signed_in.wait_for_url(lambda url: "/runs/" in url and str(run.id) not in url)
    status_of(signed_in, "succeeded")
    expect(signed_in.locator("#run-values")).to_contain_text("6")


def test_a_value_that_does_not_fit_is_refused_in_the_dialog(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Halving wrongly", "seven")
    signed_in.goto(f"/runs/{run.id}")
    choose_step(signed_in, "halve", "Halve it")
    signed_in.get_by_role("button", name="Change the settings and go on").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Value (JSON)").fill("{")
    expect(dialog.get_by_text("This is not valid JSON").first).to_be_visible()


def test_a_step_runs_alone_its_output_is_pinned_and_a_dry_run_says_so(signed_in: Page, demo: Demo) -> None:
    run = finished(demo, "Trying steps", "10")
    signed_in.goto(f"/workflows/{run.workflow_id}")
    node = signed_in.locator(".react-flow__node[data-id=shout]")
    node.click(button="right")
    signed_in.get_by_text("Run until here").click()
    expect(signed_in.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(signed_in.locator(".react-flow__node[data-id=halve] [data-status]")).to_have_count(0)
    node.click(button="right")
    signed_in.get_by_text("Pin its last output").click()
    expect(node.locator(".af-pinned")).to_be_visible()
    assert [card.output for card in demo.call(list_pins, workflow_id=run.workflow_id)] == ["10"]
    signed_in.locator("#run-more").click()
    signed_in.locator("#run-dry").click()
    dialog = signed_in.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is changed outside")
    expect(dialog.get_by_label("A number")).to_have_value("10")
    dialog.get_by_label("A number").fill("not used, for the step is pinned")
    dialog.locator("#start-run").click()
    expect(signed_in.get_by_text("1 pinned output used")).to_be_visible()
    expect(signed_in.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(node.locator("[data-status]")).to_contain_text("Pinned")
    (newest,) = demo.call(list_runs, workflow_id=run.workflow_id, limit=1).rows
    assert newest.is_dry
    node.click(button="right")
    signed_in.get_by_text("Unpin", exact=True).click()
    expect(node.locator(".af-pinned")).to_have_count(0)


def test_runs_are_found_by_what_they_were_given_and_by_every_status(signed_in: Page, demo: Demo) -> None:
    finished(demo, "Searched run", "the number nobody else gives")
    signed_in.goto("/runs")
    signed_in.get_by_label("Search runs").fill("nobody else")
    expect(signed_in.get_by_role("row").filter(has_text="the number nobody else gives")).to_be_visible()
    expect(signed_in.get_by_role("row")).to_have_count(2)
    signed_in.get_by_role("radio", name="Cancelled").click()
    expect(signed_in.get_by_text("No run fits")).to_be_visible()
