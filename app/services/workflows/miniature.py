"""Draws a definition at the size of a card: boxes by category and the lines between them."""

from app.views.workflows import Miniature, MiniNode
from engine.json import JsonObject
from engine.nodes.registry import KINDS

WIDTH, HEIGHT, MARGIN = 200.0, 96.0, 8.0
NODE_WIDTH, NODE_HEIGHT = 220.0, 72.0
MOST_NODES = 60


def count_steps(definition: JsonObject) -> int:
    """How many nodes do something; notes do not."""
    return sum(node["kind"] != "note" for node in definition.get("nodes", ()))


def draw_miniature(definition: JsonObject) -> Miniature:
    """Only the outermost nodes without notes, scaled to fit and never enlarged beyond a readable size."""
    nodes = [node for node in definition.get("nodes", ()) if not node.get("parent") and node["kind"] != "note"][:MOST_NODES]
    if not nodes:
        return Miniature()
    boxes = {node["id"]: _box(node) for node in nodes}
    left, top = min(box[0] for box in boxes.values()), min(box[1] for box in boxes.values())
    wide = max(box[0] + box[2] for box in boxes.values()) - left
    tall = max(box[1] + box[3] for box in boxes.values()) - top
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / tall, 0.16)
    shift_x, shift_y = (WIDTH - wide * scale) / 2 - left * scale, (HEIGHT - tall * scale) / 2 - top * scale

    def place(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        x, y, width, height = box
        return round(x * scale + shift_x, 1), round(y * scale + shift_y, 1), round(width * scale, 1), round(height * scale, 1)

    placed = {node_id: place(box) for node_id, box in boxes.items()}
    drawn = tuple(MiniNode(*placed[node["id"]], category=_category(node["kind"])) for node in nodes)
    return Miniature(drawn, " ".join(_line(placed, edge) for edge in definition.get("edges", ()) if _is_shown(placed, edge)))


def _box(node: JsonObject) -> tuple[float, float, float, float]:
    place = node.get("position", {})
    return place.get("x", 0.0), place.get("y", 0.0), place.get("width") or NODE_WIDTH, place.get("height") or NODE_HEIGHT


def _category(kind: str) -> str:
    known = KINDS.get(kind)
    return known.category if known else "flow"


def _is_shown(placed: dict[str, tuple[float, float, float, float]], edge: JsonObject) -> bool:
    return edge["source"] in placed and edge["target"] in placed


def _line(placed: dict[str, tuple[float, float, float, float]], edge: JsonObject) -> str:
    x1, y1, width, height = placed[edge["source"]]
    x2, y2, _, other_height = placed[edge["target"]]
    start_x, start_y, end_y = x1 + width, y1 + height / 2, y2 + other_height / 2
    bend = max(4.0, abs(x2 - start_x) / 2)
    return f"M{start_x:.1f} {start_y:.1f}C{start_x + bend:.1f} {start_y:.1f} {x2 - bend:.1f} {end_y:.1f} {x2:.1f} {end_y:.1f}"
