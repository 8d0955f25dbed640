"""Money in a browser, with plans and taxes: a plan bought, raised and lowered; a coupon from its seller to the report."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.test_members import sign_up
from tests.support.demo import Demo
from tests.support.market import make_listing
from tests.support.site import Site

LONG = 60_000
LISTING, SLUG = "Parcel watch", "parcel-watch"
CARD = "4242 4242 4242 4242"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plans are on, prices have 19 % on top, companies may give their number, and the demo account sells something."""
    wanted = {"AF_PLANS": "free", "AF_TAX": "1", "AF_TAX_IDS": "1", "AF_BILLING_ADDRESS": "1"}
    running = Site(tmp_path_factory.mktemp("money") / "data", environment=wanted).start()
    hands = Demo(running)
    with hands.wiring.unit(hands.actor) as uow:
        make_listing(uow, name=LISTING, cents=1_999)
    hands.close()
    yield running
    running.stop()


@pytest.fixture
def people(browser: Browser, shop: Site) -> Iterator[tuple[Page, Page]]:
    """A seller (the demo account, which is an operator too) and a buyer, each in a browser of their own."""
    wide = ViewportSize(width=1440, height=900)
    contexts = [browser.new_context(base_url=shop.url, viewport=wide, reduced_motion="reduce") for _ in range(2)]
    seller, buyer = (context.new_page() for context in contexts)
    seller.goto("/sign-in")
    seller.get_by_role("button", name="Use the demo account").click()
    expect(seller.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible(timeout=LONG)
    sign_up(buyer)
    yield seller, buyer
    for context in contexts:
        context.close()


def pay(page: Page) -> None:
    """With the test card, and with what the page asks for the receipt or the invoices."""
    expect(page).to_have_url(re.compile("/pay/"), timeout=LONG)
    page.get_by_label("Test card number").fill(CARD)
    page.get_by_label("Name or company").fill("Acme Ltd")
    page.get_by_label("Billing address").fill("1 High Street, Bath")
    page.get_by_label("Tax number").fill("GB123456789")
    page.get_by_role("button", name=re.compile("^Pay ")).click()


def test_a_plan_is_bought_raised_and_lowered(people: tuple[Page, Page]) -> None:
    _, page = people
    page.goto("/settings/plan")
    expect(page.get_by_text("of 100")).to_be_visible(timeout=LONG)
    starter = page.get_by_role("row", name=re.compile("^Starter"))
    starter.get_by_role("button").click()
    pay(page)
    expect(page).to_have_url(re.compile("/settings/plan"), timeout=LONG)
    expect(page.get_by_text("of 1,000")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("row", name=re.compile("^Starter")).get_by_text("Yours", exact=True)).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("table", name="Invoices").get_by_role("link").first.click()
    expect(opened.value.get_by_role("heading", name="Invoice", exact=True)).to_be_visible(timeout=LONG)
    expect(opened.value.get_by_role("row", name="Tax")).to_contain_text("$18.81")
    for text in ("Acme Ltd", "GB123456789"):
        expect(opened.value.get_by_text(text).first).to_be_visible()
    opened.value.close()
    page.get_by_role("button", name="Switch to Pro").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("and go up")).click()
    expect(page.get_by_text("of 10,000")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Switch to Starter").click()
    page.get_by_role("dialog").get_by_role("button", name="Go down to Starter").click()
    expect(page.get_by_role("button", name="Keep Pro")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("of 10,000")).to_be_visible()


def make_coupon(page: Page) -> None:
    """The seller's side."""
    page.goto("/marketplace/sell")
    page.get_by_role("button", name="New coupon").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Code").fill("x")
    dialog.get_by_label("How much").fill("25")
    dialog.get_by_role("button", name="Make the code").click()
    expect(dialog.get_by_text("Write three to forty letters")).to_be_visible(timeout=LONG)
    dialog.get_by_label("Code").fill("spring-25")
    dialog.get_by_label("Uses in all").fill("1")
    dialog.get_by_role("button", name="Make the code").click()
    row = page.get_by_role("table", name="Coupons").get_by_role("row", name=re.compile("SPRING-25"))
    expect(row).to_contain_text("0 of 1", timeout=LONG)


def buy_with(page: Page, slug: str) -> None:
    """The buyer's side: the wrong code first, then the right one; the sum is shown before anything is ordered."""
    page.goto(f"/marketplace/{slug}")
    page.get_by_text("Have a coupon?").click()
    field = page.get_by_label("Coupon", exact=True)
    field.fill("SPRING-26")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("This code is not valid for this listing.")).to_be_visible(timeout=LONG)
    field.fill("spring-25")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("To pay")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Buy", exact=True).click()
    expect(page.get_by_text("Tax (19 %)")).to_be_visible(timeout=LONG)
    pay(page)
    expect(page.get_by_text("Paid", exact=True).first).to_be_visible(timeout=LONG)


def test_a_coupon_is_made_used_receipted_and_taken_back(people: tuple[Page, Page], tmp_path: Path) -> None:
    seller, buyer = people
    make_coupon(seller)
    buy_with(buyer, SLUG)
    documents = buyer.get_by_role("table", name="Documents")
    with buyer.expect_popup() as opened:
        documents.get_by_role("link").first.click()
    receipt = opened.value
    expect(receipt.get_by_role("heading", name="Receipt", exact=True)).to_be_visible(timeout=LONG)
    for text in ("Acme Ltd", "GB123456789", "Coupon SPRING-25", "Test mode"):
        expect(receipt.get_by_text(text).first).to_be_visible()
    receipt.close()
    seller.reload()
    expect(seller.get_by_role("row", name=re.compile("SPRING-25"))).to_contain_text("1 of 1", timeout=LONG)
    buyer.get_by_role("button", name="Ask for a refund", exact=True).click()
    buyer.get_by_role("dialog").get_by_role("button", name="Refund it", exact=True).click()
    expect(documents.get_by_text("Credit note")).to_be_visible(timeout=LONG)
    seller.goto("/marketplace/platform")
    report = seller.get_by_role("table", name="Report").first
    expect(report.get_by_role("row", name=re.compile("^Discounts"))).to_contain_text("\u2212$", timeout=LONG)
    with seller.expect_download() as taken:
        seller.get_by_role("button", name="As CSV").click()
    taken.value.save_as(tmp_path / "report.csv")
    assert "discounts" in (tmp_path / "report.csv").read_text()
    seller.get_by_role("button", name="Set a fee").click()
    dialog = seller.get_by_role("dialog")
    dialog.get_by_label("Listing").fill(f"/marketplace/{SLUG}")
    dialog.get_by_label("The platform's part in percent").fill("12.5")
    dialog.get_by_role("button", name="Set it").click()
    expect(seller.get_by_role("table", name="Fees").get_by_role("row", name=re.compile(LISTING))).to_contain_text("12.5 %", timeout=LONG)
