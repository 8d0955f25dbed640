"""The frame around every page: palette, theme, workspaces, narrow screens, and what a screen reader needs."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_accounts import sign_up
from tests.support.site import Site

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def test_the_palette_opens_by_keyboard_finds_and_goes(page: Page) -> None:
    sign_up(page)
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search pages, workflows, agents, templates and actions")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Agents")).to_have_attribute("aria-selected", "true")
    page.keyboard.type("sett")
    expect(page.get_by_role("option").first).to_contain_text("Settings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    expect(box).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing at all")
    expect(page.get_by_text("Nothing is called that here.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_the_chosen_theme_stays_and_is_there_before_the_first_paint(page: Page) -> None:
    sign_up(page)
    page.get_by_role("button", name="Your account").first.click()
    page.get_by_role("menuitem", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.add_init_script(
        "new MutationObserver(() => { if (document.body) window.early ??= document.documentElement.className; })"
        ".observe(document, {childList: true, subtree: true})"
    )
    page.reload()
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    assert "dark" in page.evaluate("window.early")
    page.keyboard.press("Control+k")
    page.keyboard.type("light theme")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_class(re.compile("light"))


def test_a_new_workspace_is_opened_named_and_left_again(page: Page) -> None:
    sign_up(page)
    page.goto("/settings/workspace")
    page.get_by_role("button", name="Create workspace").click()
    expect(page.get_by_text("Give the workspace a name.")).to_be_visible()
    page.get_by_label("Name of the new workspace").fill("Support")
    page.get_by_role("button", name="Create workspace").click()
    switcher = page.get_by_role("button", name="Switch workspace")
    expect(switcher).to_contain_text("Support")
    switcher.click()
    page.get_by_role("menuitem", name="Ada's workspace").click()
    expect(switcher).to_contain_text("Ada's workspace")


def test_an_unknown_address_says_so_and_leads_home(page: Page) -> None:
    page.goto("/no-such-page")
    expect(page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()
    expect(page.get_by_role("link", name="Go to Home")).to_be_visible()


@pytest.fixture
def phone(browser: Browser, site: Site) -> Page:
    context = browser.new_context(base_url=site.url, viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    return context.new_page()


def test_a_phone_navigates_at_the_bottom_and_nothing_sticks_out(phone: Page) -> None:
    sign_up(phone)
    bar = phone.get_by_role("navigation", name="Main")
    expect(bar.get_by_role("link", name="Runs")).to_be_in_viewport()
    for path in ("/", "/templates", "/settings", "/settings/sessions", "/settings/workspace", "/sign-in"):
        phone.goto(path)
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.goto("/workflows/00000000-0000-7000-8000-000000000000")
    expect(phone.get_by_role("main").get_by_role("link", name="All workflows")).to_be_in_viewport()
    phone.get_by_role("button", name="Your account").click()
    phone.get_by_role("menuitem", name="Templates").click()
    expect(phone).to_have_url(re.compile("/templates"))
    market = bar.get_by_role("link", name="Marketplace", exact=True)
    market.click()
    expect(phone).to_have_url(re.compile("/marketplace"))
    expect(market).to_have_attribute("aria-current", "page")
    sizes = [link.bounding_box() or {} for link in bar.get_by_role("link").all()]
    assert all(size["width"] >= 44 and size["height"] >= 44 for size in sizes), sizes
    phone.context.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_page_of_the_frame_breaks_an_accessibility_rule(page: Page, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    troubles = {}
    for path in ("/sign-in", "/sign-up", "/", "/templates", "/settings", "/settings/sessions", "/settings/workspace", "/no-such-page"):
        if path == "/":
            sign_up(page)
        else:
            page.goto(path)
        expect(page.get_by_role("heading").first).to_be_visible()
        found = Axe().run(page, options=RULES).response["violations"]
        troubles |= {f"{path} {item['id']}": [node["html"][:200] for node in item["nodes"]] for item in found}
    assert not troubles


def test_a_template_is_found_by_words_and_opens_as_a_workflow_of_ones_own(page: Page) -> None:
    sign_up(page)
    page.get_by_role("link", name="All templates").click()
    page.get_by_role("searchbox", name="Search templates").fill("no such template")
    expect(page.get_by_text("No template fits this search")).to_be_visible()
    page.get_by_role("searchbox", name="Search templates").fill("customer")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("searchbox", name="Search templates").press("Enter")
    page.wait_for_url("**/workflows/**")
    page.goto("/")
    expect(page.get_by_role("link", name=re.compile("Customer question triage"))).to_be_visible()
    expect(page.get_by_text("1 of 5")).to_be_visible()  # the workflow; its agents came along
