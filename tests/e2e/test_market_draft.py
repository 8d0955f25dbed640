"""The publish wizard keeps what was typed: over its own link, a reload and another tab, until it is thrown away."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.pictures import png

LONG = 60_000
TYPED = {"Name": "Desk triage", "Description": "Sorts what customers write.", "Price in dollars": "12.34"}
ALT = "The report with the urgent tickets on top"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file to choose."""
    path = tmp_path / "shot.png"
    path.write_bytes(png())
    return path


def fill(page: Page, picture: Path) -> None:
    """Every kind of field."""
    page.goto("/marketplace/sell")
    page.get_by_label("Publish a workflow or an agent").select_option("Customer question triage")
    page.get_by_role("button", name="Continue", exact=True).click()
    page.set_input_files("input[type=file]", picture)
    page.get_by_label("What it shows").fill(ALT, timeout=LONG)
    page.get_by_label("Licence").select_option("mit")
    for label, text in TYPED.items():
        page.get_by_label(label, exact=True).fill(text)


def expect_kept(page: Page) -> None:
    """All of it."""
    for label, text in TYPED.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text, timeout=LONG)
    expect(page.get_by_label("Licence")).to_have_value("mit")
    expect(page.get_by_label("What it shows")).to_have_value(ALT)


def discard(page: Page) -> None:
    """The form as it was before."""
    page.get_by_role("button", name="Discard draft", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_label("Price in dollars")).to_have_value("0", timeout=LONG)


def test_a_draft_outlives_its_page_until_it_is_thrown_away(signed_in: Page, picture: Path) -> None:
    fill(signed_in, picture)
    wizard = signed_in.url
    signed_in.get_by_role("link", name="Open its tests", exact=True).click()
    expect(signed_in.locator("#run-all-tests")).to_be_visible(timeout=LONG)
    signed_in.go_back()
    expect_kept(signed_in)
    signed_in.reload()
    expect_kept(signed_in)
    other = signed_in.context.new_page()
    other.goto(wizard)
    expect_kept(other)
    discard(other)
    signed_in.reload()
    expect(signed_in.get_by_label("Price in dollars")).to_have_value("0", timeout=LONG)
    expect(signed_in.get_by_label("What it shows")).to_have_count(0)
    expect(signed_in.get_by_role("button", name="Discard draft", exact=True)).to_have_count(0)
