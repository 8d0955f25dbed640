"""A reader reports a review; an operator, in another browser, hides it with a reason and shows it again; the listing follows."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.support.shopkeeper import Shopkeeper
from tests.support.site import Site

LONG = 60_000
INSULT = "Only fools would use this."


@pytest.fixture
def keeper(site: Site) -> Iterator[Shopkeeper]:
    """A listing of this test's own, with a review by somebody else."""
    hands = Shopkeeper(site)
    hands.review(1, INSULT)
    yield hands
    hands.close()


@pytest.fixture
def people(browser: Browser, site: Site, keeper: Shopkeeper) -> Iterator[tuple[Page, Page]]:
    """The reader and the operator."""
    wide = ViewportSize(width=1440, height=900)
    contexts = [browser.new_context(base_url=site.url, viewport=wide, reduced_motion="reduce") for _ in range(2)]
    contexts[0].add_cookies([{"name": "af_session", "value": keeper.buyer_cookie, "url": site.url}])
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def open_reports(page: Page) -> None:
    """The operator's list, by the door on the marketplace."""
    page.goto("/sign-in")
    page.get_by_role("button", name="Use the demo account").click()
    expect(page.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible(timeout=LONG)
    page.goto("/marketplace")
    page.get_by_role("link", name=re.compile(r"^Moderation \(\d+\)$")).click()
    page.get_by_role("radio", name=re.compile(r"^Reported reviews \(\d+\)$")).click()


def review_on(page: Page) -> Locator:
    """The review, on whichever page."""
    return page.locator(".af-review", has_text=INSULT)


def report(page: Page, slug: str) -> None:
    """As a reader of the listing."""
    page.goto(f"/marketplace/{slug}")
    review_on(page).get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text("Reported. The operators of this installation will look at it.", exact=True)).to_be_visible(timeout=LONG)


def hide(page: Page) -> None:
    """Without a reason it stays; with one it moves below."""
    review_on(page).get_by_role("button", name="Hide review", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Hide it", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text(re.compile("^Write the reason"), timeout=LONG)
    dialog.get_by_label("Reason").fill("It insults.")
    dialog.get_by_role("button", name="Hide it", exact=True).click()
    expect(review_on(page).get_by_role("button", name="Show again", exact=True)).to_be_visible(timeout=LONG)


def test_a_reported_review_is_hidden_and_shown_again(people: tuple[Page, Page], keeper: Shopkeeper) -> None:
    reader, operator = people
    report(reader, keeper.slug)
    open_reports(operator)
    expect(review_on(operator).get_by_role("link", name=keeper.name, exact=True)).to_be_visible(timeout=LONG)
    expect(review_on(operator).get_by_text("1 report", exact=True)).to_be_visible()
    hide(operator)
    reader.reload()
    expect(reader.get_by_text("No reviews yet.", exact=True)).to_be_visible(timeout=LONG)
    review_on(operator).get_by_role("button", name="Show again", exact=True).click()
    expect(review_on(operator)).to_have_count(0, timeout=LONG)
    reader.reload()
    expect(review_on(reader)).to_be_visible(timeout=LONG)
