"""Merges a client's edits into a draft that may have moved on: per node and field, and never over somebody else's change unasked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.services.workflows.draft import Draft
from app.services.workflows.errors import Refused
from app.services.workflows.operations import (
    AddNode,
    AnyOperation,
    Connect,
    Disconnect,
    Move,
    RemoveNode,
    RenameNode,
    SetConfig,
    SetLabel,
    SetLimit,
    SetMeta,
    SetPolicy,
    dump_operation,
)
from app.services.workflows.references import rename_in_config, rename_in_value
from app.views.workflows import EditConflict
from engine.json import JsonObject, JsonValue

ABSENT: JsonValue = None


@dataclass(slots=True)
class Merge:
    """What became of a batch: the operations that hold now with their place in it, what they touched, and what must be asked."""

    accepted: list[tuple[int, AnyOperation]] = field(default_factory=list[tuple[int, AnyOperation]])
    touched: set[str] = field(default_factory=set[str])
    conflicts: list[EditConflict] = field(default_factory=list[EditConflict])
    renamed: dict[str, str] = field(default_factory=dict[str, str])


def merge(draft: Draft, operations: Sequence[AnyOperation], *, theirs: Iterable[str] = (), renames: dict[str, str] | None = None) -> Merge:
    """Apply what does not overlap with `theirs`, the keys others touched since the client's base; `renames` are their new ids."""
    merged = Merge()
    foreign = Overlaps(theirs)
    known = dict(renames or {})
    for index, original in enumerate(operations):
        operation = translate(original, known)
        if isinstance(operation, AddNode) and operation.node.id in draft.nodes:
            fresh = free_id(operation.node.id, draft)
            known[operation.node.id] = merged.renamed[operation.node.id] = fresh
            operation = translate(operation, known)
        for part in split(operation):
            _merge_one(draft, merged, foreign, index, part)
    return join_moves(merged)


def _merge_one(draft: Draft, merged: Merge, foreign: "Overlaps", index: int, operation: AnyOperation) -> None:
    if foreign.hit(draft.touches(operation)):
        if not is_done(draft, operation):
            merged.conflicts.append(describe(draft, index, operation))
        return
    try:
        touched = draft.apply(operation)
    except Refused as refused:
        merged.conflicts.append(describe(draft, index, operation, refused))
        return
    if touched:
        merged.accepted.append((index, operation))
        merged.touched.update(touched)


class Overlaps:
    """Whether a key equals, contains or lies inside one of a set of keys such as `n/research/config/prompt`."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = set(keys)
        self._above = {above for key in self._keys for above in ancestors(key)}

    def hit(self, keys: Iterable[str]) -> bool:
        """Whether any of the keys overlaps."""
        return bool(self._keys) and any(
            key in self._keys or key in self._above or not self._keys.isdisjoint(ancestors(key)) for key in keys
        )


def ancestors(key: str) -> list[str]:
    """The keys that contain this one: `n/a/config` and `n/a` for `n/a/config/prompt`; an edge has none."""
    if key.startswith("e/"):
        return []
    parts = key.split("/")
    return ["/".join(parts[:length]) for length in range(2, len(parts))]


def split(operation: AnyOperation) -> list[AnyOperation]:
    """A move of many nodes is judged node by node."""
    if isinstance(operation, Move) and len(operation.moves) > 1:
        return [Move(moves=(move,)) for move in operation.moves]
    return [operation]


def join_moves(merged: Merge) -> Merge:
    """Put the accepted parts of one move together again, for a short log."""
    joined: list[tuple[int, AnyOperation]] = []
    for index, operation in merged.accepted:
        last = joined[-1] if joined else None
        if isinstance(operation, Move) and last and last[0] == index and isinstance(last[1], Move):
            joined[-1] = (index, Move(moves=(*last[1].moves, *operation.moves)))
        else:
            joined.append((index, operation))
    merged.accepted = joined
    return merged


def free_id(wanted: str, draft: Draft) -> str:
    """The id with the lowest number that is free: research, research_2, research_3."""
    stem = wanted.rstrip("0123456789").removesuffix("_") if "_" in wanted and wanted[-1].isdigit() else wanted
    number = 2
    while f"{stem[:58]}_{number}" in draft.nodes:
        number += 1
    return f"{stem[:58]}_{number}"


def translate(operation: AnyOperation, renames: dict[str, str]) -> AnyOperation:
    """Rewrite the ids and references of an operation that was made before nodes got other ids."""
    if not renames:
        return operation
    payload = dump_operation(operation)
    for key in ("id", "source", "target"):
        if key in payload:
            payload[key] = renames.get(payload[key], payload[key])
    if isinstance(operation, AddNode):
        payload["node"] = _translate_node(payload["node"], renames)
    elif isinstance(operation, Move):
        payload["moves"] = [{**move, "id": renames.get(move["id"], move["id"])} for move in payload["moves"]]
    elif isinstance(operation, SetConfig):
        payload["value"] = rename_in_config({operation.path[-1]: operation.value}, renames)[operation.path[-1]]
    elif isinstance(operation, SetPolicy) and operation.field == "parent":
        payload["value"] = renames.get(str(operation.value), operation.value)
    elif isinstance(operation, SetPolicy):
        payload["value"] = rename_in_value(operation.value, renames)
    return type(operation).model_validate(payload)


def _translate_node(node: JsonObject, renames: dict[str, str]) -> JsonObject:
    changed = {**node, "id": renames.get(node["id"], node["id"])}
    if "parent" in node:
        changed["parent"] = renames.get(node["parent"], node["parent"])
    if "config" in node:
        changed["config"] = rename_in_config(node["config"], renames)
    return changed


def present(draft: Draft, operation: AnyOperation) -> JsonValue:
    """What the draft holds now where the operation would write."""
    match operation:
        case SetMeta():
            return draft.meta[operation.field]
        case SetLimit():
            return draft.limits.get(operation.field)
        case Connect() | Disconnect():
            return operation.key in draft.edges
        case AddNode() | RemoveNode() | RenameNode():
            return ABSENT
        case Move():
            return draft.nodes.get(operation.moves[0].id, {}).get("position")
        case SetConfig() | SetLabel() | SetPolicy():
            return _present_field(draft, operation)


def _present_field(draft: Draft, operation: SetConfig | SetLabel | SetPolicy) -> JsonValue:
    node = draft.nodes.get(operation.id)
    if node is None:
        return ABSENT
    if isinstance(operation, SetConfig):
        value: JsonValue = node.get("config", {})
        for key in operation.path:
            value = value.get(key) if isinstance(value, dict) else None
        return value
    return node.get("label", "") if isinstance(operation, SetLabel) else node.get(operation.field)


def wished(operation: AnyOperation) -> JsonValue:
    """What the operation wants to be there."""
    match operation:
        case SetConfig():
            return None if operation.unset else operation.value
        case SetLabel():
            return operation.label
        case SetPolicy() | SetMeta() | SetLimit():
            return operation.value
        case Disconnect():
            return False
        case Connect():
            return True
        case Move():
            return operation.moves[0].model_dump(mode="json", exclude={"id"}, exclude_none=True)
        case AddNode() | RemoveNode() | RenameNode():
            return ABSENT


def is_done(draft: Draft, operation: AnyOperation) -> bool:
    """Whether the draft already is as the operation wants it: two people made the same change."""
    match operation:
        case RemoveNode():
            return operation.id not in draft.nodes
        case RenameNode():
            return operation.id not in draft.nodes and operation.new_id in draft.nodes
        case AddNode():
            return False
        case Move():
            here, there = present(draft, operation), wished(operation)
            return isinstance(here, dict) and isinstance(there, dict) and there.items() <= here.items()
        case SetConfig() | SetLabel() | SetPolicy():
            return operation.id in draft.nodes and present(draft, operation) == wished(operation)
        case Connect() | Disconnect() | SetMeta() | SetLimit():
            return present(draft, operation) == wished(operation)


def describe(draft: Draft, index: int, operation: AnyOperation, refused: Refused | None = None) -> EditConflict:
    """What a person is asked: mine or theirs."""
    node_id, field_name = place(operation)
    node = draft.nodes.get(node_id or "")
    is_gone = node_id is not None and node is None and not isinstance(operation, AddNode)
    words = refused.message if refused else ("Somebody removed this step." if is_gone else "Somebody changed this at the same time.")
    return EditConflict(
        index=index,
        reason="refused" if refused and not is_gone else "removed" if is_gone else "changed",
        message=words,
        node=node_id,
        label=(node or {}).get("label") or node_id or "",
        field=field_name,
        mine=wished(operation),
        theirs=present(draft, operation),
        operation=dump_operation(operation),
    )


def place(operation: AnyOperation) -> tuple[str | None, str]:
    """Which node and which field an operation is about, as people name them."""
    match operation:
        case SetMeta() | SetLimit():
            return None, operation.field
        case Connect() | Disconnect():
            return operation.source, f"connection to {operation.target}"
        case AddNode():
            return operation.node.id, "step"
        case Move():
            return operation.moves[0].id, "position"
        case SetConfig():
            return operation.id, ".".join(operation.path)
        case SetPolicy():
            return operation.id, operation.field
        case SetLabel():
            return operation.id, "label"
        case RemoveNode() | RenameNode():
            return operation.id, "id" if isinstance(operation, RenameNode) else "step"
