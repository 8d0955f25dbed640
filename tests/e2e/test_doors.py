"""Getting in and out with a browser: the demo account, a new account, a wrong password, and what a signed-out visitor sees."""

import re

from playwright.sync_api import Page, expect


def test_a_visitor_is_led_to_the_sign_in_page_and_back_to_where_they_wanted(page: Page) -> None:
    page.goto("/runs")
    expect(page).to_have_url(re.compile(r"/sign-in"))
    page.get_by_text("Use the demo account").first.click()
    expect(page).to_have_url(re.compile(r"/runs"))
    expect(page).to_have_title(re.compile("Runs"))


def test_the_session_is_out_of_reach_for_scripts(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_text("Use the demo account").first.click()
    expect(page).to_have_title(re.compile("Home"))
    assert "af_session" not in page.evaluate("document.cookie")
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "af_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_an_unknown_page_says_so_and_offers_a_way_back(page: Page) -> None:
    page.goto("/no-such-page")
    expect(page).to_have_title(re.compile("Nothing here"))
    expect(page.get_by_role("link").first).to_be_visible()
