"""Which workflows a workflow calls as steps: what each takes and gives back, and whether the calls come round in a circle."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from engine.expressions.analysis import plain_reference
from engine.expressions.errors import ExpressionError
from engine.expressions.template import compile_template
from engine.graph.outline import TOP, AnyKind, NodeView, Outline, outline
from engine.graph.references import ReferenceCheck
from engine.graph.report import Report
from engine.graph.schemas import UNKNOWN, follow, schema_of_value, union
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import NodeConfig
from engine.spec.agent import AgentSpec
from engine.spec.workflow import CalledWorkflow, Lack, WorkflowSpec

MAX_DEPTH = 8  # a run, its child, the child's child and so on
MAX_CALLED = 200  # different workflows below one


@dataclass(frozen=True, slots=True)
class Stored:
    """A workflow that can be called, as its owner keeps it."""

    name: str
    spec: WorkflowSpec
    agents: Mapping[str, AgentSpec] = field(default_factory=dict[str, AgentSpec])
    errors: int = 0
    revision: int | None = None
    workflow: str = ""  # its owner's id for it
    lacks: tuple[Lack, ...] = ()
    is_sealed: bool = False  # `spec` is only its face: what it takes, and nothing of how it works


Load = Callable[[str], Stored | None]


def calls_of(spec: WorkflowSpec, kinds: Mapping[str, AnyKind]) -> list[str]:
    """The references a workflow names, each once, in the order of its nodes; nodes with wrong configs name nothing."""
    found: dict[str, None] = {}
    for node in spec.nodes:
        kind = kinds.get(node.kind)
        if kind is None or not kind.is_caller:
            continue
        reference = called_of(kind, node.config)
        if reference:
            found[reference] = None
    return list(found)


def called_of(kind: AnyKind, config: JsonObject) -> str:
    """What a node with this config calls; "" for none, and for a wrong config."""
    try:
        return kind.calls(kind.config_type.model_validate(config))
    except ValidationError:
        return ""


@dataclass(slots=True)
class _Visit:
    """What a look below one workflow found: how many levels there are, and how it looks to callers."""

    height: int
    called: CalledWorkflow


class CallTree:
    """Answers what called workflows look like. `load` finds a stored one by reference, None when there is none (for this asker)."""

    def __init__(self, kinds: Mapping[str, AnyKind], load: Load) -> None:
        self._kinds = kinds
        self._load = load
        self._stored: dict[str, Stored | None] = {}
        self._visits: dict[str, _Visit] = {}

    def called_by(self, spec: WorkflowSpec, *, reference: str = "", name: str = "") -> dict[str, CalledWorkflow]:
        """Everything the workflow calls directly, by reference. Its own `reference` and `name` tell when a call comes back to it."""
        path = {reference: name} if reference else {}
        visits = {called: self._visit(called, path) for called in calls_of(spec, self._kinds)}
        return {called: visit.called for called, visit in visits.items() if visit is not None}

    def face(self, reference: str) -> CalledWorkflow | None:
        """How one workflow looks to callers; None when it is not there or cannot be called."""
        visit = self._visit(reference, {})
        return None if visit is None or visit.called.problem else visit.called

    def stored(self, reference: str) -> Stored | None:
        """The stored workflow itself."""
        if reference not in self._stored:
            self._stored[reference] = self._load(reference)
        return self._stored[reference]

    def _visit(self, reference: str, path: dict[str, str]) -> _Visit | None:
        stored = self.stored(reference)
        if stored is None:
            return None
        if reference in path:
            names = [*list(path.values())[list(path).index(reference) :], stored.name]
            return _refused(stored, f"The workflows call each other in a circle: {' → '.join(names)}.")
        if reference in self._visits:
            return self._visits[reference]
        if len(self._stored) > MAX_CALLED:
            return _refused(stored, f"More than {MAX_CALLED} workflows hang on this one.")
        below = {**path, reference: stored.name}
        inner = {one: visit for one in calls_of(stored.spec, self._kinds) if (visit := self._visit(one, below)) is not None}
        visit = self._visits[reference] = self._look(stored, inner)
        return visit

    def _look(self, stored: Stored, inner: Mapping[str, _Visit]) -> _Visit:
        problem = next((visit.called.problem for visit in inner.values() if visit.called.problem), "")
        height = 1 + max((visit.height for visit in inner.values()), default=0)
        if not problem and height > MAX_DEPTH:
            problem = f"Workflows call each other more than {MAX_DEPTH} levels deep."
        if problem:
            return _refused(stored, problem)
        face = Face(stored.spec, self._kinds, stored.agents, {one: visit.called for one, visit in inner.items()})
        count = "an error" if stored.errors == 1 else f"{stored.errors} errors"
        warning = f"'{stored.name}' has {count} to mend before it can run." if stored.errors else ""
        called = CalledWorkflow(
            name=stored.name, inputs=face.inputs(), output=face.output(), warning=warning, lacks=stored.lacks, workflow=stored.workflow
        )
        return _Visit(height, called)


def _refused(stored: Stored, problem: str) -> _Visit:
    return _Visit(1, CalledWorkflow(name=stored.name, problem=problem))


class Face:
    """What a workflow takes and gives, worked out from its start and its ends."""

    def __init__(
        self,
        spec: WorkflowSpec,
        kinds: Mapping[str, AnyKind],
        agents: Mapping[str, AgentSpec],
        workflows: Mapping[str, CalledWorkflow],
    ) -> None:
        report = Report()
        self._graph: Outline = outline(spec, kinds, report)
        self._types = ReferenceCheck(self._graph, agents, report, workflows)

    def inputs(self) -> JsonSchema:
        """The start's form, or {} when it takes anything."""
        start = next(self._top(is_entry=True), None)
        return UNKNOWN if start is None else self._types.schema_of(start)

    def output(self) -> JsonSchema:
        """What the only end gives; with several, any of them, or an object that names each which was reached."""
        ends = list(self._top(is_exit=True))
        if not ends:
            return UNKNOWN
        given = {end.id: self._given(end) for end in ends}
        if len(ends) == 1:
            return given[ends[0].id]
        both: JsonSchema = {"type": "object", "properties": given, "additionalProperties": False}
        return UNKNOWN if any(schema == UNKNOWN for schema in given.values()) else union([*given.values(), both])

    def _top(self, *, is_entry: bool = False, is_exit: bool = False) -> Iterator[NodeView]:
        for node in self._graph.nodes.values():
            kind = node.kind
            if node.scope == TOP and kind is not None and ((is_entry and kind.is_entry) or (is_exit and kind.is_exit)):
                yield node

    def _given(self, end: NodeView) -> JsonSchema:
        config: NodeConfig | None = end.config
        value: JsonValue = getattr(config, "output", None)
        if config is None:
            return UNKNOWN
        return self._before(end) if value is None else self._type_of(value)

    def _before(self, end: NodeView) -> JsonSchema:
        scope = self._graph.scopes[end.scope]
        sources = [node for node in scope.nodes if any(target == end.slot for _, target in scope.edges[node.slot])]
        return self._types.schema_of(sources[0]) if len(sources) == 1 else UNKNOWN

    def _type_of(self, value: JsonValue) -> JsonSchema:
        if isinstance(value, str):
            return self._type_of_text(value)
        if isinstance(value, dict):
            inner: JsonObject = {name: self._type_of(item) for name, item in value.items()}
            return {"type": "object", "properties": inner, "additionalProperties": False}
        if isinstance(value, list):
            return {"type": "array", "items": union([self._type_of(item) for item in value[:20]])}
        return schema_of_value(value)

    def _type_of_text(self, text: str) -> JsonSchema:
        try:
            is_text = not compile_template(text).is_value
        except ExpressionError:
            return UNKNOWN  # told where it stands
        if is_text:
            return {"type": "string"}
        reference = plain_reference(text)
        if reference is None:
            return UNKNOWN
        node = self._graph.nodes.get(reference.root)
        if reference.root != "inputs" and node is None:
            return UNKNOWN
        end = follow(self.inputs() if node is None else self._types.schema_of(node), reference.path[1:])
        return UNKNOWN if end.is_missing else end.schema
