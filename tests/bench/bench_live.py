"""From the click on Run to the first badge on the canvas, in a real browser with real workers."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.test_accounts import sign_up
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.drawing import open_new_workflow, paste_steps, step, template
from tests.support.site import Site

GOES = 12
# Notes in the page itself when the first and the last badge appear, so that asking for them costs nothing.
_WATCH = """() => { window.badge_ms = 0; window.done_ms = 0; let begun = 0;
  const look = () => {
    if (!window.badge_ms && document.querySelector('.af-run[data-status]')) window.badge_ms = performance.now() - begun;
    if (!window.done_ms && document.querySelectorAll('.af-run[data-status=done]').length === 3) window.done_ms = performance.now() - begun;
    if (!window.done_ms) requestAnimationFrame(look);
  };
  document.getElementById('run-workflow').addEventListener('click', () => { begun = performance.now();
    requestAnimationFrame(look); }, { once: true, capture: true }); }"""


def measure_run(page: Page) -> tuple[float, float]:
    """Milliseconds from the click to the first badge, and to the last of three steps done."""
    page.evaluate(_WATCH)
    page.locator("#run-workflow").click()
    page.wait_for_function("() => window.done_ms > 0", timeout=60_000)
    first, last = page.evaluate("() => [window.badge_ms, window.done_ms]")
    page.get_by_role("button", name="Clear the run from the canvas").click()
    page.wait_for_function("() => !document.querySelector('.af-run[data-status]')")
    return float(first), float(last)


def main() -> None:
    """Print one line: the median and the worst of several runs after a first one that warms everything up."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "data").start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            page = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}).new_page()
            sign_up(page)
            open_new_workflow(page)
            wires = [{"source": "start", "target": "one"}, {"source": "one", "target": "two"}]
            paste_steps(page, [template("one", 440, 40), template("two", 800, 40)], wires)
            step(page, "two").wait_for()
            page.keyboard.press("Escape")
            measure_run(page)
            began = time.perf_counter()
            times = [measure_run(page) for _ in range(GOES)]
            firsts, lasts = sorted(first for first, _ in times), sorted(last for _, last in times)
            words = f"first badge median {statistics.median(firsts):.0f} ms, worst {firsts[-1]:.0f} ms"
            done = f"all three steps done median {statistics.median(lasts):.0f} ms, worst {lasts[-1]:.0f} ms"
            sys.stdout.write(f"click on Run, {GOES} times in {time.perf_counter() - began:.0f} s: {words}; {done}\n")
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
