"""What the picture of a graph needs and nothing more: for listings that have a price and are not bought."""

from engine.json import JsonObject, JsonValue

KEPT = ("id", "kind", "label", "parent", "position")


def outline_of(definition: JsonObject) -> JsonObject:
    """The definition without what makes it work: no texts, no code, no addresses; ways out keep their names."""
    nodes = [_outline(node) for node in definition["nodes"] if node.get("kind") != "note"]
    return {"schema_version": definition["schema_version"], "name": definition["name"], "nodes": nodes, "edges": definition["edges"]}


def _outline(node: JsonObject) -> JsonObject:
    branch = {"on_error": {"action": "branch"}} if node.get("on_error", {}).get("action") == "branch" else {}
    config = {key: found for key, value in node.get("config", {}).items() if (found := _ways(value))}
    return {key: node[key] for key in KEPT if key in node} | {"config": config} | branch


def _ways(value: JsonValue) -> JsonValue:
    """The part of a config value that names ways out: ids of a list's entries, or that a time limit is set."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 1
    if not isinstance(value, list):
        return None
    return [{"id": one["id"]} for one in value if isinstance(one, dict) and isinstance(one.get("id"), str)]
