"""The main job in a browser: a template drawn, changed, run and watched; blueprints out and in again."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.site import Site

SLOW = 20_000
EDITOR = re.compile(r"/workflows/[0-9a-f-]{36}$")


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Use the demo account").click()
    expect(page.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible(timeout=SLOW)


def new_workflow(page: Page) -> None:
    page.goto("/workflows")
    page.locator("#new-workflow").click()
    expect(page).to_have_url(EDITOR, timeout=SLOW)
    expect(page.locator(".react-flow__node")).to_have_count(1, timeout=SLOW)


def test_a_template_opens_in_the_editor_runs_and_shows_every_step(signed_in: Page) -> None:
    signed_in.goto("/templates")
    signed_in.get_by_role("button", name=re.compile("^Use")).first.click()
    expect(signed_in).to_have_url(EDITOR, timeout=SLOW)
    signed_in.locator("#run-workflow").click()
    signed_in.get_by_label("Customer's question").fill("How long does a new card take to arrive?")
    signed_in.locator("#start-run").click()
    expect(signed_in.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE), timeout=SLOW)
    signed_in.locator(".react-flow__node", has_text="Draft a reply").click()
    signed_in.get_by_role("tab", name="Last run").click()
    expect(signed_in.get_by_role("tabpanel")).to_contain_text("Draft a reply to", timeout=SLOW)
    signed_in.get_by_role("link", name="Open run").click()
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE), timeout=SLOW)
    expect(signed_in.locator(".react-flow__node").first).to_be_visible(timeout=SLOW)


def test_a_step_is_added_named_in_the_inspector_undone_and_kept_over_a_reload(signed_in: Page) -> None:
    new_workflow(signed_in)
    signed_in.locator("#af-open-palette").click()
    signed_in.get_by_label("Search steps").fill("text template")
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator(".react-flow__node")).to_have_count(2, timeout=SLOW)
    label = signed_in.locator("#field-node-label")
    label.fill("Greeting")
    label.press("Tab")
    expect(signed_in.locator(".react-flow__node", has_text="Greeting")).to_have_count(1, timeout=SLOW)
    signed_in.locator(".react-flow__pane").click(position={"x": 420, "y": 60})
    signed_in.keyboard.press("Control+z")
    expect(signed_in.locator(".react-flow__node", has_text="Greeting")).to_have_count(0, timeout=SLOW)
    signed_in.keyboard.press("Control+Shift+z")
    expect(signed_in.locator(".react-flow__node", has_text="Greeting")).to_have_count(1, timeout=SLOW)
    expect(signed_in.get_by_text("Saved", exact=True)).to_be_visible(timeout=SLOW)
    signed_in.reload()
    expect(signed_in.locator(".react-flow__node", has_text="Greeting")).to_have_count(1, timeout=SLOW)


def test_an_export_comes_in_again_as_a_workflow_of_its_own(signed_in: Page, tmp_path: Path) -> None:
    new_workflow(signed_in)
    signed_in.goto("/workflows")
    with signed_in.expect_download() as caught:
        signed_in.get_by_role("button", name=re.compile("^More about")).first.click()
        signed_in.get_by_role("menuitem", name="Export as YAML").click()
    file = tmp_path / "flow.yaml"
    caught.value.save_as(file)
    signed_in.get_by_role("button", name="Import").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Or paste it").fill("kind: nonsense")
    dialog.locator("#import-look").click()
    expect(dialog.get_by_role("alert").first).to_be_visible(timeout=SLOW)
    dialog.get_by_label("Or paste it").fill(file.read_text(encoding="utf-8"))
    dialog.locator("#import-look").click()
    dialog.locator("#import-now").click(timeout=SLOW)
    expect(signed_in).to_have_url(EDITOR, timeout=SLOW)
    expect(signed_in.locator(".react-flow__node", has_text="Start")).to_be_visible(timeout=SLOW)


def open_with_inspector(page: Page, address: str) -> Locator:
    page.goto(address)
    page.locator(".react-flow__node").first.click(timeout=SLOW)
    label = page.locator("#field-node-label")
    expect(label).to_be_visible(timeout=SLOW)
    return label


def test_two_people_who_change_the_same_field_are_asked_and_nothing_is_lost(signed_in: Page, browser: Browser, site: Site) -> None:
    new_workflow(signed_in)
    mine = open_with_inspector(signed_in, signed_in.url)
    with browser.new_context(base_url=site.url) as elsewhere:
        other = elsewhere.new_page()
        sign_in(other)
        theirs = open_with_inspector(other, signed_in.url)
        mine.fill("First")
        mine.press("Tab")
        expect(signed_in.locator(".react-flow__node", has_text="First")).to_have_count(1, timeout=SLOW)
        expect(signed_in.get_by_text("Saved", exact=True)).to_be_visible(timeout=SLOW)
        theirs.fill("Second")
        theirs.press("Tab")
        asked = other.get_by_role("alertdialog")
        expect(asked).to_contain_text("First", timeout=SLOW)
        asked.get_by_role("button", name="Use mine").click()
        expect(asked).to_have_count(0)
        expect(other.get_by_text("Saved", exact=True)).to_be_visible(timeout=SLOW)
    signed_in.reload()
    expect(signed_in.locator(".react-flow__node", has_text="Second")).to_have_count(1, timeout=SLOW)
