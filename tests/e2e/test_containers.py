"""Groups with undo steps, and agents that work together, drawn and run in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_accounts import sign_up
from tests.support.drawing import Json, centre, edges, open_new_workflow, paste_steps, pull_from, step, until_saved, way_out


@pytest.fixture
def canvas(page: Page) -> Page:
    """A new workflow of a new person, open in the editor."""
    sign_up(page)
    open_new_workflow(page)
    return page


def inside(node_id: str, kind: str, x: int, y: int, **config: object) -> Json:
    """A step of the group."""
    return {"id": node_id, "kind": kind, "label": node_id.capitalize(), "parent": "trip", "position": {"x": x, "y": y}, "config": config}


def saga(page: Page) -> None:
    """A group in which the second step fails; nothing is connected to undo the first."""
    trip = {"id": "trip", "kind": "region", "position": {"x": 360, "y": 40, "width": 640, "height": 360}, "config": {}}
    book = inside("book", "template", 40, 90, text="booked")
    pay = inside("pay", "fail", 360, 90, message="The card was declined.")
    cancel = inside("cancel", "template", 40, 240, text="cancelled {{ book }}: {{ error.message }}")
    paste_steps(page, [trip, book, pay, cancel], [{"source": "book", "port": "out", "target": "pay"}])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show everything").click()
    pull_from(page, way_out(page, "start"), centre(step(page, "trip").locator(".react-flow__handle-left").first))


def test_an_undo_step_is_connected_and_runs_when_the_group_fails(canvas: Page) -> None:
    saga(canvas)
    pull_from(canvas, step(canvas, "book").locator(".af-handle-undo"), centre(step(canvas, "cancel").locator(".react-flow__handle-left")))
    expect(edges(canvas)).to_have_count(3)
    expect(canvas.locator(".af-edge-undo")).to_have_count(1)
    until_saved(canvas)
    canvas.keyboard.press("Escape")
    canvas.get_by_role("button", name="Run", exact=True).first.click()
    expect(step(canvas, "cancel").locator(".af-run-done")).to_be_visible(timeout=30_000)
    expect(step(canvas, "pay").locator(".af-run-failed")).to_be_visible()
    canvas.reload()
    expect(canvas.locator(".af-edge-undo")).to_have_count(1)


def test_only_steps_of_such_a_group_have_an_undo_way(canvas: Page) -> None:
    saga(canvas)
    expect(step(canvas, "book").locator(".af-handle-undo")).to_have_count(1)
    expect(step(canvas, "start").locator(".af-handle-undo")).to_have_count(0)


def test_what_is_inside_counts_to_the_end_of_the_list_and_a_stopped_one_does_not_look_done(canvas: Page) -> None:
    config = {"items": list(range(60)), "parallel": 2}
    each = {"id": "each", "kind": "map", "position": {"x": 360, "y": 40, "width": 480, "height": 260}, "config": config}
    rest = {"id": "rest", "kind": "delay", "parent": "each", "position": {"x": 60, "y": 90}, "config": {"duration_s": 1}}
    paste_steps(canvas, [each, rest], [])
    canvas.keyboard.press("Escape")
    canvas.get_by_role("button", name="Show everything").click()
    pull_from(canvas, way_out(canvas, "start"), centre(step(canvas, "each").locator(".react-flow__handle-left").first))
    until_saved(canvas)
    canvas.keyboard.press("Escape")
    canvas.get_by_role("button", name="Run", exact=True).first.click()
    expect(step(canvas, "rest").locator(".af-run")).to_contain_text(re.compile("[1-9] of 60"), timeout=30_000)
    canvas.get_by_role("button", name="Stop", exact=True).first.click()
    stopped = step(canvas, "rest").locator(".af-run-cancelled")
    expect(stopped).to_contain_text(re.compile("[1-9] of 60"), timeout=30_000)
    step(canvas, "rest").click()
    canvas.get_by_role("tab", name="Last run").click()
    expect(canvas.get_by_text(re.compile("Of item 1"))).to_be_visible()
    canvas.get_by_role("link", name="Open run").first.click()
    expect(stopped).to_contain_text(re.compile("[1-9] of 60"), timeout=30_000)
