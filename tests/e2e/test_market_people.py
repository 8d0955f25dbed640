"""The marketplace between two people in two browsers: the buyer finds, tries, buys, installs with a credential made on the way, runs,
reviews and takes it back; the seller sees the sale, the review and the return."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_market import CARD
from tests.e2e.test_workflows import EDITOR
from tests.support.shopkeeper import Shopkeeper
from tests.support.site import Site

LONG = 60_000
REVIEW = "It greets every customer by name."


@pytest.fixture
def keeper(site: Site) -> Iterator[Shopkeeper]:
    """A seller with a listing of this test's own, and a buyer."""
    hands = Shopkeeper(site)
    yield hands
    hands.close()


@pytest.fixture
def selling(browser: Browser, site: Site, keeper: Shopkeeper) -> Iterator[Page]:
    """The seller's browser."""
    yield from signed_in(browser, site, keeper.seller_cookie)


@pytest.fixture
def buying(browser: Browser, site: Site, keeper: Shopkeeper) -> Iterator[Page]:
    """The buyer's browser."""
    yield from signed_in(browser, site, keeper.buyer_cookie)


def signed_in(browser: Browser, site: Site, token: str) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "af_session", "value": token, "url": site.url}])
    yield context.new_page()
    context.close()


def find(page: Page, name: str) -> None:
    """Search, then narrow by the price; the free ones are not shown any more."""
    page.goto("/marketplace")
    page.get_by_placeholder("Search the marketplace").fill(name)
    expect(page.get_by_role("link", name=re.compile(name))).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="Free", exact=True).click()
    expect(page.get_by_role("link", name=re.compile(name))).to_have_count(0, timeout=LONG)
    page.get_by_role("radio", name="Paid", exact=True).click()
    page.get_by_role("link", name=re.compile(name)).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=LONG)


def try_it(page: Page) -> None:
    """One run before it is paid, with the example; what was typed comes back until then."""
    customer = page.get_by_label("Customer", exact=True)
    customer.fill("Somebody")
    page.get_by_role("button", name="Use the example", exact=True).click()
    expect(customer).to_have_value("Ada", timeout=LONG)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(customer).to_have_value("Somebody", timeout=LONG)
    page.get_by_role("button", name="Use the example", exact=True).click()
    expect(customer).to_have_value("Ada", timeout=LONG)
    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.get_by_text("Welcome, Ada!").first).to_be_visible(timeout=LONG)


def buy(page: Page) -> None:
    """With the test card."""
    page.get_by_role("button", name="Buy", exact=True).click()
    expect(page).to_have_url(re.compile("/pay/"), timeout=LONG)
    page.get_by_label("Test card number").fill(CARD)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page).to_have_url(re.compile("/purchases/"), timeout=LONG)
    expect(page.get_by_text("Paid", exact=True).first).to_be_visible(timeout=LONG)


def install(page: Page) -> None:
    """The dialog asks for a credential; none is there, so one is made, and the dialog is back with it chosen."""
    page.get_by_role("link", name="Install it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Use as “crm”")).to_have_value("", timeout=LONG)
    dialog.get_by_role("link", name="Create one", exact=True).click()
    expect(page).to_have_url(re.compile("/settings/credentials"), timeout=LONG)
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("crm", timeout=LONG)
    dialog.get_by_label("Key or token", exact=True).fill("a key of the buyer's own")
    dialog.get_by_role("button", name="Save credential", exact=True).click()
    expect(page).to_have_url(re.compile("/marketplace/greeter"), timeout=LONG)
    expect(dialog.get_by_label("Use as “crm”")).to_have_value("crm", timeout=LONG)
    dialog.get_by_role("button", name="Install", exact=True).click()
    expect(page).to_have_url(EDITOR, timeout=LONG)


def run(page: Page) -> None:
    """To its end."""
    page.locator("#run-workflow").click()
    page.get_by_label("Customer", exact=True).fill("Grace")
    page.locator("#start-run").click()
    expect(page.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE), timeout=LONG)


def review(page: Page, slug: str) -> None:
    """After a run of one's own."""
    page.goto(f"/marketplace/{slug}")
    page.get_by_role("radio", name="5 stars").click()
    page.get_by_label("What should others know?").fill(REVIEW)
    page.get_by_role("button", name="Publish review").dblclick()
    expect(page.locator(".af-review-text", has_text=REVIEW)).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Save review", exact=True)).to_be_enabled(timeout=LONG)
    expect(page.get_by_text("edited")).to_have_count(0)


def take_review_back(page: Page) -> None:
    """On the page where it was written."""
    page.get_by_role("button", name="Take review back", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Take it back", exact=True).click()
    expect(page.get_by_text("No reviews yet.", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_label("What should others know?")).to_have_value("")


def take_back(page: Page, name: str) -> None:
    """Within its days."""
    page.goto("/purchases")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name="Ask for a refund", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Refund it", exact=True).click()
    expect(page.get_by_text("Refunded", exact=True).first).to_be_visible(timeout=LONG)


def sees_in_the_books(page: Page, *lines: str) -> None:
    """What stands in the seller's account, the newest first."""
    page.goto("/marketplace/sell")
    rows = page.get_by_role("table", name="Account").locator("tbody tr")
    expect(rows).to_have_text([re.compile(line) for line in lines], timeout=LONG)


def test_a_buyer_and_a_seller_meet(keeper: Shopkeeper, buying: Page, selling: Page) -> None:
    find(buying, keeper.name)
    try_it(buying)
    buy(buying)
    sees_in_the_books(selling, r"Sale.*\$15\.20$")
    install(buying)
    run(buying)
    review(buying, keeper.slug)
    selling.goto(f"/marketplace/{keeper.slug}")
    expect(selling.locator(".af-review-text", has_text=REVIEW)).to_be_visible(timeout=LONG)
    expect(selling.get_by_text("Bea Buyer", exact=True).first).to_be_visible(timeout=LONG)
    take_review_back(buying)
    take_back(buying, keeper.name)
    sees_in_the_books(selling, r"Refund.*[-\u2212]\W*\$15\.20$", r"Sale.*\$15\.20$")
