"""The marketplace as a buyer meets it: find, look inside, pay with the test card, install, run, review, and take the order back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_workflows import EDITOR

LONG = 60_000
CARD, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"
REVIEW = "Found the timeout among four hundred lines."


def find(page: Page) -> None:
    """Search with a typing mistake and open the listing."""
    page.goto("/marketplace")
    page.get_by_placeholder("Search the marketplace").fill("log sumary")
    expect(page.get_by_text("Also showing what is spelled like")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name=re.compile("Log summary")).click()
    expect(page.get_by_role("heading", name="Log summary", exact=True)).to_be_visible(timeout=LONG)


def buy(page: Page) -> None:
    """A declined card first, then one that pays."""
    page.get_by_role("button", name="Buy", exact=True).click()
    expect(page).to_have_url(re.compile("/pay/"), timeout=LONG)
    card = page.get_by_label("Test card number")
    card.fill(DECLINED)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("alert")).to_contain_text("declined", timeout=LONG)
    card.fill(CARD)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page).to_have_url(re.compile("/purchases/"), timeout=LONG)
    expect(page.get_by_text("Paid", exact=True).first).to_be_visible(timeout=LONG)


def install(page: Page) -> None:
    """The permission screen, then the editor."""
    page.get_by_role("link", name="Install it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Run Python in the sandbox", timeout=LONG)
    dialog.get_by_role("button", name="Install", exact=True).click()
    expect(page).to_have_url(EDITOR, timeout=LONG)


def run(page: Page) -> None:
    """To its end, with the demo model."""
    page.locator("#run-workflow").click()
    page.get_by_label("Log lines").fill("09:12:01 ERROR payment timeout after 3000 ms\n09:12:09 WARN cart is empty")
    page.locator("#start-run").click()
    expect(page.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE), timeout=LONG)


def review(page: Page) -> None:
    """Only somebody whose own run ended well may."""
    page.goto("/marketplace/log-summary")
    page.get_by_role("radio", name="4 stars").click()
    page.get_by_label("What should others know?").fill(REVIEW)
    page.get_by_role("button", name="Publish review").click()
    expect(page.locator(".af-review-text", has_text=REVIEW)).to_be_visible(timeout=LONG)


def take_back(page: Page) -> None:
    """Not at once: the question can be left."""
    page.goto("/purchases")
    page.get_by_role("link", name="Log summary", exact=True).click()
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Ask for a refund", exact=True).click()
    dialog.get_by_role("button", name="Cancel", exact=True).click()
    expect(dialog).to_have_count(0, timeout=LONG)
    page.get_by_role("button", name="Ask for a refund", exact=True).click()
    dialog.get_by_role("button", name="Refund it", exact=True).click()
    expect(page.get_by_text("Refunded", exact=True).first).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Left after the refund", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Ask for a refund", exact=True)).to_have_count(0)


def test_a_buyer_finds_pays_installs_runs_reviews_and_takes_back(signed_in: Page) -> None:
    for step in (find, buy, install, run, review, take_back):
        step(signed_in)


def test_an_address_of_no_listing_leads_on(page: Page) -> None:
    page.goto("/marketplace/log-sumary")
    expect(page.get_by_role("heading", name="There is no such listing here", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Try again", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Log summary"))).to_be_visible()
    expect(page.get_by_text("does not exist")).to_have_count(0)
    page.get_by_role("searchbox", name="Search the marketplace", exact=True).fill("invoice")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile(r"/marketplace\?search=invoice"), timeout=LONG)
    expect(page.get_by_role("link", name=re.compile("Invoice check"))).to_be_visible(timeout=LONG)
    page.goto("/marketplace/creators/00000000-0000-7000-8000-000000000000")
    page.get_by_role("link", name="Back to the marketplace", exact=True).click()
    expect(page).to_have_url(re.compile("/marketplace$"), timeout=LONG)


@pytest.mark.parametrize("door", ["/sign-in", "/sign-up"])
def test_who_only_looks_finds_the_marketplace_at_the_door(page: Page, door: str) -> None:
    page.goto(door)
    page.get_by_role("link", name="Browse the marketplace", exact=True).click()
    expect(page.get_by_role("heading", name="Marketplace", exact=True)).to_be_visible(timeout=LONG)


def test_a_visitor_looks_along_and_comes_back_to_the_listing_after_signing_in(page: Page) -> None:
    find(page)
    expect(page).to_have_title("Log summary · Agent Factory")
    page.get_by_role("link", name="Sign in to buy").click()
    page.get_by_role("button", name="Use the demo account").click()
    expect(page).to_have_url(re.compile("/marketplace/log-summary"), timeout=LONG)
    expect(page.get_by_role("button", name="Your account").first).to_be_visible(timeout=LONG)
    offered_again = page.get_by_role("button", name="Buy", exact=True)  # also to who took their order back and kept the copy
    expect(offered_again).to_be_visible(timeout=LONG)
    expect(page.get_by_role("link", name="Sign in to buy")).to_have_count(0)


def test_a_filter_is_undone_by_back_and_the_steps_of_a_listing_are_read_at_once(signed_in: Page) -> None:
    page = signed_in
    page.goto("/marketplace")
    page.get_by_role("button", name="Support", exact=True).click()
    expect(page).to_have_url(re.compile("category=support$"), timeout=LONG)
    page.get_by_label("Sort by").select_option("newest")
    expect(page).to_have_url(re.compile("sort=newest$"), timeout=LONG)
    page.go_back()
    expect(page).to_have_url(re.compile("category=support$"), timeout=LONG)
    expect(page.get_by_label("Sort by")).to_have_value("", timeout=LONG)
    page.go_back()
    expect(page.get_by_role("heading", name="All listings", exact=True)).to_be_visible(timeout=LONG)
    page.goto("/marketplace/refund-decider")
    expect(page.locator(".af-zoom")).to_have_text("55%", timeout=LONG)
    expect(page.locator(".af-node-label", has_text="Read the request")).to_be_visible()
    page.get_by_role("button", name="Show all", exact=True).click()
    expect(page.get_by_role("button", name="Show all", exact=True)).to_be_hidden(timeout=LONG)
    expect(page.locator(".af-node-label", has_text="Decided")).to_be_visible()
