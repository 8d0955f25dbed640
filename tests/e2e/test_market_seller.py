"""The seller's own page: another price in the table, how buyers see the creator, and the way back from setting payouts up."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_market_people import signed_in
from tests.support.pictures import png
from tests.support.shopkeeper import Shopkeeper
from tests.support.site import Site

LONG = 60_000
BOUNDS = "A price lies between $1.00 and $10,000.00, or is 0 for free."
ABOUT = "We greet people for a living."


@pytest.fixture
def keeper(site: Site) -> Iterator[Shopkeeper]:
    """A seller with a listing of this test's own."""
    hands = Shopkeeper(site)
    yield hands
    hands.close()


@pytest.fixture
def selling(browser: Browser, site: Site, keeper: Shopkeeper) -> Iterator[Page]:
    """The seller's browser."""
    yield from signed_in(browser, site, keeper.seller_cookie)


def change_price(page: Page, name: str) -> None:
    """Too much first, then a price."""
    page.get_by_role("button", name=f"Change the price of {name}", exact=True).click()
    dialog = page.get_by_role("dialog")
    price = dialog.get_by_label("New price in dollars", exact=True)
    price.fill("99999999")
    dialog.get_by_role("button", name="Save the price", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text(BOUNDS, timeout=LONG)
    price.fill("24.50")
    dialog.get_by_role("button", name="Save the price", exact=True).click()
    expect(dialog).to_have_count(0, timeout=LONG)
    expect(page.get_by_role("table", name="Own listings")).to_contain_text("$24.50", timeout=LONG)


def write_profile(page: Page, name: str, picture: Path) -> None:
    """A name that nobody else has, a text and a picture."""
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog")
    page.set_input_files("[role=dialog] input[type=file]", picture)
    expect(dialog.get_by_role("button", name="Take it away", exact=True)).to_be_visible(timeout=LONG)
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_label("About you", exact=True).fill(ABOUT)
    dialog.locator("#field-creator-website").fill("https://greeter.example/")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0, timeout=LONG)


def sees_the_creator(page: Page, name: str) -> None:
    """On the creator's own page."""
    page.get_by_role("link", name="See your page", exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_text(ABOUT, exact=True)).to_be_visible()
    site = page.get_by_role("link", name="greeter.example", exact=True)
    expect(site).to_have_attribute("rel", re.compile("nofollow.*noopener"))
    expect(page.locator("img.af-creator-face")).to_be_visible()


def test_a_seller_sets_a_price_a_profile_and_payouts(keeper: Shopkeeper, selling: Page, tmp_path: Path) -> None:
    picture, name = tmp_path / "face.png", f"Zephyr {keeper.slug[-8:]}"
    picture.write_bytes(png())
    selling.goto("/marketplace/sell")
    change_price(selling, keeper.name)
    write_profile(selling, name, picture)
    sees_the_creator(selling, name)
    selling.goto("/marketplace/sell")
    selling.get_by_role("button", name="Set up payouts", exact=True).click()
    expect(selling.get_by_text("Payouts are set up.")).to_be_visible(timeout=LONG)
    selling.goto(f"/marketplace/{keeper.slug}")
    expect(selling.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=LONG)
