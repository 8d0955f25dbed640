"""Three people in three browsers: a review is reported, hidden with a reason, appealed for once; the listing follows."""

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
def people(browser: Browser, site: Site, keeper: Shopkeeper) -> Iterator[tuple[Page, Page, Page]]:
    """The reader, the operator and the review's author."""
    wide = ViewportSize(width=1440, height=900)
    contexts = [browser.new_context(base_url=site.url, viewport=wide, reduced_motion="reduce") for _ in range(3)]
    for context, cookie in ((contexts[0], keeper.buyer_cookie), (contexts[2], keeper.author_cookie)):
        context.add_cookies([{"name": "af_session", "value": cookie, "url": site.url}])
    yield contexts[0].new_page(), contexts[1].new_page(), contexts[2].new_page()
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
    """As a reader of the listing, who has to say why."""
    page.goto(f"/marketplace/{slug}")
    review_on(page).get_by_role("button", name="Report", exact=True).click()
    dialog = page.get_by_role("dialog", name="Report this review")
    dialog.get_by_role("button", name="Send report", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose a reason.", timeout=LONG)
    dialog.get_by_label("What is wrong with it?").select_option("Offensive or hateful")
    dialog.get_by_label("In your words").fill("It calls people fools.")
    dialog.get_by_role("button", name="Send report", exact=True).click()
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


def appeal(page: Page, slug: str) -> None:
    """As the author, who reads why and answers once."""
    page.goto(f"/marketplace/{slug}")
    expect(page.get_by_text(re.compile(r"hidden your review: It insults\.$"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Answer", exact=True).click()
    dialog = page.get_by_role("dialog", name="Answer about your review")
    dialog.get_by_label("What should be looked at again?").fill("I mean myself.")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("An operator looks at it again. You get a letter about that.", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Answer", exact=True)).to_have_count(0)


def keep_hidden(page: Page) -> None:
    """After the appeal, with a reason."""
    page.reload()
    page.get_by_role("radio", name=re.compile(r"^Reported reviews")).click()
    expect(review_on(page).get_by_text("I mean myself.", exact=True)).to_be_visible(timeout=LONG)
    review_on(page).get_by_role("button", name="Keep hidden", exact=True).click()
    dialog = page.get_by_role("dialog", name="Keep this review hidden?")
    dialog.get_by_label("Reason").fill("It says fools.")
    dialog.get_by_role("button", name="Keep it hidden", exact=True).click()
    expect(review_on(page).get_by_text(re.compile(r"kept hidden: It says fools\.$"))).to_be_visible(timeout=LONG)


def test_a_reported_review_is_hidden_appealed_for_and_shown_again(people: tuple[Page, Page, Page], keeper: Shopkeeper) -> None:
    reader, operator, author = people
    report(reader, keeper.slug)
    open_reports(operator)
    expect(review_on(operator).get_by_role("link", name=keeper.name, exact=True)).to_be_visible(timeout=LONG)
    expect(review_on(operator).get_by_text("1 report", exact=True)).to_be_visible()
    expect(review_on(operator).get_by_text("Offensive or hateful (1)", exact=True)).to_be_visible()
    expect(review_on(operator).get_by_text("It calls people fools.", exact=True)).to_be_visible()
    hide(operator)
    reader.reload()
    expect(reader.get_by_text("No reviews yet.", exact=True)).to_be_visible(timeout=LONG)
    appeal(author, keeper.slug)
    keep_hidden(operator)
    author.reload()
    expect(author.get_by_text(re.compile(r"stays hidden: It says fools\.$"))).to_be_visible(timeout=LONG)
    review_on(operator).get_by_role("button", name="Show again", exact=True).click()
    expect(review_on(operator)).to_have_count(0, timeout=LONG)
    reader.reload()
    expect(review_on(reader)).to_be_visible(timeout=LONG)
