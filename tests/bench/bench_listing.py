"""How long a listing's page takes to usable in a real browser: a visitor who was never here, and one who comes back.

Usable: the price and what to press are painted, the graph is drawn, and nothing is a grey box any more. A first visit has a browser of
its own with an empty cache; a later one loads the address again in it.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.site import Site

GOES = 7
GOAL_MS = 1500
PATHS = ("/marketplace/customer-triage", "/marketplace/log-summary", "/marketplace")
_WATCH = """() => { window.af_ms = 0;
  const look = () => {
    const isListing = location.pathname.split("/").filter(Boolean).length > 1;
    const there = isListing
      ? document.querySelector(".af-offer-side a, .af-offer-side button") && document.querySelector(".af-offer-canvas .react-flow__node")
      : document.querySelector('main a[href^="/marketplace/"]:not([href="/marketplace/sell"])');
    if (there && !document.querySelector("main .af-skeleton")) requestAnimationFrame(() => { window.af_ms = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look); }"""


def load_ms(page: Page, url: str) -> float:
    """Milliseconds from the start of the navigation."""
    page.goto(url, wait_until="commit")
    page.evaluate(_WATCH)
    page.wait_for_function("() => window.af_ms > 0", timeout=60_000)
    return float(page.evaluate("() => window.af_ms"))


def measure(browser: Browser, url: str) -> tuple[list[float], list[float]]:
    """First and later visits of an address; the first round warms the server up."""
    first, later = [], []
    for _ in range(GOES + 1):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        first.append(load_ms(page, url))
        later.append(load_ms(page, url))
        context.close()
    return first[1:], later[1:]


def main() -> None:
    """A line for each page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "data").start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            sys.stdout.write(f"listing, {GOES} visitors, milliseconds to usable, median (worst); goal: {GOAL_MS}\n")
            for path in PATHS:
                shown = [f"{statistics.median(of):5.0f} ({max(of):.0f})" for of in measure(browser, site.url + path)]
                sys.stdout.write(f"  {path:<40} first visit {shown[0]:<14} again {shown[1]:<14} load {os.getloadavg()[0]:.1f}\n")
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
