"""A workflow definition that is being edited: applies operations one by one and says which node-and-field keys each one touches."""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from app.core.errors import LimitReached
from app.services.workflows.errors import Refused
from app.services.workflows.operations import (
    AddNode,
    AnyOperation,
    Connect,
    Disconnect,
    EdgeKey,
    Move,
    RemoveNode,
    RenameNode,
    SetConfig,
    SetLabel,
    SetLimit,
    SetMeta,
    SetPolicy,
    edge_touch,
)
from app.services.workflows.references import rename_in_config
from engine.json import JsonObject
from engine.nodes.registry import KINDS
from engine.spec.workflow import MAX_EDGES, MAX_NODES, SCHEMA_VERSION, NodeSpec, RunLimits

VISIT_BUDGET = 3_000_000


@dataclass(slots=True)
class Draft:
    """Nodes by id and edges by identity, as plain JSON without defaults; `content` is the definition again."""

    nodes: dict[str, JsonObject]
    edges: dict[EdgeKey, None]
    meta: dict[str, str]
    limits: JsonObject
    schema_version: int = SCHEMA_VERSION
    budget: int = VISIT_BUDGET
    moved_inside: set[str] = field(default_factory=set[str])
    _outgoing: dict[str, list[str]] | None = field(default=None, repr=False)

    @classmethod
    def read(cls, content: JsonObject) -> "Draft":
        """Read a stored definition; the caller's JSON is left alone."""
        nodes = {node["id"]: deepcopy(node) for node in content.get("nodes", ())}
        edges = {(edge["source"], edge.get("port", "out"), edge["target"]): None for edge in content.get("edges", ())}
        meta = {"name": content.get("name", ""), "description": content.get("description", "")}
        return cls(nodes, edges, meta, dict(content.get("limits", {})), content.get("schema_version", SCHEMA_VERSION))

    def content(self) -> JsonObject:
        """The definition as it is stored."""
        edges = [{"source": source, "port": port, "target": target} for source, port, target in self.edges]
        return {
            "schema_version": self.schema_version,
            **self.meta,
            "nodes": list(self.nodes.values()),
            "edges": edges,
            "limits": self.limits,
        }

    def apply(self, operation: AnyOperation) -> list[str]:
        """Carry out one operation; return what it touched, nothing if it changed nothing; raise Refused if it cannot be done."""
        return _HANDLERS[type(operation)](self, operation)

    def node(self, node_id: str) -> JsonObject:
        """The node, or Refused."""
        if node_id not in self.nodes:
            raise Refused(f"There is no step '{node_id}' any more.", node=node_id)
        return self.nodes[node_id]

    def touches(self, operation: AnyOperation) -> list[str]:
        """What the operation would touch now, told without carrying it out; a removal takes edges and children along."""
        if not isinstance(operation, RemoveNode):
            return operation.touches()
        doomed = set(self.family(operation.id))
        edges = [edge_touch(key) for key in self.edges if key[0] in doomed or key[2] in doomed]
        return [*(f"n/{node_id}" for node_id in doomed), *edges]

    def crossing(self) -> Refused | None:
        """Whether a change of container left a connection between two scopes; asked once after all operations."""
        for source, _, target in self.edges if self.moved_inside else ():
            if {source, target} & self.moved_inside and self.nodes[source].get("parent") != self.nodes[target].get("parent"):
                return Refused(
                    f"'{source}' and '{target}' are no longer in the same container; remove their connection first.", node=source
                )
        return None

    def family(self, node_id: str) -> Iterator[str]:
        """The node and everything inside it."""
        found = [node_id]
        for current in found:
            yield current
            found.extend(other for other, node in self.nodes.items() if node.get("parent") == current)

    def _add(self, operation: AddNode) -> list[str]:
        spec = operation.node
        if spec.id in self.nodes:
            raise Refused(f"There is already a step '{spec.id}'.", node=spec.id)
        if spec.kind not in KINDS:
            raise Refused(f"There is no kind of step called '{spec.kind}'.", node=spec.id, field="kind")
        if len(self.nodes) >= MAX_NODES:
            raise LimitReached(
                f"A workflow holds at most {MAX_NODES:,} steps. Split it into several workflows.", fields={"nodes": "Too many."}
            )
        if spec.parent is not None:
            self._check_parent(spec.id, spec.parent)
        self.nodes[spec.id] = {"id": spec.id, "kind": spec.kind} | spec.model_dump(mode="json", exclude_defaults=True)
        return [f"n/{spec.id}"]

    def _remove(self, operation: RemoveNode) -> list[str]:
        node_id = operation.id
        if node_id not in self.nodes:
            return []
        doomed = set(self.family(node_id))
        lost = [key for key in self.edges if key[0] in doomed or key[2] in doomed]
        for key in lost:
            del self.edges[key]
        for one in doomed:
            del self.nodes[one]
        self._outgoing = None
        return [*(f"n/{one}" for one in doomed), *map(edge_touch, lost)]

    def _move(self, operation: Move) -> list[str]:
        touched = []
        for move in operation.moves:
            place = move.model_dump(mode="json", exclude={"id"}, exclude_none=True)
            old = self.node(move.id).get("position", {})
            # A drag says nothing about the size, so the size stays.
            size = {key: old[key] for key in ("width", "height") if key in old and key not in place}
            touched += self._put(move.id, "position", place | size, default={})
        return touched

    def _label(self, operation: SetLabel) -> list[str]:
        return self._put(operation.id, "label", operation.label, default="")

    def _put(self, node_id: str, key: str, value: object, *, default: object) -> list[str]:
        node = self.node(node_id)
        if node.get(key, default) == value:
            return []
        if value == default:
            node.pop(key, None)
        else:
            node[key] = value
        return [f"n/{node_id}/{key}"]

    def _configure(self, operation: SetConfig) -> list[str]:
        node = self.node(operation.id)
        holder = node.setdefault("config", {})
        for key in operation.path[:-1]:
            holder = holder.setdefault(key, {})
            if not isinstance(holder, dict):
                raise Refused(f"'{key}' holds no further fields.", node=operation.id, field=".".join(operation.path))
        last = operation.path[-1]
        if operation.unset:
            if last not in holder:
                return []
            del holder[last]
        elif last in holder and holder[last] == operation.value and type(holder[last]) is type(operation.value):
            return []
        else:
            holder[last] = operation.value
        return operation.touches()

    def _set_policy(self, operation: SetPolicy) -> list[str]:
        node = self.node(operation.id)
        if operation.field == "parent" and operation.value is not None:
            self._check_parent(operation.id, operation.value)
        if operation.field == "parent":
            self.moved_inside.add(operation.id)
        try:
            checked = NodeSpec.model_validate({"id": node["id"], "kind": node["kind"], operation.field: operation.value})
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            raise Refused(f"'{operation.field}' is not valid: {reason}.", node=operation.id, field=operation.field) from error
        default = NodeSpec.model_fields[operation.field].get_default(call_default_factory=True)
        value = getattr(checked, operation.field)
        plain = checked.model_dump(mode="json", include={operation.field}, exclude_defaults=value == default).get(operation.field)
        return self._put(operation.id, operation.field, plain, default=None)

    def _check_parent(self, node_id: str, parent: object) -> None:
        holder = self.nodes.get(parent) if isinstance(parent, str) else None
        kind = KINDS.get(holder["kind"]) if holder else None
        if kind is None or not kind.is_container:
            raise Refused(f"'{parent}' is not a step that can hold others.", node=node_id, field="parent")
        if parent in set(self.family(node_id)):
            raise Refused("A step cannot be put inside itself.", node=node_id, field="parent")

    def _connect(self, operation: Connect) -> list[str]:
        key = operation.key
        source, _, target = key
        if key in self.edges:
            return []
        if len(self.edges) >= MAX_EDGES:
            raise LimitReached(f"A workflow holds at most {MAX_EDGES:,} connections.", fields={"edges": "Too many."})
        if self.node(source).get("parent") != self.node(target).get("parent"):
            raise Refused(f"'{source}' and '{target}' are not in the same container, so they cannot be connected.", node=source)
        if source == target or self._reaches(target, source):
            raise Refused(f"Connecting '{source}' to '{target}' would go in a circle. Use a Repeat step to do things again.", node=source)
        self.edges[key] = None
        if self._outgoing is not None:
            self._outgoing.setdefault(source, []).append(target)
        return [edge_touch(key)]

    def _disconnect(self, operation: Disconnect) -> list[str]:
        key = operation.key
        if key not in self.edges:
            return []
        del self.edges[key]
        self._outgoing = None
        return [edge_touch(key)]

    def _reaches(self, start: str, goal: str) -> bool:
        if self._outgoing is None:
            self._outgoing = {}
            self._spend(len(self.edges))
            for source, _, target in self.edges:
                self._outgoing.setdefault(source, []).append(target)
        seen, stack = {start}, [start]
        while stack:
            nexts = self._outgoing.get(stack.pop(), ())
            self._spend(len(nexts) + 1)
            for target in nexts:
                if target == goal:
                    return True
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return False

    def _spend(self, visits: int) -> None:
        self.budget -= visits
        if self.budget < 0:
            raise LimitReached(
                "Too many new connections in one save. Save them in smaller parts.", fields={"operations": "Too many edges."}
            )

    def _set_own(self, operation: SetMeta | SetLimit) -> list[str]:
        if isinstance(operation, SetMeta):
            if operation.field == "name" and not 0 < len(operation.value.strip()) <= 120:
                raise Refused("The workflow's name needs 1 to 120 characters.", field="name")
            if self.meta[operation.field] == operation.value:
                return []
            self.meta[operation.field] = operation.value
            return operation.touches()
        try:
            limits = RunLimits.model_validate({**self.limits, operation.field: operation.value})
        except ValidationError as error:
            raise Refused(f"{error.errors(include_url=False)[0]['msg']}.", field=f"limits.{operation.field}") from error
        dumped = limits.model_dump(mode="json", exclude_defaults=True)
        if dumped == self.limits:
            return []
        self.limits = dumped
        return operation.touches()

    def _rename(self, operation: RenameNode) -> list[str]:
        old, wanted = operation.id, operation.new_id
        self.node(old)
        if old == wanted:
            return []
        if wanted in self.nodes:
            raise Refused(f"There is already a step '{wanted}'.", node=old, field="id")
        touched = [f"n/{old}", f"n/{wanted}", *self._follow_references({old: wanted})]
        self.nodes = {(wanted if key == old else key): node for key, node in self.nodes.items()}
        self.nodes[wanted]["id"] = wanted
        for node in self.nodes.values():
            if node.get("parent") == old:
                node["parent"] = wanted
        moved = [key for key in self.edges if old in (key[0], key[2])]
        self.edges = dict.fromkeys(tuple(wanted if end == old and i != 1 else end for i, end in enumerate(key)) for key in self.edges)  # type: ignore[misc] - three parts stay three
        self._outgoing = None
        return [*touched, *map(edge_touch, moved)]

    def _follow_references(self, renames: dict[str, str]) -> Iterable[str]:
        for node_id, node in self.nodes.items():
            config = node.get("config")
            if not config:
                continue
            rewritten = rename_in_config(config, renames)
            changed = [key for key in config if rewritten[key] != config[key]]
            if changed:
                node["config"] = rewritten
                yield from (f"n/{node_id}/config/{key}" for key in changed)


_HANDLERS: dict[type, Callable[[Draft, Any], list[str]]] = {
    AddNode: Draft._add,
    RemoveNode: Draft._remove,
    Move: Draft._move,
    SetLabel: Draft._label,
    SetConfig: Draft._configure,
    SetPolicy: Draft._set_policy,
    Connect: Draft._connect,
    Disconnect: Draft._disconnect,
    SetMeta: Draft._set_own,
    SetLimit: Draft._set_own,
    RenameNode: Draft._rename,
}
