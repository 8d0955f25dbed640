"""The history of a workflow in a real browser: versions are named, compared in words and on the canvas, and brought back."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_accounts import sign_up
from tests.support.drawing import open_new_workflow, paste_steps, step, template, until_saved


@pytest.fixture
def canvas(page: Page) -> Page:
    """A new workflow of a new person, open in the editor."""
    sign_up(page)
    open_new_workflow(page)
    return page


def open_history(page: Page) -> None:
    page.get_by_role("button", name="More about this workflow").click()
    page.get_by_role("menuitem", name="History and versions").click()
    expect(page.locator('[data-pane="history"] .af-history-item').first).to_be_visible()


def name_draft(page: Page, name: str) -> None:
    page.get_by_role("button", name="Name Draft").click()
    page.get_by_label("Name of the version").fill(name)
    page.get_by_role("button", name="Keep the name").click()
    expect(page.locator(".af-history-named", has_text=name)).to_be_visible()


def change_the_letter(page: Page) -> None:
    page.keyboard.press("Escape")
    step(page, "letter").click()
    text = page.locator('#inspector [data-field="text"] .cm-content')
    text.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Dear friend")
    until_saved(page)
    expect(step(page, "letter")).to_contain_text("Dear friend")


def test_a_named_version_is_compared_and_brought_back_and_that_can_be_undone(canvas: Page) -> None:
    paste_steps(canvas, [template("letter", 440, 40, "Dear customer"), template("extra", 440, 240)])
    canvas.keyboard.press("Escape")
    open_history(canvas)
    name_draft(canvas, "Before the campaign")
    change_the_letter(canvas)
    step(canvas, "extra").click()
    canvas.get_by_role("button", name="Delete this step").click()
    until_saved(canvas)
    open_history(canvas)
    canvas.locator(".af-history-named .af-history-open").click()
    changed = canvas.locator('[data-step="letter"]')
    expect(changed).to_contain_text("Dear customer")
    expect(changed).to_contain_text("Dear friend")
    expect(step(canvas, "extra").locator('[data-change="removed"]')).to_be_visible()
    expect(step(canvas, "letter").locator('[data-change="changed"]')).to_be_visible()
    canvas.get_by_role("button", name="Go back to this version").click()
    expect(step(canvas, "letter")).to_contain_text("Dear customer")
    expect(step(canvas, "extra")).to_be_visible()
    canvas.get_by_role("button", name="Undo").click()
    expect(step(canvas, "letter")).to_contain_text("Dear friend")
    expect(step(canvas, "extra")).to_have_count(0)
    until_saved(canvas)
    canvas.reload()
    expect(step(canvas, "letter")).to_contain_text("Dear friend")


def test_a_comparison_cannot_be_edited_and_closing_it_shows_the_draft(canvas: Page) -> None:
    paste_steps(canvas, [template("letter", 440, 40, "Dear customer")])
    canvas.keyboard.press("Escape")
    open_history(canvas)
    name_draft(canvas, "First")
    change_the_letter(canvas)
    open_history(canvas)
    canvas.locator(".af-history-named .af-history-open").click()
    expect(canvas.locator(".af-preview-bar")).to_be_visible()
    canvas.keyboard.press("Control+a")
    canvas.keyboard.press("Delete")
    canvas.get_by_role("button", name="Back to the draft").click()
    expect(canvas.locator(".af-preview-bar")).to_have_count(0)
    expect(step(canvas, "letter")).to_contain_text("Dear friend")


def test_limits_are_set_checked_and_undone(canvas: Page) -> None:
    canvas.get_by_role("button", name="More about this workflow").click()
    canvas.get_by_role("menuitem", name="Settings and limits").click()
    limit = canvas.get_by_label("Time limit")
    limit.fill("soon")
    limit.press("Tab")
    expect(canvas.get_by_role("alert").filter(has_text="Write a duration")).to_be_visible()
    limit.fill("20 min")
    limit.press("Tab")
    expect(canvas.get_by_role("alert").filter(has_text="Write a duration")).to_have_count(0)
    until_saved(canvas)
    canvas.reload()
    expect(step(canvas, "start")).to_be_visible()
    canvas.keyboard.press("Control+k")
    canvas.get_by_role("combobox", name="Search pages").fill("settings and limits")
    canvas.keyboard.press("Enter")
    expect(canvas.get_by_label("Time limit")).to_have_value("20 min")


def test_the_palette_of_the_page_leads_to_a_step(canvas: Page) -> None:
    paste_steps(canvas, [template("letter", 440, 40)])
    canvas.keyboard.press("Escape")
    canvas.keyboard.press("Control+k")
    canvas.get_by_role("combobox", name="Search pages").fill("letter")
    canvas.keyboard.press("Enter")
    expect(canvas.locator("#field-node-label")).to_have_value("Letter")


def test_a_run_shows_its_way_its_values_in_front_and_remembers_the_input(canvas: Page) -> None:
    fields = [{"name": "plan", "title": "Plan", "example": "pro"}]
    decide = {"cases": [{"id": "yes", "label": "Pays", "condition": "inputs.plan == 'pro'"}]}
    canvas.keyboard.press("Control+a")
    canvas.keyboard.press("Delete")
    nodes = [
        {"id": "start", "kind": "start", "position": {"x": 0, "y": 100}, "config": {"fields": fields}},
        {"id": "decide", "kind": "condition", "position": {"x": 320, "y": 100}, "config": decide},
        {"id": "done", "kind": "end", "position": {"x": 640, "y": 0}, "config": {"output": "Thank you,\ndear {{ inputs.plan }}"}},
        {"id": "other", "kind": "end", "position": {"x": 640, "y": 200}, "config": {"output": "no"}},
    ]
    wires = [
        {"source": "start", "target": "decide"},
        {"source": "decide", "port": "yes", "target": "done"},
        {"source": "decide", "port": "otherwise", "target": "other"},
    ]
    paste_steps(canvas, nodes, wires)
    canvas.keyboard.press("Escape")
    canvas.locator("#run-workflow").click()
    canvas.get_by_role("button", name="Use the example").click()
    expect(canvas.get_by_label("Plan")).to_have_value("pro")
    canvas.get_by_label("Plan").fill("pro")
    canvas.locator("#start-run").click()
    expect(canvas.locator("#editor-run-status")).to_have_text("Succeeded", ignore_case=True, timeout=20_000)
    expect(canvas.locator(".af-run-result .af-value-text")).to_have_text("Thank you,\ndear pro", use_inner_text=True)
    expect(canvas.locator('[data-edge="decide.yes->done"]')).to_have_attribute("data-way", "taken")
    expect(canvas.locator('[data-edge="decide.otherwise->other"]')).to_have_attribute("data-way", "left")
    step(canvas, "done").click()
    expect(canvas.get_by_role("tab", name="Last run")).to_have_attribute("aria-selected", "true")
    canvas.locator("#run-workflow").click()
    expect(canvas.get_by_label("Plan")).to_have_value("pro")


def test_tidying_up_puts_branches_in_the_order_of_their_ways_out(canvas: Page) -> None:
    cases = [{"id": name, "label": name.capitalize(), "condition": f"inputs.x == '{name}'"} for name in ("one", "two", "three")]
    decide = {"id": "decide", "kind": "condition", "position": {"x": 320, "y": 100}, "config": {"cases": cases}}
    targets = [template(name, 700, 600 - 200 * index) for index, name in enumerate(("first", "second", "third"))]
    wires = [
        {"source": "decide", "port": port, "target": target} for port, target in (("one", "first"), ("two", "second"), ("three", "third"))
    ]
    paste_steps(canvas, [decide, *targets], wires)
    canvas.keyboard.press("Escape")
    canvas.keyboard.press("Control+Shift+l")
    canvas.wait_for_function(
        "() => { const y = (id) => document.querySelector(`.react-flow__node[data-id=${id}]`)?.getBoundingClientRect().y;"
        " return y('first') < y('second') && y('second') < y('third'); }"
    )
    until_saved(canvas)
