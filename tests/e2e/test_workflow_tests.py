"""A workflow's tests in a browser: those of a template run and pass, an expectation that does not hold is shown with its difference."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.test_workflows import EDITOR, SLOW, sign_in

LONG = 60_000  # three runs through the queue


def test_the_tests_of_a_template_pass_and_a_wrong_expectation_is_shown(page: Page) -> None:
    sign_in(page)
    page.goto("/templates")
    page.get_by_role("button", name=re.compile("^Use")).first.click()
    expect(page).to_have_url(EDITOR, timeout=SLOW)
    page.get_by_role("button", name="More about this workflow").click()
    page.get_by_role("menuitem", name="Tests").click()
    tests = page.get_by_role("list", name="Tests").get_by_role("article")
    expect(tests).to_have_count(3, timeout=SLOW)
    page.locator("#run-all-tests").click()
    expect(page.locator("[data-verdict=passed]")).to_have_count(3, timeout=LONG)
    page.get_by_role("button", name="A plain question is answered at once").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Value").first.fill("refund")
    form.locator("#save-test").click()
    expect(form).to_be_hidden(timeout=SLOW)
    plain = page.get_by_role("article", name="A plain question is answered at once")
    expect(plain).to_contain_text("changed since", timeout=SLOW)
    plain.get_by_role("button", name="Run this test").click()
    expect(page.locator("[data-verdict=failed]")).to_have_count(1, timeout=LONG)
    expect(plain).to_contain_text("category is exactly")
    expect(plain).to_contain_text("card_delivery")
