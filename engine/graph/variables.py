"""Which names a node's templates may use: inputs, variables, the item of a container and every step before it, with types."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from engine.expressions.analysis import plain_reference
from engine.graph.schemas import follow
from engine.graph.seen import SEEN, fill, is_open
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeKind
from engine.spec.agent import AgentSpec
from engine.spec.workflow import UNDO_PORT, CalledWorkflow, NodeSpec, WorkflowSpec
from engine.words import as_words

MAX_DEPTH = 3
_GIVEN = (  # (name a container gives, path, label, type in words)
    ("item", "item", "The entry", "any"),
    ("index", "index", "Its place, from 0", "whole number"),
    ("loop", "loop.index", "Passes before this one", "whole number"),
    ("loop", "loop.previous", "Result of the pass before", "any"),
    ("error", "error.message", "What went wrong", "text"),
    ("error", "error.code", "Its short name", "text"),
    ("error", "error.node", "The step that failed", "text"),
)
_WORDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "yes / no",
    "array": "list",
    "object": "object",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One name a template may use; `group` is the heading it stands under, `type` in plain words."""

    path: str
    label: str
    type: str
    group: str
    is_seen: bool = False  # not promised by the step: an earlier run had it


_DATES = "Date and time"
MOMENTS = (
    Variable("today", "The date, as 2026-05-31", "date", _DATES),
    Variable("now", "The date and time, as 2026-05-31T09:30:00+00:00", "time", _DATES),
)


class Names:
    """The names of one workflow; ask `seen_from` for each node.

    `seen` gives outputs of earlier runs by step id; it is asked only for steps whose outputs their kind leaves open.
    """

    def __init__(
        self,
        spec: WorkflowSpec,
        *,
        kinds: Mapping[str, NodeKind[Any]],
        agents: Mapping[str, AgentSpec],
        workflows: Mapping[str, CalledWorkflow] | None = None,
        seen: Callable[[Sequence[str]], Mapping[str, JsonValue]] | None = None,
    ) -> None:
        self._nodes = {node.id: node for node in spec.nodes}
        self._kinds = kinds
        self._agents = agents
        self._workflows = workflows or {}
        self._ask = seen
        self._seen: Mapping[str, JsonValue] = {}
        self._before: dict[str, list[str]] = defaultdict(list)
        for edge in spec.edges:
            self._before[edge.target].append(edge.source)
        self._undoing = {edge.target for edge in spec.edges if edge.port == UNDO_PORT}

    def seen_from(self, node_id: str) -> list[Variable]:
        """The item of each container around the node, the steps before it, nearest first, variables, inputs, and the date."""
        node = self._nodes.get(node_id)
        if node is None:
            return []
        scopes = list(self._around(node))
        steps = [step for inner in scopes for step in self._upstream(inner.id)]
        self._look_back([*steps, *(inner for inner in self._nodes.values() if inner.parent == node_id)])
        found = list(self._given(scopes))
        for step in steps:
            if step.kind != "start":
                found.extend(self._outputs(step))
        for inner in self._nodes.values():
            if inner.parent == node_id and inner.id != node_id:
                found.extend(self._outputs(inner))
        found += [*self._set_variables(steps), *self._inputs()]
        return [*found, *(moment for moment in MOMENTS if moment.path not in self._nodes)]

    def _look_back(self, steps: Sequence[NodeSpec]) -> None:
        wanted = [step.id for step in steps if step.kind != "start" and is_open(self._promised(step))]
        if self._ask is not None and wanted:
            self._seen = self._ask(wanted)

    def _given(self, scopes: Sequence[NodeSpec]) -> Iterator[Variable]:
        """What containers give: to the steps inside, and to the container's own fields that are read after each pass."""
        for inner, container in pairwise(scopes):
            if not self._is_region(container) or inner.id in self._undoing:
                yield from self._item(container)
        if not self._is_region(scopes[0]):
            yield from self._item(scopes[0])

    def _is_region(self, node: NodeSpec) -> bool:
        kind = self._kinds.get(node.kind)
        return kind is not None and kind.is_region

    def _around(self, node: NodeSpec) -> Iterator[NodeSpec]:
        """The node, then the containers it lives in; guards against a parent that names itself."""
        seen: set[str] = set()
        current: NodeSpec | None = node
        while current is not None and current.id not in seen:
            seen.add(current.id)
            yield current
            current = self._nodes.get(current.parent) if current.parent else None

    def _upstream(self, node_id: str) -> list[NodeSpec]:
        """Everything before the node in its scope, nearest first."""
        seen: dict[str, None] = {}
        queue = list(self._before[node_id])
        while queue:
            current = queue.pop(0)
            if current not in seen and current in self._nodes:
                seen[current] = None
                queue.extend(self._before[current])
        return [self._nodes[name] for name in seen if name != node_id]

    def _schema(self, node: NodeSpec) -> JsonSchema:
        """What its kind promises, and where that says nothing, what an earlier run had there."""
        schema = self._promised(node)
        return fill(schema, self._seen[node.id]) if node.id in self._seen else schema

    def _promised(self, node: NodeSpec) -> JsonSchema:
        kind = self._kinds.get(node.kind)
        if kind is None:
            return {}
        try:
            config = kind.config_type.model_validate(node.config)
        except ValidationError:
            return {}
        return kind.schema_of(config, agents=self._agents, workflows=self._workflows)

    def _start(self) -> NodeSpec | None:
        return next((node for node in self._nodes.values() if node.kind == "start"), None)

    def _inputs(self) -> list[Variable]:
        start = self._start()
        schema = self._schema(start) if start else {}
        return list(_flatten("inputs", schema, "Inputs", own_row=False))

    def _item(self, container: NodeSpec) -> list[Variable]:
        group = f"Inside {self._name_of(container)}"
        kind = self._kinds.get(container.kind)
        given = {} if kind is None else kind.gives
        found = [Variable(path, label, words, group) for root, path, label, words in _GIVEN if root in given]
        if given.get("item") == {}:
            fields = _flatten("item", self._entry_of(container), group, own_row=False)
            found[1:1] = fields
        return found

    def _entry_of(self, container: NodeSpec) -> JsonSchema:
        """What is known of an entry of the list that a container goes through."""
        items = container.config.get("items")
        reference = plain_reference(items) if isinstance(items, str) else None
        if reference is None:
            return {}
        root, *rest = reference.path
        source = self._start() if root == "inputs" else self._nodes.get(str(root))
        found = follow(self._schema(source), [*rest, 0]) if source else None
        return {} if found is None or found.is_missing else found.schema

    def _set_variables(self, steps: list[NodeSpec]) -> list[Variable]:
        names: dict[str, None] = {}
        for step in steps:
            values = step.config.get("values") if step.kind == "set_variables" else None
            names.update(dict.fromkeys(values if isinstance(values, dict) else ()))
        return [Variable(f"vars.{name}", name, "any", "Variables") for name in names]

    def _name_of(self, node: NodeSpec) -> str:
        kind = self._kinds.get(node.kind)
        return node.label or (kind.title if kind is not None else as_words(node.id))

    def _outputs(self, node: NodeSpec) -> list[Variable]:
        return list(_flatten(node.id, self._schema(node), self._name_of(node), own_row=True))


def _flatten(path: str, schema: JsonSchema, group: str, *, own_row: bool, depth: int = 0, is_seen: bool = False) -> Iterator[Variable]:
    """One row for the value itself and one for each field inside it."""
    if own_row:
        yield Variable(path, schema.get("title") or path.rsplit(".", 1)[-1], _words(schema), group, is_seen)
    is_seen = is_seen or SEEN in schema
    properties = schema.get("properties")
    if depth < MAX_DEPTH and isinstance(properties, dict):
        for name, child in properties.items():
            if isinstance(child, dict):
                yield from _flatten(f"{path}.{name}", child, group, own_row=True, depth=depth + 1, is_seen=is_seen)


def _words(schema: JsonSchema) -> str:
    kind = schema.get("type")
    return _WORDS.get(kind, "any") if isinstance(kind, str) else "any"
