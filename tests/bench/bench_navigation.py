"""From the click on a link of the navigation until its page is painted with data, in a real browser on the production build.

Told are first visits, in a tab that has not shown that page yet, visits of pages it has shown before, and as the measure of both a
full load of the same address in the same tab.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.site import Site

GOES = 7
GOAL_MS = 300
# What is there only once the page's own data is: a link to a thing of the list, or a field with a value.
PAGES = {
    "/agents": 'main a[href^="/agents/"]:not([href="/agents/new"])',
    "/workflows": 'main a[href^="/workflows/"]',
    "/runs": 'main a[href^="/runs/"]:not([href="/runs/compare"])',
    "/marketplace": 'main a[href^="/marketplace/"]:not([href="/marketplace/sell"])',
    "/settings": 'main input[name="name"][value]:not([value=""])',
    "/": 'main a[href^="/workflows/"]',
}
_WATCH = """([path, shown]) => { window.af_ms = 0;
  const at = (where) => where.replace(/\\/+$/, "") || "/";
  const look = () => {
    const ready = at(location.pathname) === path && document.querySelector(shown) && !document.querySelector("main .af-skeleton");
    if (ready) requestAnimationFrame(() => { window.af_ms = performance.now() - window.af_begun; });
    else requestAnimationFrame(look);
  };
  window.af_begun ??= 0;
  requestAnimationFrame(look); }"""
_CLICK = """(path) => { const link = path === "/settings"
    ? [...document.querySelectorAll("[role=menuitem]")].find((one) => one.textContent.trim().startsWith("Settings"))
    : [...document.querySelectorAll("nav a")].find((one) => one.getAttribute("href") === path);
  window.af_begun = performance.now(); link.click(); }"""


def wait_ms(page: Page) -> float:
    """Milliseconds until what is watched was painted."""
    page.wait_for_function("() => window.af_ms > 0", timeout=60_000)
    return float(page.evaluate("() => window.af_ms"))


def visit_ms(page: Page, path: str) -> float:
    """Click on the link, or on the entry of the menu that leads to the settings."""
    if path == "/settings":
        page.get_by_role("button", name="Your account").first.click()
        page.get_by_role("menuitem", name="Settings").wait_for()
    page.evaluate(_CLICK, path)
    page.evaluate(_WATCH, [path, PAGES[path]])
    return wait_ms(page)


def load_ms(page: Page, path: str) -> float:
    """Load the address anew; counted from the start of the navigation."""
    page.goto(path)
    page.evaluate(_WATCH, [path, PAGES[path]])
    return wait_ms(page)


def measure(context: BrowserContext) -> dict[str, tuple[list[float], list[float], list[float]]]:
    """First visits, later visits and full loads of each page."""
    times: dict[str, tuple[list[float], list[float], list[float]]] = {path: ([], [], []) for path in PAGES}
    for go in range(GOES + 1):
        page = context.new_page()  # a tab of its own, which has shown nothing yet
        page.goto("/templates")
        page.get_by_role("button", name="Switch workspace").filter(has_text="Demo workspace").first.wait_for()
        found = [(path, visit_ms(page, path), 1) for path in PAGES]
        again = [(path, visit_ms(page, path), 2) for path in PAGES]
        loads = [(path, load_ms(page, path), 3) for path in PAGES]
        for path, ms, which in (*found, *again, *loads) if go else ():
            times[path][which - 1].append(ms)
        page.close()
    return times


def main() -> None:
    """Print a line per page; the first round warms everything up."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "data").start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.goto("/sign-in")
            page.get_by_role("button", name="Use the demo account").click()
            page.get_by_role("heading", name="Welcome").wait_for()
            sys.stdout.write(f"navigation, {GOES} times, milliseconds, median (worst); goal: median at most {GOAL_MS}\n")
            for path, (first, later, load) in measure(context).items():
                shown = [f"{statistics.median(of):5.0f} ({max(of):.0f})" for of in (first, later, load)]
                sys.stdout.write(f"  {path:<14}first visit {shown[0]:<14} again {shown[1]:<14} full load {shown[2]}\n")
            sys.stdout.write(f"  load of the machine {os.getloadavg()[0]:.1f}\n")
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
