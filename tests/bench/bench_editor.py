"""The editor in a real browser with 10, 100 and 500 steps: time until it can be used, bytes, and what a drag costs."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, WebSocket, sync_playwright

from tests.e2e.test_accounts import sign_up
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.drawing import centre, open_new_workflow, paste_steps, step, until_saved
from tests.support.site import Site

SIZES = (10, 100, 500)
MOVES = 60
_FRAMES = """() => { window.frames_ms = []; let last = performance.now();
  const tick = (now) => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(tick); }; requestAnimationFrame(tick); }"""


def grid(count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A long chain, folded into rows."""
    columns = max(4, int(count**0.5 * 1.4))
    nodes = [
        {
            "id": f"n{index}",
            "kind": ("template", "llm", "http", "code")[index % 4],
            "label": f"Step {index}",
            "position": {"x": 320 * (index % columns), "y": 140 * (index // columns) + 320},
        }
        for index in range(1, count)
    ]
    return nodes, [{"source": f"n{index}", "target": f"n{index + 1}"} for index in range(1, count - 1)]


def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own counters, in seconds."""
    return {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}


def measure_load(browser: Browser, site: Site, address: str, cookies: list[Any]) -> tuple[Page, float, dict[str, int], list[str]]:
    """Open the editor with an empty cache; returns the page, seconds until it can be used, bytes, and what is sent from then on."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    context.add_cookies(cookies)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes = {"code": 0, "all": 0}

    def finished(event: dict[str, Any]) -> None:
        size = int(event["encodedDataLength"])
        sizes["all"] += size
        sizes["code"] += size if kinds.get(event["requestId"]) in ("Script", "Stylesheet") else 0

    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", finished)
    sent: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(str(frame)))

    page.on("websocket", listen)
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    step(page, "start").wait_for()
    until_saved(page)
    return page, time.perf_counter() - began, sizes, sent


def measure_drag(page: Page, sent: list[str]) -> dict[str, float]:
    """Drag the start step; figures per mouse move."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.wait_for_load_state("networkidle")
    x, y = centre(step(page, "start"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 4)
    page.evaluate(_FRAMES)
    before, frames = metrics(session), len(sent)
    for index in range(MOVES):
        page.mouse.move(x + 4 + index * 3, y + 4 + index * 2)
        page.wait_for_timeout(16)
    after, said = metrics(session), len(sent) - frames
    times = sorted(page.evaluate("() => window.frames_ms"))
    page.mouse.up()
    return {
        "drag_ms": (after["TaskDuration"] - before["TaskDuration"]) * 1000 / MOVES,
        "frame_p95_ms": times[int(len(times) * 0.95)],
        "websocket_frames": said,
    }


def report(size: int, seconds: float, sizes: dict[str, int], drag: dict[str, float]) -> None:
    """One line of figures."""
    loaded = f"usable {seconds:.2f} s, code {sizes['code'] / 1000:.0f} kB, all {sizes['all'] / 1000:.0f} kB"
    dragged = f"drag {drag['drag_ms']:.1f} ms a move, frame p95 {drag['frame_p95_ms']:.1f} ms"
    sys.stdout.write(f"editor, {size:>3} steps: {loaded}, {dragged}, websocket frames before the drop {drag['websocket_frames']:.0f}\n")
    sys.stdout.flush()


def main() -> None:
    """Print one line per size."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "data").start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            drawing = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
            author = drawing.new_page()
            sign_up(author)
            for size in SIZES:
                address = open_new_workflow(author)
                nodes, wires = grid(size)
                paste_steps(author, nodes, wires)
                page, seconds, sizes, sent = measure_load(browser, site, address, list(drawing.cookies()))
                drag = measure_drag(page, sent)
                page.context.close()
                report(size, seconds, sizes, drag)
        finally:
            browser.close()
            site.stop()


if __name__ == "__main__":
    main()
