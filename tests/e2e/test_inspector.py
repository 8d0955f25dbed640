"""The inspector in a real browser: whatever is typed is kept, at any speed, and keys never reach the canvas by accident."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.test_accounts import sign_up
from tests.support.drawing import open_new_workflow, paste_steps, step, template, until_saved

Values = dict[str, str]


@pytest.fixture
def canvas(page: Page) -> Page:
    """A new workflow of a new person, open in the editor."""
    sign_up(page)
    open_new_workflow(page)
    return page


def open_step(page: Page, node_id: str) -> Locator:
    step(page, node_id).click()
    form = page.locator("#inspector")
    expect(page.locator(f'.af-side-panel[data-pane="step"] [data-form="{node_id}"]')).to_be_attached()
    return form


def cell(form: Locator, entry: int, name: str) -> Locator:
    return form.locator(f'[data-entry="{entry}"] [data-cell="{name}"]').locator("input, select, .cm-content").first


def add_field(page: Page, form: Locator, number: int) -> None:
    form.get_by_role("button", name="Add field").click()
    expect(form.locator("[data-entry]")).to_have_count(number)


def reopened(page: Page, node_id: str) -> Locator:
    until_saved(page)
    page.reload()
    expect(step(page, node_id)).to_be_visible()
    return open_step(page, node_id)


def shown(form: Locator, entry: int) -> Values:
    return {name: cell(form, entry, name).input_value() for name in ("name", "title", "type", "description")}


WANTED: list[Values] = [
    {"name": "amount", "title": "Amount to pay back", "type": "number", "description": "In the currency of the order."},
    {"name": "plan", "title": "Plan of the customer", "type": "choice", "description": "As the billing system calls it."},
    {"name": "reason", "title": "What went wrong", "type": "long_text", "description": "In the customer's own words."},
]


def test_fields_of_start_typed_at_full_speed_are_all_kept(canvas: Page) -> None:
    form = open_step(canvas, "start")
    for entry, values in enumerate(WANTED):
        add_field(canvas, form, entry + 1)
        cell(form, entry, "name").focus()
        canvas.keyboard.press("Control+a")
        canvas.keyboard.type(values["name"])
        canvas.keyboard.press("Tab")
        canvas.keyboard.press("Control+a")
        canvas.keyboard.type(values["title"])
        canvas.keyboard.press("Tab")
        cell(form, entry, "type").select_option(values["type"])
        canvas.keyboard.press("Tab")
        canvas.keyboard.type(values["description"])
    again = reopened(canvas, "start")
    assert [shown(again, entry) for entry in range(3)] == WANTED


def test_fields_of_start_filled_in_at_once_are_all_kept(canvas: Page) -> None:
    form = open_step(canvas, "start")
    for entry, values in enumerate(WANTED):
        add_field(canvas, form, entry + 1)
        cell(form, entry, "name").fill(values["name"])
        cell(form, entry, "title").fill(values["title"])
        cell(form, entry, "type").select_option(values["type"])
        cell(form, entry, "description").fill(values["description"])
    step(canvas, "start").click()
    again = reopened(canvas, "start")
    assert [shown(again, entry) for entry in range(3)] == WANTED


def test_what_is_typed_while_another_step_is_opened_is_kept(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40), template("two", 440, 240)])
    canvas.keyboard.press("Escape")
    form = open_step(canvas, "one")
    form.locator('[data-field="text"] .cm-content').click()
    canvas.keyboard.press("Control+a")
    canvas.keyboard.type("Dear customer, thank you")
    step(canvas, "two").click()
    again = reopened(canvas, "one")
    expect(again.locator('[data-field="text"] .cm-content')).to_have_text("Dear customer, thank you")


def test_escape_closes_the_suggestions_and_what_follows_is_text(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40, "")])
    canvas.keyboard.press("Escape")
    text = open_step(canvas, "one").locator('[data-field="text"] .cm-content')
    text.click()
    canvas.keyboard.type("Hello {{")
    expect(canvas.locator(".cm-tooltip-autocomplete")).to_be_visible()
    canvas.keyboard.press("Escape")
    expect(canvas.locator(".cm-tooltip-autocomplete")).to_have_count(0)
    canvas.keyboard.type(" inputs.name }} and a space")
    expect(text).to_have_text("Hello {{ inputs.name }} and a space")
    expect(canvas.locator(".af-palette-panel")).to_have_count(0)


def test_the_menu_of_values_begins_with_the_steps_before_and_ends_with_the_date(canvas: Page) -> None:
    wire = {"source": "one", "port": "out", "target": "two"}
    paste_steps(canvas, [template("one", 440, 40, "a"), template("two", 800, 40, "")], [wire])
    canvas.keyboard.press("Escape")
    open_step(canvas, "two").locator('[data-field="text"] .cm-content').click()
    canvas.keyboard.type("{{")
    menu = canvas.locator(".cm-tooltip-autocomplete")
    expect(menu.locator("completion-section").first).to_have_text("One")
    expect(menu.locator("completion-section").last).to_have_text("Date and time")
    menu.get_by_role("option").first.click()
    expect(canvas.locator('#inspector [data-field="text"] .cm-content')).to_have_text("{{ one }}")


def test_a_pause_inside_a_comparison_leaves_the_row_alone(canvas: Page) -> None:
    decide = {"id": "decide", "kind": "condition", "position": {"x": 440, "y": 40}, "config": {"cases": [{"id": "yes", "label": "Yes"}]}}
    paste_steps(canvas, [decide])
    canvas.keyboard.press("Escape")
    form = open_step(canvas, "decide")
    form.get_by_role("button", name="Add comparison").click()
    left = form.get_by_role("combobox", name="Value")
    left.press_sequentially("inputs.")
    form.locator('[data-cell="label"] input').fill("Large")
    until_saved(canvas)
    left.focus()
    left.press("End")
    left.press_sequentially("amount")
    form.get_by_role("combobox", name="Compared with").fill("100")
    form.get_by_label("Comparison", exact=True).select_option(">")
    until_saved(canvas)
    expect(left).to_have_value("inputs.amount")
    again = reopened(canvas, "decide")
    expect(again.get_by_role("combobox", name="Compared with")).to_have_value("100")
    again.get_by_role("button", name="Edit as text").click()
    expect(again.locator('[data-cell="condition"] textarea')).to_have_value("inputs.amount > 100")


def test_a_case_without_a_condition_is_a_problem(canvas: Page) -> None:
    paste_steps(canvas, [{"id": "decide", "kind": "condition", "position": {"x": 440, "y": 40}, "config": {"cases": [{"id": "yes"}]}}])
    canvas.keyboard.press("Escape")
    expect(step(canvas, "decide").locator(".af-mark-error")).to_be_visible()


def test_another_workflow_opens_without_the_step_of_the_last_one(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40)])
    canvas.keyboard.press("Escape")
    open_step(canvas, "one")
    open_new_workflow(canvas)
    expect(canvas.locator(".af-side-panel")).to_have_count(0)
    open_step(canvas, "start")
    expect(canvas.locator("#field-node-label")).to_have_value("Start")


def test_a_finding_leads_to_its_very_field(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40, "Dear {{ nowhere.name }}")])
    canvas.keyboard.press("Escape")
    canvas.locator(".af-checks").click()
    canvas.locator(".af-finding", has_text="nowhere").first.click()
    expect(canvas.locator('[data-field="text"] .cm-content')).to_be_focused()


def test_the_step_is_copied_and_deleted_from_its_panel(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40)])
    canvas.keyboard.press("Escape")
    open_step(canvas, "one")
    canvas.get_by_role("button", name="Duplicate this step").click()
    expect(step(canvas, "one_2")).to_be_visible()
    canvas.get_by_role("button", name="Delete this step").click()
    expect(step(canvas, "one_2")).to_have_count(0)
    expect(step(canvas, "one")).to_be_visible()


def test_a_new_step_that_calls_a_model_tries_three_times(canvas: Page) -> None:
    canvas.locator("#af-open-palette").click()
    canvas.locator('[data-kind="llm"]').click()
    form = open_step(canvas, "llm")
    expect(form.locator("summary", has_text="If it fails")).to_contain_text(re.compile("3 attempts"))


def test_what_is_half_typed_when_somebody_else_changes_the_same_field_is_asked_about(canvas: Page, context: BrowserContext) -> None:
    paste_steps(canvas, [template("one", 440, 40)])
    other = context.new_page()
    other.goto(canvas.url)
    for round_ in ("first", "second"):
        mine, theirs = (open_step(page, "one").locator(".cm-content").first for page in (canvas, other))
        mine.click()
        canvas.keyboard.press("Control+End")
        canvas.keyboard.type(f" {round_} mine {{{{ ")  # the suggestions are open: it has not gone out yet
        expect(canvas.locator(".cm-tooltip-autocomplete")).to_be_visible()
        theirs.click()
        other.keyboard.press("Control+End")
        other.keyboard.type(f" {round_} theirs")
        other.keyboard.press("Escape")
        until_saved(other)
        canvas.bring_to_front()
        asked = canvas.get_by_role("alertdialog")
        expect(asked).to_contain_text(f"{round_} theirs")
        expect(asked).to_contain_text(f"{round_} mine")
        asked.get_by_role("button", name="Use mine").click()
        expect(asked).to_have_count(0)
        until_saved(canvas)
        expect(open_step(other, "one").locator(".cm-content").first).to_contain_text(f"{round_} mine")
