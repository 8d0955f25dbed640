"""Fixtures of the browser journeys: one running site per session, one browser, a fresh page that tolerates no script error."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.demo import Demo
from tests.support.other_oidc import other_oidc
from tests.support.site import Site

PICTURES = Path("test-results")
expect.set_options(timeout=20_000)  # a busy machine takes its time


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole product, running, with a provider of sign-ins that somebody else wrote beside it."""
    with other_oidc(sub="4711", email="elsewhere@example.com", email_verified=True, name="Elsa Elsewhere") as issuer:
        acme = {"CLIENT_ID": "agent-factory", "CLIENT_SECRET": "a secret", "NAME": "Acme", "ISSUER": issuer, "PRIVATE_NETWORK": "1"}
        named = {f"AF_OIDC_{name}": value for name, value in acme.items()}
        running = Site(tmp_path_factory.mktemp("site") / "data", environment=named).start()
        yield running
        running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser profile of this test's own; relative addresses lead to the site."""
    fresh = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page; an uncaught script error or a request to another host fails the test, and a failure leaves a picture."""
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
    opened.on("request", lambda asked: troubles.append(f"outside request: {asked.url}") if is_outside(asked.url) else None)
    yield opened
    if request.session.testsfailed:
        PICTURES.mkdir(exist_ok=True)
        opened.screenshot(path=PICTURES / f"{re.sub(r'[^a-z0-9]+', '-', request.node.name.lower())}.png")
    assert not troubles, troubles


@pytest.fixture
def signed_in(page: Page) -> Page:
    """The page, with the demo account on its home page."""
    page.goto("/sign-in")
    page.get_by_role("button", name="Use the demo account").click()
    expect(page.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible()
    return page


@pytest.fixture
def demo(site: Site) -> Iterator[Demo]:
    """The demo account's services beside the browser."""
    hands = Demo(site)
    yield hands
    hands.close()


def is_outside(url: str) -> bool:
    """Whether a request leaves this machine."""
    return url.startswith(("http", "ws")) and not re.match(r"(?:http|ws)s?://(?:127\.0\.0\.1|localhost)[:/]", url)
