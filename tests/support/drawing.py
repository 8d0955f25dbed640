"""What browser journeys and the editor's benchmark do on the canvas: open one, paste steps, find steps, wait until all is saved."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

Json = dict[str, Any]
_PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def open_new_workflow(page: Page) -> str:
    """Create a workflow with a start only, from the list; returns its address."""
    page.goto("/workflows")
    page.get_by_role("button", name="New workflow").first.click()
    page.wait_for_url("**/workflows/*-*")
    expect(step(page, "start")).to_be_visible()
    until_saved(page)
    return page.url


def paste_steps(page: Page, nodes: list[Json], edges: list[Json] | None = None) -> None:
    """Paste steps as another canvas would have copied them, and wait until they are saved."""
    page.evaluate(_PASTE, json.dumps({"kind": "agent-factory/nodes", "nodes": nodes, "edges": edges or []}))
    expect(step(page, nodes[0]["id"])).to_be_attached()
    until_saved(page)


def template(node_id: str, x: int, y: int, text: str = "Hello") -> Json:
    """A text template at a place."""
    return {"id": node_id, "kind": "template", "label": node_id.capitalize(), "position": {"x": x, "y": y}, "config": {"text": text}}


def step(page: Page, node_id: str) -> Locator:
    """The step on the canvas."""
    return page.locator(f'.react-flow__node[data-id="{node_id}"]')


def edges(page: Page) -> Locator:
    """Every connection that is drawn."""
    return page.locator(".react-flow__edge")


def until_saved(page: Page) -> None:
    """Everything has reached the server."""
    expect(page.locator(".af-save")).to_have_attribute("data-save", "saved", timeout=15_000)


def centre(place: Locator) -> tuple[float, float]:
    """The middle of something on the screen."""
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull_from(page: Page, source: Locator, to: tuple[float, float]) -> None:
    """Drag with the real mouse, in several moves."""
    x, y = centre(source)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to[0]) / 2, (y + to[1]) / 2, steps=4)
    page.mouse.move(*to, steps=6)
    page.mouse.up()


def way_out(page: Page, node_id: str) -> Locator:
    """The first dot at the right of a step."""
    return step(page, node_id).locator(".react-flow__handle-right").first
