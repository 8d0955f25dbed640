"""What differs between two definitions, node by node and field by field; wording.py says it in words."""

from app.views.history import Differences, Edge, FieldDifference, NodeDifference
from engine.json import JsonObject, JsonValue

_QUIET = frozenset({"id", "kind", "position", "config"})


def compare(before: JsonObject, after: JsonObject) -> Differences:
    """Differences from one definition to another; nodes are the same when their ids are."""
    old = {node["id"]: node for node in before.get("nodes", ())}
    new = {node["id"]: node for node in after.get("nodes", ())}
    nodes = [
        *(_whole(new[node_id], "added") for node_id in new if node_id not in old),
        *(_whole(old[node_id], "removed") for node_id in old if node_id not in new),
        *(found for node_id in new if node_id in old and (found := _changed(old[node_id], new[node_id]))),
    ]
    old_edges, new_edges = _edges(before), _edges(after)
    moved = sum(old[node_id].get("position") != new[node_id].get("position") for node_id in new if node_id in old)
    return Differences(
        nodes=tuple(nodes),
        edges_added=tuple(edge for edge in new_edges if edge not in old_edges),
        edges_removed=tuple(edge for edge in old_edges if edge not in new_edges),
        own=_own(before, after),
        moved=moved,
    )


def _whole(node: JsonObject, change: str) -> NodeDifference:
    return NodeDifference(node["id"], node.get("label") or node["id"], node["kind"], change)


def _changed(before: JsonObject, after: JsonObject) -> NodeDifference | None:
    fields = [*_fields(_settings(before), _settings(after)), *_fields(before.get("config", {}), after.get("config", {}), is_config=True)]
    if before["kind"] != after["kind"]:
        fields.insert(0, FieldDifference("kind", before["kind"], after["kind"]))
    if not fields:
        return None
    return NodeDifference(after["id"], after.get("label") or after["id"], after["kind"], "changed", tuple(fields))


def values_of(node: JsonObject) -> tuple[FieldDifference, ...]:
    """Everything that is set in a node, as if nothing had been before."""
    return (*_fields({}, _settings(node)), *_fields({}, node.get("config", {}), is_config=True))


def _settings(node: JsonObject) -> JsonObject:
    return {key: value for key, value in node.items() if key not in _QUIET}


def _fields(before: JsonObject, after: JsonObject, *, is_config: bool = False) -> list[FieldDifference]:
    names = [*before, *(name for name in after if name not in before)]
    changed = [name for name in names if before.get(name) != after.get(name)]
    return [FieldDifference(name, before.get(name), after.get(name), is_config) for name in changed]


def _edges(definition: JsonObject) -> dict[Edge, None]:
    return {(edge["source"], edge.get("port", "out"), edge["target"]): None for edge in definition.get("edges", ())}


def _own(before: JsonObject, after: JsonObject) -> tuple[FieldDifference, ...]:
    pairs: list[tuple[str, JsonValue, JsonValue]] = [(name, before.get(name, ""), after.get(name, "")) for name in ("name", "description")]
    names = {**before.get("limits", {}), **after.get("limits", {})}
    pairs += [(f"limits.{name}", before.get("limits", {}).get(name), after.get("limits", {}).get(name)) for name in names]
    return tuple(FieldDifference(name, old, new) for name, old, new in pairs if old != new)
