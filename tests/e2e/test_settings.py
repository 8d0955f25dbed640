"""The pages of the settings, and those of operators: each says that it reads, why it cannot, that there is nothing, that nothing fits."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.services import access, members
from components.shell import SETTINGS
from models.ids import new_id
from tests.e2e.test_accounts import sign_up
from tests.support.credentials import make_credential
from tests.support.demo import Demo
from tests.support.site import Site

OPERATING = {"platform": "/marketplace/platform", "moderation": "/marketplace/moderation"}
ADDRESSES = {place.key: place.href for place in SETTINGS} | OPERATING
NO_LIST = {"profile", "security", "letters", "workspace", "sign-in", "budgets", "plan"} | set(OPERATING)  # forms and figures
NOTHING_FITS = {
    "sessions": "No session fits",
    "keys": "No key fits",
    "members": "Nobody fits",
    "invitations": "No invitation fits",
    "roles": "No permission fits",
    "usage": "No model fits",
    "credentials": "No credential fits",
    "connections": "No connection fits",
    "audit": "Nothing fits",
}
EMPTY = {
    "keys": "No key yet",
    "invitations": "No open invitation",
    "usage": "Nothing was used in this period",
    "plan": "No plans here",
    "credentials": "No credential yet",
    "connections": "Connected to nothing yet",
}  # the other lists have at least the person who looks


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    running = Site(tmp_path / "data").start()
    yield running
    running.stop()


@contextmanager
def database_away(site: Site) -> Generator[None]:
    """Nobody can be asked who is signed in, as after an upgrade whose migration did not run."""
    rename = "ALTER TABLE {} RENAME TO {}"
    with closing(sqlite3.connect(site.data_dir / "agent-factory.db", timeout=30)) as database:
        database.execute(rename.format("user_session", "elsewhere"))
        try:
            yield
        finally:
            database.execute(rename.format("elsewhere", "user_session"))


def test_every_page_of_the_settings_has_a_search_or_nothing_to_search() -> None:
    assert set(NOTHING_FITS) | NO_LIST == set(ADDRESSES)
    assert not set(NOTHING_FITS) & NO_LIST


def test_every_page_says_that_it_reads_before_it_has_read(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    for address in ADDRESSES.values():
        page.goto(address)
        expect(page.get_by_role("main").get_by_role("status").filter(has_text="Loading").first, address).to_be_attached()
        expect(page.locator(".af-state"), address).to_have_count(0)
    context.close()


def refusal(page: Page) -> Locator:
    """What stands in the place of what could not be read."""
    return page.get_by_role("main").get_by_role("alert").filter(has_text="This could not be loaded")


def test_every_page_says_why_it_could_not_be_read_and_tries_again(browser: Browser, own_site: Site) -> None:
    context = browser.new_context(base_url=own_site.url)
    page = context.new_page()
    sign_up(page)
    for key, address in ADDRESSES.items():
        with database_away(own_site):
            page.goto(address)
            expect(refusal(page), address).to_contain_text("The database does not fit this version.")
        refusal(page).get_by_role("button", name="Try again").click()
        expect(refusal(page), address).to_have_count(0)
        expect(page.get_by_role("main").locator("[aria-busy=true]"), address).to_have_count(0)
        expect(page.get_by_role("button", name="Your account").first, address).to_contain_text("Ada")
        if key in OPERATING:
            expect(page.get_by_role("heading", name="for operators"), address).to_be_visible()
    with database_away(own_site):
        page.goto(ADDRESSES["keys"])
        toast = page.locator("[data-sonner-toast]")
        expect(toast).to_have_count(1)
        expect(toast).to_have_count(0)
        refusal(page).get_by_role("button", name="Try again").click()
        expect(toast).to_contain_text("The database does not fit this version.")  # another try in vain is told, too
        expect(refusal(page)).to_be_visible()
    context.close()


def test_every_list_of_a_new_workspace_says_what_is_missing(page: Page) -> None:
    sign_up(page)
    for key, words in EMPTY.items():
        page.goto(ADDRESSES[key])
        expect(page.get_by_role("heading", name=words, exact=True), key).to_be_visible()


def test_every_list_is_searched_and_says_that_nothing_fits(signed_in: Page, demo: Demo) -> None:
    demo.actor = replace(demo.actor, session_id=new_id())
    demo.call(access.create_api_key, name="Found by its name", scopes=["view"])
    demo.call(make_credential, name="Found by its name")
    demo.call(members.invite_by_link, role="viewer")
    for key, words in NOTHING_FITS.items():
        signed_in.goto(ADDRESSES[key])
        main = signed_in.get_by_role("main")
        box = main.get_by_role("searchbox").or_(main.get_by_role("textbox", name="Search", exact=True))
        box.fill("no such thing at all")
        told = signed_in.get_by_role("heading", name=words, exact=True)
        expect(told, key).to_be_visible()
        box.fill("")
        expect(told, key).to_have_count(0)


RUN = "/runs/0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"


def test_one_thing_that_could_not_be_read_is_not_called_missing(browser: Browser, own_site: Site) -> None:
    context = browser.new_context(base_url=own_site.url)
    page = context.new_page()
    sign_up(page)
    after = {"/agents/new": page.get_by_role("heading", name="New agent", exact=True), RUN: page.get_by_text("This run cannot be shown")}
    for address, shown in after.items():
        with database_away(own_site):
            page.goto(address)
            expect(refusal(page), address).to_contain_text("The database does not fit this version.")
        refusal(page).get_by_role("button", name="Try again").click()
        expect(shown.first, address).to_be_visible()
    context.close()
