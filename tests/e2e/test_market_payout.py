"""Money from end to end, each person in a browser of their own: a creator publishes, the operator lets it onto the shelf, somebody buys it,
the days of the hold go by, and the creator is paid. What each of them sees agrees to the cent.

The installation's own clock begins eight days ago; after a restart it is right, so the hold is over as it would be for anybody.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.test_accounts import sign_up
from tests.e2e.test_market import CARD
from tests.e2e.test_workflows import EDITOR
from tests.support.off_clock import clock_off_by
from tests.support.site import Site

LONG = 60_000
DAYS = 8
NAME, SLUG = "Desk triage", "desk-triage"
PRICE, CREATORS, PLATFORMS = "$19.99", "$16.00", "$3.99"
ABOUT = "Sorts what customers write, drafts the answer, and asks a person before anything sensitive goes out. For desks with a queue."


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[Site]:
    """The installation, eight days ago by its clock."""
    running = Site(tmp_path / "data", environment=clock_off_by(tmp_path / "clock", days=-DAYS)).start()
    yield running
    running.stop()


@pytest.fixture
def people(browser: Browser, earlier: Site) -> Iterator[tuple[Page, Page, Page]]:
    """A creator, the operator and a buyer."""
    wide = ViewportSize(width=1440, height=900)
    contexts = [browser.new_context(base_url=earlier.url, viewport=wide, reduced_motion="reduce") for _ in range(3)]
    yield contexts[0].new_page(), contexts[1].new_page(), contexts[2].new_page()
    for context in contexts:
        context.close()


def publish(page: Page, url: str) -> None:
    """A template of the creator's own, its tests passed, sent for review."""
    page.goto(f"{url}/templates")
    page.get_by_role("button", name=re.compile("^Use")).first.click()
    expect(page).to_have_url(EDITOR, timeout=LONG)
    page.get_by_role("button", name="More about this workflow").click()
    page.get_by_role("menuitem", name="Tests").click()
    page.locator("#run-all-tests").click()
    expect(page.locator("[data-verdict=passed]")).to_have_count(3, timeout=LONG)
    page.goto(f"{url}/marketplace/sell")
    page.get_by_label("Publish a workflow or an agent").select_option(index=1)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Description", exact=True).fill(ABOUT)
    page.get_by_label("Price in dollars").fill(PRICE.removeprefix("$"))
    page.get_by_role("button", name="Send for review").click()
    expect(page).to_have_url(re.compile(f"/marketplace/{SLUG}"), timeout=LONG)


def approve(page: Page, url: str) -> None:
    """The operator looks at it and lets it onto the shelf."""
    page.goto(f"{url}/sign-in")
    page.get_by_role("button", name="Use the demo account").click()
    expect(page.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible(timeout=LONG)
    page.goto(f"{url}/marketplace/moderation")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Nothing waits", exact=True)).to_be_visible(timeout=LONG)


def buy(page: Page, url: str) -> None:
    """At the price of the listing; the receipt says so."""
    page.goto(f"{url}/marketplace")
    page.get_by_placeholder("Search the marketplace").fill(NAME)
    page.get_by_role("link", name=re.compile(NAME)).click()
    page.get_by_role("button", name="Buy", exact=True).click()
    expect(page).to_have_url(re.compile("/pay/"), timeout=LONG)
    page.get_by_label("Test card number").fill(CARD)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_text("Paid", exact=True).first).to_be_visible(timeout=LONG)
    with page.expect_popup() as opened:
        page.get_by_role("table", name="Documents").get_by_role("link").click()
    expect(opened.value.get_by_role("row", name=re.compile("^Total"))).to_contain_text(PRICE, timeout=LONG)
    opened.value.close()


def expect_figures(page: Page, **figures: str) -> None:
    """The figures at the head of the creator's page."""
    for label, amount in figures.items():
        figure = page.locator(".af-figure", has_text=label.replace("_", " "))
        expect(figure.locator("strong")).to_have_text(amount, timeout=LONG)


def expect_report(page: Page, url: str, **lines: str) -> None:
    """Lines of the operator's report over all of these days."""
    page.goto(f"{url}/marketplace/platform")
    page.get_by_label("From", exact=True).fill("2000-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    report = page.get_by_role("table", name="Report").first
    for label, amount in lines.items():
        row = report.get_by_role("row", name=re.compile("^" + label.replace("_", " ")))
        expect(row.get_by_role("cell").last).to_have_text(amount, timeout=LONG)


def sell(people: tuple[Page, Page, Page], url: str) -> None:
    """Eight days ago, by the clock of the installation."""
    creator, operator, buyer = people
    sign_up(creator, "Cleo Creator")
    publish(creator, url)
    approve(operator, url)
    sign_up(buyer, "Bea Buyer")
    buy(buyer, url)
    creator.goto(f"{url}/marketplace/sell")
    expect_figures(creator, balance=CREATORS, available_now="$0.00", your_share=CREATORS)
    creator.get_by_role("button", name="Set up payouts").click()
    expect(creator.get_by_role("button", name="Set up payouts")).to_have_count(0, timeout=LONG)
    expect(creator.get_by_role("button", name="Pay out what is available")).to_have_count(0)
    report = {"Received": PRICE, "The_platform": PLATFORMS, "The_creators": CREATORS, "Payouts": "$0.00", "Held": PRICE}
    expect_report(operator, url, **report, of_it_owed_to_creators=CREATORS)


def be_paid(people: tuple[Page, Page, Page], url: str) -> None:
    """Today: the hold is over."""
    creator, operator, buyer = people
    creator.goto(f"{url}/marketplace/sell")
    expect_figures(creator, balance=CREATORS, available_now=CREATORS)
    creator.get_by_role("button", name="Pay out what is available").click()
    expect_figures(creator, balance="$0.00", available_now="$0.00", your_share=CREATORS)
    bookings = creator.get_by_role("table", name="Account").locator("tbody tr")
    expect(bookings).to_have_text([re.compile(rf"Payout.*\u2212\{CREATORS}$"), re.compile(rf"Sale.*\{CREATORS}$")], timeout=LONG)
    expect(creator.get_by_role("button", name="Pay out what is available")).to_have_count(0)
    report = {"Received": PRICE, "The_platform": PLATFORMS, "The_creators": CREATORS, "Payouts": f"\u2212{CREATORS}", "Held": PLATFORMS}
    expect_report(operator, url, **report, of_it_the_platform=PLATFORMS, of_it_owed_to_creators="$0.00")
    buyer.goto(f"{url}/purchases")
    buyer.get_by_role("link", name=NAME, exact=True).click()
    expect(buyer.get_by_role("table", name="Documents").get_by_role("row").last).to_contain_text(PRICE, timeout=LONG)


def test_a_listing_is_published_moderated_sold_held_and_paid_out(people: tuple[Page, Page, Page], earlier: Site) -> None:
    sell(people, earlier.url)
    earlier.stop()
    today = Site(earlier.data_dir).start()
    try:
        be_paid(people, today.url)
    finally:
        today.stop()
