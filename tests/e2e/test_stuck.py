"""A server that is stuck: its connections stand, and nobody answers on them."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.support.site import Site


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    running = Site(tmp_path / "data").start()
    yield running
    running.stop()


def tell_web(site: Site, number: signal.Signals) -> None:
    """Send a signal to the process that serves pages, and to those it has started."""
    web = next(process for process in psutil.Process(site.pid).children() if "web" in process.cmdline())
    for process in (web, *web.children(recursive=True)):
        process.send_signal(number)


def test_a_page_tells_that_a_stuck_server_does_not_answer_and_that_it_does_again(browser: Browser, own_site: Site) -> None:
    context = browser.new_context(base_url=own_site.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name="Use the demo account").click()
    expect(page.get_by_role("heading", name="Welcome, Demo")).to_be_visible(timeout=60_000)  # the page is alive, not only its picture
    notice = page.locator(".af-connection")
    tell_web(own_site, signal.SIGSTOP)
    try:
        page.keyboard.press("Tab")
        expect(notice).to_contain_text("The server does not answer", timeout=60_000)
        expect(notice).to_contain_text("What you did last has not been answered yet.")
    finally:
        tell_web(own_site, signal.SIGCONT)
    expect(notice).to_contain_text("Connected again", timeout=60_000)
    page.get_by_role("link", name="Agents", exact=True).first.click()
    expect(page.get_by_role("heading", name="Agents", exact=True)).to_be_visible(timeout=60_000)
    context.close()
