"""Drawing a workflow in a real browser: everything a person does on the canvas, and that nothing of it is lost."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from tests.e2e.test_accounts import sign_up
from tests.support.drawing import (
    centre,
    edges,
    open_new_workflow,
    paste_steps,
    pull_from,
    step,
    template,
    until_saved,
    way_out,
)
from tests.support.waiting import until


@pytest.fixture
def canvas(page: Page) -> Page:
    """A new workflow of a new person, open in the editor."""
    sign_up(page)
    open_new_workflow(page)
    return page


def below(page: Page, node_id: str, *, right: float = 0, down: float = 0) -> tuple[float, float]:
    x, y = centre(step(page, node_id))
    return x + right, y + down


def position(page: Page, node_id: str) -> tuple[float, float]:
    return tuple(round(part) for part in centre(step(page, node_id)))  # type: ignore[return-value] - two parts


def test_a_step_is_dragged_from_the_palette_and_is_still_there_after_a_reload(canvas: Page) -> None:
    canvas.locator("#af-open-palette").click()
    canvas.get_by_role("searchbox", name="Search steps").fill("text")
    entry = canvas.locator('[data-kind="template"]')
    expect(entry).to_be_visible()
    entry.drag_to(canvas.locator(".af-flow"), target_position={"x": 700, "y": 480})
    expect(step(canvas, "template")).to_be_visible()
    until_saved(canvas)
    canvas.reload()
    expect(step(canvas, "template")).to_be_visible()


def test_enter_in_the_palette_adds_behind_the_chosen_step(canvas: Page) -> None:
    step(canvas, "start").click()
    canvas.locator("#af-open-palette").click()
    canvas.get_by_role("searchbox", name="Search steps").fill("condition")
    expect(canvas.locator(".af-kind").first).to_have_attribute("data-kind", "condition")
    canvas.keyboard.press("Enter")
    expect(step(canvas, "condition")).to_be_visible()
    expect(edges(canvas)).to_have_count(1)
    canvas.get_by_role("button", name="Undo").click()
    expect(step(canvas, "condition")).to_have_count(0)


def test_two_steps_are_connected_and_a_circle_is_not(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40), template("two", 800, 40)])
    canvas.keyboard.press("Escape")
    pull_from(canvas, way_out(canvas, "one"), centre(step(canvas, "two").locator(".react-flow__handle-left")))
    expect(edges(canvas)).to_have_count(1)
    pull_from(canvas, way_out(canvas, "two"), centre(step(canvas, "one").locator(".react-flow__handle-left")))
    expect(canvas.locator(".af-notice")).to_contain_text("This would go in a circle. Use a Repeat step to do things again.")
    until_saved(canvas)
    expect(edges(canvas)).to_have_count(1)


def test_tab_walks_through_the_page_and_escape_gives_the_focus_back(canvas: Page) -> None:
    canvas.keyboard.press("Tab")
    expect(canvas.locator(".af-quick")).to_have_count(0)
    expect(canvas.locator(":focus")).not_to_have_count(0)
    canvas.get_by_role("link", name="Skip to content").focus()
    canvas.keyboard.press("Tab")
    expect(canvas.locator(":focus")).to_have_count(1)
    expect(canvas.get_by_role("link", name="Skip to content")).not_to_be_focused()
    step(canvas, "start").focus()
    canvas.keyboard.press("a")
    expect(canvas.get_by_role("textbox", name="Add a step")).to_be_focused()
    canvas.keyboard.press("Escape")
    expect(step(canvas, "start")).to_be_focused()
    canvas.keyboard.press("Tab")
    expect(canvas.locator(".af-quick")).to_have_count(0)
    canvas.locator("#af-open-palette").focus()
    canvas.keyboard.press("Enter")
    expect(canvas.get_by_role("searchbox", name="Search steps")).to_be_focused()
    canvas.keyboard.press("Escape")
    expect(canvas.locator("#af-open-palette")).to_be_focused()


def test_an_edge_dropped_on_the_canvas_offers_what_could_follow(canvas: Page) -> None:
    pull_from(canvas, way_out(canvas, "start"), below(canvas, "start", right=320, down=120))
    search = canvas.get_by_role("textbox", name="Add a step")
    expect(search).to_be_focused()
    search.fill("delay")
    expect(canvas.locator(".af-quick .af-kind").first).to_have_attribute("data-kind", "delay")
    canvas.keyboard.press("Enter")
    expect(step(canvas, "delay")).to_be_visible()
    expect(edges(canvas)).to_have_count(1)


def test_steps_are_connected_replaced_and_put_into_a_container_by_keyboard(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40)])
    canvas.keyboard.press("Escape")
    step(canvas, "start").click()
    canvas.keyboard.press("c")
    search = canvas.get_by_role("textbox", name="Connect to")
    expect(search).to_be_focused()
    search.fill("one")
    canvas.keyboard.press("Enter")
    expect(edges(canvas)).to_have_count(1)
    step(canvas, "one").click()
    canvas.keyboard.press("r")
    canvas.get_by_role("textbox", name="Replace One with").fill("model call")
    canvas.keyboard.press("Enter")
    expect(canvas.locator('.af-side-panel[data-pane="step"] .af-dock-kind')).to_have_text("Model call")
    expect(edges(canvas)).to_have_count(1)
    canvas.keyboard.press("g")
    canvas.get_by_role("textbox", name="Put into").fill("for each")
    canvas.keyboard.press("Enter")
    expect(step(canvas, "for_each")).to_be_visible()
    expect(canvas.locator(".react-flow__edge")).to_have_attribute("data-id", "start.out->for_each")
    until_saved(canvas)
    canvas.reload()
    expect(canvas.locator(".react-flow__edge")).to_have_attribute("data-id", "start.out->for_each")


def test_undo_and_redo_take_whole_gestures(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40), template("two", 800, 40)], [{"source": "one", "target": "two"}])
    canvas.keyboard.press("Delete")
    expect(step(canvas, "one")).to_have_count(0)
    canvas.keyboard.press("Control+z")
    expect(step(canvas, "two")).to_be_visible()
    expect(edges(canvas)).to_have_count(1)
    canvas.keyboard.press("Control+Shift+z")
    expect(step(canvas, "two")).to_have_count(0)
    canvas.get_by_role("button", name="Undo").click()
    until_saved(canvas)
    canvas.reload()
    expect(step(canvas, "one")).to_be_visible()


def test_copies_get_names_of_their_own_and_refer_to_each_other(canvas: Page) -> None:
    one, two = template("one", 440, 40), template("two", 800, 40, "{{ one | upcase }}")
    paste_steps(canvas, [one, two], [{"source": "one", "target": "two"}])
    canvas.keyboard.press("Control+c")
    canvas.keyboard.press("Control+v")
    expect(step(canvas, "two_2").locator(".af-node-label")).to_have_text("Two 2")
    expect(step(canvas, "two_2").locator(".af-node-summary")).to_have_text("One 2")
    expect(edges(canvas)).to_have_count(2)
    step(canvas, "one_2").click()  # one of both that are chosen: now only this one is
    expect(canvas.locator("#field-node-label")).to_have_value("One 2")


def test_arranging_sorts_steps_from_left_to_right(canvas: Page) -> None:
    paste_steps(
        canvas,
        [template("last", 440, 40), template("first", 800, 300)],
        [{"source": "first", "target": "last"}],
    )
    canvas.keyboard.press("Escape")
    canvas.keyboard.press("Control+Shift+l")
    canvas.wait_for_function(
        "() => { const x = (id) => document.querySelector(`.react-flow__node[data-id=${id}]`)?.getBoundingClientRect().x;"
        " return x('first') < x('last'); }"
    )
    until_saved(canvas)


def test_a_drag_says_nothing_to_the_server_before_the_drop_and_is_kept(page: Page) -> None:
    sign_up(page)
    open_new_workflow(page)
    sent: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(str(frame)))

    page.on("websocket", listen)
    page.reload()
    expect(step(page, "start")).to_be_visible()
    until_saved(page)
    before = len(sent)
    x, y = centre(step(page, "start"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y + 100, steps=25)
    assert [frame for frame in sent[before:] if "save" in frame] == []
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('.af-save').dataset.save === 'saved'")
    until_saved(page)
    assert len([frame for frame in sent[before:] if "editor_state.save" in frame]) == 1


def test_an_edit_in_the_inspector_stands_on_the_step_and_can_be_undone(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40)])
    step(canvas, "one").click()
    label = canvas.locator("#field-node-label")
    label.fill("Greeting")
    label.press("Tab")
    expect(step(canvas, "one")).to_contain_text("Greeting")
    until_saved(canvas)
    canvas.get_by_role("button", name="Undo").click()
    expect(step(canvas, "one")).not_to_contain_text("Greeting")


def test_two_tabs_merge_what_they_change(canvas: Page, context: BrowserContext) -> None:
    paste_steps(canvas, [template("one", 440, 40)])
    other = context.new_page()
    other.goto(canvas.url)
    expect(step(other, "one")).to_be_visible()
    paste_steps(other, [template("theirs", 440, 300)])
    paste_steps(canvas, [template("mine", 440, 160)])  # in sight of both: what others add moves nobody's view
    expect(step(canvas, "theirs")).to_be_visible()
    expect(step(other, "mine")).to_be_visible()
    for tab in (canvas, other):
        until_saved(tab)
        tab.reload()
        expect(step(tab, "mine")).to_be_visible()
        expect(step(tab, "theirs")).to_be_visible()


def test_a_problem_leads_to_its_step(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40, "{{ nowhere.text }}")])
    canvas.keyboard.press("Escape")
    expect(step(canvas, "one").locator(".af-mark-error")).to_be_visible()
    canvas.locator(".af-checks").click()
    canvas.locator(".af-finding", has_text="nowhere").first.click()
    expect(canvas.locator("#field-node-label")).to_have_value("One")


def test_steps_are_found_by_their_words(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40, "A letter to the customer"), template("two", 800, 40)])
    canvas.keyboard.press("Escape")
    canvas.keyboard.press("Control+f")
    canvas.get_by_role("textbox", name="Find a step").fill("letter")
    expect(canvas.locator(".af-find .af-kind")).to_have_count(1)
    canvas.keyboard.press("Enter")
    expect(step(canvas, "one")).to_have_class(re.compile(r"\bselected\b"))


def test_a_step_at_the_edge_stays_under_the_pointer_while_its_panel_opens(canvas: Page) -> None:
    paste_steps(canvas, [template("far", 1240, 40)])
    canvas.get_by_role("button", name="Show everything").click()
    x, y = centre(step(canvas, "far"))
    canvas.mouse.move(x, y)
    canvas.mouse.down()
    expect(canvas.locator('.af-side-panel[data-pane="step"]')).to_be_attached()
    canvas.mouse.move(x, y + 120, steps=12)
    held = centre(step(canvas, "far"))
    canvas.mouse.up()
    assert abs(held[0] - x) < 15
    assert abs(held[1] - (y + 120)) < 15
    until_saved(canvas)
    expect(step(canvas, "far")).to_be_in_viewport(ratio=1)


def test_the_form_of_a_run_does_not_outlive_the_page_it_was_opened_on(canvas: Page) -> None:
    canvas.locator("#run-more").click()
    canvas.locator("#run-dry").click()
    expect(canvas.get_by_role("dialog")).to_be_visible()
    canvas.reload()
    expect(canvas.locator("#content")).to_have_attribute("aria-busy", "false")
    expect(canvas.get_by_role("dialog")).to_have_count(0)


def test_a_run_with_problems_shows_them_instead_of_its_form(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40, "{{ nowhere.text }}")])
    canvas.keyboard.press("Escape")
    canvas.locator("#run-workflow").click()
    expect(canvas.locator(".af-finding", has_text="nowhere")).to_be_visible()
    expect(canvas.get_by_role("dialog")).to_have_count(0)


def test_the_chosen_step_is_run_from_its_panel_and_from_the_ways_to_run(canvas: Page) -> None:
    step(canvas, "start").click()
    canvas.keyboard.press("a")
    canvas.get_by_role("textbox", name="Add a step").fill("text template")
    canvas.keyboard.press("Enter")
    expect(canvas.locator("#field-node-label")).to_have_value("Text template")
    until_saved(canvas)
    zoom = canvas.locator(".af-zoom").text_content()
    canvas.locator("#run-chosen").click()
    expect(canvas.get_by_role("menuitem")).to_have_text(["Run this step", "Run until here", "Run from here", "Pin a written output…"])
    canvas.get_by_role("menuitem", name="Run until here").click()
    expect(step(canvas, "template").locator('[data-status="done"]')).to_be_visible()
    expect(canvas.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(canvas.locator(".af-zoom")).to_have_text(zoom or "")
    canvas.locator("#run-more").click()
    expect(canvas.get_by_role("menuitem", name="Pin its last output")).to_be_visible()
    canvas.keyboard.press("Escape")
    canvas.set_viewport_size({"width": 390, "height": 844})
    canvas.locator("#run-chosen").click()
    canvas.get_by_role("menuitem", name="Pin its last output").click()
    expect(step(canvas, "template").locator(".af-pinned")).to_be_attached()


def test_a_workflow_keeps_its_name_when_it_is_emptied_and_enter_leaves_the_field(canvas: Page) -> None:
    name = canvas.locator("#af-workflow-name")
    before = name.input_value()
    name.fill("")
    name.press("Enter")
    expect(canvas.locator(".af-notice")).to_contain_text("A workflow needs a name")
    expect(name).to_have_value(before)
    expect(name).not_to_be_focused()
    name.fill("Letters")
    name.press("Enter")
    expect(name).not_to_be_focused()
    until_saved(canvas)
    canvas.reload()
    expect(name).to_have_value("Letters")


def test_showing_everything_shows_nothing_behind_the_palette(canvas: Page) -> None:
    paste_steps(canvas, [template("far", 2400, 40)])
    canvas.keyboard.press("Escape")
    canvas.locator("#af-open-palette").click()
    panel = canvas.locator(".af-palette-panel")
    expect(panel).to_be_visible()
    canvas.get_by_role("button", name="Show everything").click()

    def is_beside() -> bool:
        edge, start = panel.bounding_box(), step(canvas, "start").bounding_box()
        return bool(edge and start and start["x"] >= edge["x"] + edge["width"])

    until(is_beside, timeout_s=20, what="Start beside the palette")


def test_a_step_added_at_the_right_edge_is_brought_into_sight(canvas: Page) -> None:
    step(canvas, "start").click()
    expect(canvas.locator('.af-side-panel[data-pane="step"]')).to_be_visible()
    box = canvas.locator(".af-flow").bounding_box()
    assert box
    pull_from(canvas, way_out(canvas, "start"), (box["x"] + box["width"] - 30, box["y"] + 300))
    canvas.get_by_role("textbox", name="Add a step").fill("text template")
    canvas.keyboard.press("Enter")
    expect(step(canvas, "template")).to_be_in_viewport(ratio=1)
    edge = box["x"] + box["width"]

    def is_inside() -> bool:
        made = step(canvas, "template").bounding_box()
        return bool(made and made["x"] + made["width"] <= edge)

    until(is_inside, timeout_s=20, what="the whole step in sight")


def test_everything_that_was_deleted_comes_back_by_undo_or_begins_anew_and_stays_in_the_history(canvas: Page) -> None:
    paste_steps(canvas, [template("one", 440, 40), template("two", 800, 40)])
    until_saved(canvas)
    canvas.keyboard.press("Control+a")
    canvas.keyboard.press("Delete")
    notice = canvas.locator(".af-notice")
    expect(notice).to_contain_text("3 steps removed.")
    notice.get_by_role("button", name="Undo", exact=True).click()
    expect(canvas.locator(".react-flow__node")).to_have_count(3)
    expect(notice).to_have_count(0)
    canvas.keyboard.press("Control+a")
    canvas.keyboard.press("Delete")
    expect(notice).to_contain_text("3 steps removed.")
    until_saved(canvas)
    canvas.locator("#add-first-step").click()
    expect(notice).to_have_count(0)
    canvas.locator(".af-quick-input").fill("text template")
    canvas.keyboard.press("Enter")
    expect(canvas.locator(".react-flow__node")).to_have_count(2)
    expect(edges(canvas)).to_have_count(1)
    until_saved(canvas)
    canvas.keyboard.press("Escape")
    canvas.get_by_role("button", name="More about this workflow").click()
    canvas.get_by_role("menuitem", name="History and versions").click()
    kept = canvas.locator(".af-history-item").nth(1).locator(".af-history-open")
    kept.click()
    canvas.get_by_role("button", name="Go back to this version").click()
    expect(step(canvas, "two")).to_be_visible()
    expect(canvas.locator(".react-flow__node")).to_have_count(3)
