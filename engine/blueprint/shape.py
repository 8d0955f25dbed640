"""Between a WorkflowSpec and the form people read: nodes by id, edges as `a -> b`, positions on one line, defaults left out."""

import re
from dataclasses import dataclass

from engine.blueprint.yaml_text import FlowList
from engine.errors import Finding, SpecError
from engine.json import JsonObject, JsonValue
from engine.spec.agent import AgentSpec
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec

_EDGE = re.compile(r"\s*([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?\s*->\s*([a-z][a-z0-9_]*)\s*\Z")
_NODE_ORDER = ("kind", "label", "parent", "config", "join", "others", "lock", "retry", "on_error", "timeout_s")
_LONG_EDGE = 200


def show_workflow(spec: WorkflowSpec) -> JsonObject:
    """The readable form; raises SpecError for two nodes of one id, which it cannot hold."""
    nodes: JsonObject = {}
    for node in spec.nodes:
        if node.id in nodes:
            message = f"Two steps are called '{node.id}'."
            raise SpecError([Finding("duplicate_node", message, "Rename one of them, then export again.", node=node.id)])
        nodes[node.id] = _show_node(node)
    shown: JsonObject = {"schema_version": spec.schema_version} if _is_new(spec) else {}
    shown["name"] = spec.name
    if spec.description:
        shown["description"] = spec.description
    shown["nodes"] = nodes
    shown["edges"] = [_show_edge(edge) for edge in spec.edges]
    limits = spec.limits.model_dump(mode="json", exclude_defaults=True)
    return shown | ({"limits": limits} if limits else {})


def _is_new(spec: WorkflowSpec) -> bool:
    """Whether a product that knows only the first schema version must refuse it; otherwise the version would only be noise."""
    return any(node.others != "finish" or node.lock is not None for node in spec.nodes)


def show_agent(spec: AgentSpec) -> JsonObject:
    """The readable form of an agent."""
    shown = spec.model_dump(mode="json", exclude_defaults=True)
    shown.setdefault("model", spec.model)
    return shown


def _show_node(node: NodeSpec) -> JsonObject:
    dumped = node.model_dump(mode="json", exclude_defaults=True)
    dumped.setdefault("kind", node.kind)
    shown: JsonObject = {key: dumped[key] for key in _NODE_ORDER if key in dumped}
    place = node.position
    if place.x or place.y or place.width is not None or place.height is not None:
        shown["position"] = FlowList([_short(place.x), _short(place.y)])
    if place.width is not None or place.height is not None:
        shown["size"] = FlowList([_short(place.width), _short(place.height)])
    return shown


def _short(value: float | None) -> float | int | None:
    """80 rather than 80.0."""
    return int(value) if value is not None and value == int(value) else value


def _show_edge(edge: EdgeSpec) -> str:
    return f"{edge.source} -> {edge.target}" if edge.port == "out" else f"{edge.source}.{edge.port} -> {edge.target}"


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong with the readable form itself."""

    path: tuple[str | int, ...]
    message: str
    remedy: str


def read_workflow(shown: JsonObject) -> tuple[JsonObject, list[Slip]]:
    """The raw spec for the loader, and what is wrong with the readable form."""
    slips: list[Slip] = []
    raw = dict(shown)
    nodes, edges = shown.get("nodes") or {}, shown.get("edges") or []
    if isinstance(nodes, dict):
        raw["nodes"] = [_read_node(node_id, node, slips) for node_id, node in nodes.items()]
    else:
        slips.append(Slip(("nodes",), "'nodes' must map ids to steps.", "Write 'id:' and below it the step."))
    if isinstance(edges, list):
        raw["edges"] = [_read_edge(index, edge, slips) for index, edge in enumerate(edges)]
    else:
        slips.append(Slip(("edges",), "'edges' must be a list.", "Write one line per connection, such as '- a -> b'."))
    return raw, slips


def _read_node(node_id: str, node: JsonValue, slips: list[Slip]) -> JsonValue:
    path = ("nodes", node_id)
    if not isinstance(node, dict):
        slips.append(Slip(path, f"The step '{node_id}' must have fields.", "Write at least 'kind:' below it."))
        return None
    raw: JsonObject = {key: value for key, value in node.items() if key not in ("position", "size")}
    if "id" in raw:
        slips.append(Slip((*path, "id"), "The id stands in front of the step already.", "Remove this line."))
    place: JsonObject = {}
    for key, names in (("position", ("x", "y")), ("size", ("width", "height"))):
        pair = node.get(key)
        if isinstance(pair, list) and len(pair) == 2:
            place |= {name: value for name, value in zip(names, pair, strict=True) if value is not None}
        elif pair is not None:
            slips.append(Slip((*path, key), f"'{key}' must be two numbers.", f"Write '{key}: [120, 80]'."))
    raw["id"] = node_id
    return raw | ({"position": place} if place else {})


def _read_edge(index: int, edge: JsonValue, slips: list[Slip]) -> JsonValue:
    match = _EDGE.match(edge) if isinstance(edge, str) and len(edge) <= _LONG_EDGE else None
    if match is None:
        remedy = "Write it as 'a -> b', or 'a.yes -> b' for a named way out."
        slips.append(Slip(("edges", index), "This is not a connection.", remedy))
        return None
    source, port, target = match.groups()
    return {"source": source, "port": port or "out", "target": target}
