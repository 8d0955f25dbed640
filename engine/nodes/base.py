"""What every node kind is: a typed Config, named ports, an output schema and `run`; palette, forms and docs derive from it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.sample import sample
from engine.ports import NO_USAGE, Clock, CodeRunner, HttpClient, LanguageModel, LiveSink, Tool, Usage
from engine.spec.agent import AgentSpec
from engine.spec.workflow import CalledWorkflow

MAX_ITEMS = 10_000  # entries of one list that a container goes through


class Effect(StrEnum):
    """What repeating the node after a crash may do: nothing, nothing new, or something twice."""

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class Widget:
    """Annotation on a Config field: how the inspector edits it and how the driver resolves it.

    `name` is one of: text, textarea, number, toggle, select, template (Liquid, resolved to text), value (Liquid or
    literal, resolved to JSON; a lone `{{ path }}` keeps its type; lists and objects are resolved inside), condition (Liquid
    boolean, left to the node), late_template and late_value (left to the node), literal (text, or JSON that is neither a text
    nor a template), code, model, agent, tools, schema, credential, node and nodes (ids of other steps), key_values (mapping of
    template texts), values (mapping of names to values), json, cases (list of labelled conditions), buttons, form_fields,
    duration, workflow, workflow_version, called_inputs (values by the input names of the called workflow). A field that holds a
    tuple of models is resolved inside each.
    """

    name: str
    placeholder: str = ""
    options: tuple[tuple[str, str], ...] = ()  # (value, label) of a select
    advanced: bool = False
    show_if: tuple[str, str] | None = None  # (field, value): shown only then


Template = Annotated[str, Widget("template")]
Value = Annotated[JsonValue, Widget("value")]


class NodeConfig(BaseModel):
    """Base of every kind's Config; titles and descriptions of its fields become the inspector's labels and help."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def widget_of(info: FieldInfo) -> Widget | None:
    """The Widget that annotates a Config field, also inside `X | None`."""
    for item in info.metadata:
        if isinstance(item, Widget):
            return item
    for part in get_args(info.annotation):
        for item in getattr(part, "__metadata__", ()):
            if isinstance(item, Widget):
                return item
    return None


C = TypeVar("C", bound=NodeConfig)


@dataclass(frozen=True, slots=True)
class Port:
    """A named output; `kind` is normal, error or branch and only changes how it is drawn."""

    name: str
    label: str = ""
    kind: str = "normal"


@dataclass(frozen=True, slots=True)
class Wait:
    """Returned by a node that parks: who or what it waits for, until when, and what to show meanwhile."""

    reason: str  # approval | delay | child | signal
    until: datetime | None = None
    request: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Items:
    """Returned by a container: its body runs once per value, at most `parallel` at a time.

    A value whose pass fails is tried `tries` times in all. With `enough` good passes the rest is stopped, or, unless `cancels`, those
    that have begun are let finish.
    """

    values: list[JsonValue]
    parallel: int = 1
    stop_on_error: bool = True
    enough: int | None = None
    cancels: bool = True
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Passes:
    """Returned by a loop: `next_pass` is asked before each pass; `first` is what stands in for the pass before the first one."""

    first: JsonValue = None


@dataclass(frozen=True, slots=True)
class Region:
    """Returned by a container whose body runs once. After `limit_s` it is stopped and goes on at the port `way`."""

    limit_s: float | None = None
    way: str | None = None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How the body ended for one value; `error` has code, message and node when it failed, `value` is then None.

    `at` is the name of the step that failed, "" where no step inside did.
    """

    index: int
    item: JsonValue
    value: JsonValue = None
    error: JsonObject | None = None
    at: str = ""

    @property
    def is_unneeded(self) -> bool:
        """Whether it was stopped because the container needed no more of it."""
        return self.error is not None and self.error.get("code") == "cancelled"


@dataclass(frozen=True, slots=True)
class Then:
    """What a finished node does besides: stop other nodes, add entries to the list around it, leave the container or end the run,
    send its output's value as a signal of this name."""

    stop: tuple[str, ...] = ()
    add: tuple[JsonValue, ...] = ()
    leave: Literal["", "container", "run"] = ""
    signal: str = ""

    def as_json(self) -> JsonObject:
        """The form the journal keeps."""
        parts: JsonObject = {"stop": list(self.stop), "add": list(self.add), "leave": self.leave, "signal": self.signal}
        return {name: part for name, part in parts.items() if part}


@dataclass(frozen=True, slots=True)
class NodeResult:
    """A finished node: its output value, the port that is taken, what model calls it made, and what it does besides."""

    output: JsonValue = None
    port: str = "out"
    usage: Usage = NO_USAGE
    then: Then | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A setting that is empty though the node needs it. `field` is its dotted path; with `is_fatal` a run can only fail there.

    With `is_task` a model is told nothing there: it answers all the same, and makes something up.
    """

    field: str
    message: str
    remedy: str
    is_fatal: bool = True
    is_task: bool = False
    is_list: bool = False  # a list is missing


def task_gaps(field: str, text: str, *, who: str) -> tuple[Gap, ...]:
    """The gap of an empty text that tells a model what to do."""
    if text.strip():
        return ()
    return (Gap(field, f"{who} is told nothing, so what it answers is made up.", "Write what it works on.", is_fatal=False, is_task=True),)


class NodeContext(Protocol):
    """What a running node may touch; the driver provides it."""

    @property
    def node_id(self) -> str:
        """The node's id in the workflow."""
        ...

    @property
    def iteration(self) -> str:
        """Which item of which container: "" at the top, "3" for the fourth item, "3/0" for a nested one."""
        ...

    @property
    def attempt(self) -> int:
        """From 1."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same for every repetition of this step, by a retry or by another worker."""
        ...

    @property
    def models(self) -> LanguageModel: ...

    def chain(self, model: str, fallbacks: Sequence[str]) -> tuple[str, ...]:
        """The models to ask in order: the workspace's fallbacks where the step names none, or the model a person chose instead."""
        ...

    @property
    def http(self) -> HttpClient: ...

    @property
    def code(self) -> CodeRunner: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def live(self) -> LiveSink: ...

    def scope(self) -> Mapping[str, Any]:
        """The names templates see: inputs, vars, now (ISO, UTC), what containers give (item, index, loop), every finished upstream node."""
        ...

    def render(self, template: str, field: str) -> str:
        """Render a late template over the scope; raises Permanent `template_error` naming field, line and column."""
        ...

    def evaluate(self, template: JsonValue, field: str) -> JsonValue:
        """Resolve a late value over the scope: a lone `{{ path }}` keeps its type."""
        ...

    def test(self, condition: str, field: str) -> bool:
        """Evaluate a Liquid condition over the scope; raises Permanent `condition_error`."""
        ...

    def agent(self, slug: str) -> AgentSpec:
        """The pinned agent, or Permanent `unknown_agent`."""
        ...

    def called(self, reference: str) -> CalledWorkflow:
        """The workflow pinned under this reference, or Permanent `unknown_workflow`."""
        ...

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """The tools granted by name."""
        ...

    def decision(self) -> JsonObject | None:
        """What a resumed node was told: an answer, how a child ended, `{"expired": true}` when its time ran out, None on a fresh start."""
        ...

    def recall(self, key: str) -> JsonObject | None:
        """The fact this node recorded under `key` before a crash or an earlier attempt, if it did."""
        ...

    def record(self, key: str, fact: JsonObject) -> None:
        """Keep a fact that must not be paid for twice (NODE_PROGRESS); it is durable after the next checkpoint or finish."""
        ...

    async def checkpoint(self) -> None:
        """Commit what was recorded; to be awaited before the next call that costs or changes something."""
        ...

    def status(self, node: str) -> str:
        """Where a step beside this one or a container around it stands: pending, running, waiting, done, failed, skipped or cancelled."""
        ...

    def incoming(self) -> dict[str, JsonValue]:
        """Outputs of the taken direct predecessors by node id, in edge order; in `item_value` those of the body's last nodes."""
        ...


class NodeKind(ABC, Generic[C]):
    """One kind of node. Instances are stateless and shared."""

    kind: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    category: ClassVar[str]  # start | ai | logic | data | people | end
    icon: ClassVar[str]  # lucide icon name
    effect: ClassVar[Effect] = Effect.PURE
    immediate: ClassVar[bool] = False  # `run` never awaits anything: the driver runs it in place, without a task
    first_attempts: ClassVar[int] = 1  # how often a new node of this kind tries, when somebody adds one to a workflow
    can_fail: ClassVar[bool] = True  # offers retry, timeout and the error port
    is_container: ClassVar[bool] = False
    gives: ClassVar[Mapping[str, JsonSchema]] = MappingProxyType({})  # containers: the names its body sees, with their schemas
    is_region: ClassVar[bool] = False  # containers: the body runs once, as part of what is around it, and its steps may have undo steps
    needs_around: ClassVar[Literal["", "list", "repeat"]] = ""  # it means something only inside a list, or a list or loop (which it leaves)
    is_entry: ClassVar[bool] = False  # where a workflow starts; without one, every node with no incoming edge starts
    is_exit: ClassVar[bool] = False  # its output is the run's output
    only_decides: ClassVar[bool] = False  # its output says which way was taken, not what there is to read
    sets_variables: ClassVar[bool] = False  # its output's fields become `vars` for everything downstream
    is_drawing: ClassVar[bool] = False  # only drawn, never run
    is_caller: ClassVar[bool] = False  # runs another workflow as a step: see `calls`
    config_type: type[C]

    def effect_of(self, config: C) -> Effect:
        """What repeating this node may do; most kinds answer with their class's `effect`."""
        return self.effect

    def ports(self, config: C) -> tuple[Port, ...]:
        """Output ports for this config, without the error port, which `on_error: branch` adds."""
        return (Port("out"),)

    def passes_on(self, config: C) -> str | None:
        """The field that is empty, so that what came in is shown or given instead; None if none is."""
        return None

    def gaps(self, config: C) -> tuple[Gap, ...]:
        """What is empty that must not be, as far as no widget tells it already (agents, models, code, conditions and named steps)."""
        return ()

    def output_schema(self, config: C, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """JSON Schema of the output; `{}` says nothing is known."""
        return {}

    def stub(self, config: C, *, agents: Mapping[str, AgentSpec], now: datetime) -> "NodeResult":
        """What a dry run takes for the result of a step whose effect must not happen, or which would wait: an example of its output."""
        ports = self.ports(config)
        return NodeResult(sample(self.output_schema(config, agents=agents), now=now), ports[0].name if ports else "out")

    def port_of(self, config: C, output: JsonValue) -> str | None:
        """The way out that an output written by hand implies; None where it does not tell."""
        return None

    def calls(self, config: C) -> str:
        """The reference of the workflow that this node runs as a step, or ""."""
        return ""

    @abstractmethod
    async def run(self, ctx: NodeContext, config: C) -> NodeResult | Wait | Items | Passes | Region:
        """Do the work with the resolved config; only containers return the last three. Raise NodeFailed; never swallow cancellation."""

    def schema_of(self, config: C, *, agents: Mapping[str, AgentSpec], workflows: Mapping[str, CalledWorkflow]) -> JsonSchema:
        """JSON Schema of the output, where other workflows are known; that of a called workflow is the node's."""
        reference = self.calls(config)
        return workflows[reference].output if reference in workflows else self.output_schema(config, agents=agents)

    def item_value(self, ctx: NodeContext, config: C) -> JsonValue:
        """Containers only: what one run of the body gives; `ctx` sees the names inside the body. Default: the last nodes' outputs."""
        outputs = ctx.incoming()
        return next(iter(outputs.values())) if len(outputs) == 1 else outputs or None

    def next_pass(self, ctx: NodeContext, config: C, results: Sequence[ItemResult]) -> NodeResult | None:
        """Loops only: None for another pass, or how it ends; `ctx` sees the last pass, `loop.index` counts the passes so far."""
        raise NotImplementedError

    def early_fields(self, config: C) -> tuple[str, ...]:
        """Containers only: the late fields that are also read before the first pass, when nothing inside has a result yet."""
        return ()

    def stops(self, config: C) -> tuple[str, ...]:
        """The ids of other steps that this one may cancel or skip."""
        return ()

    def collect(self, config: C, results: Sequence[ItemResult]) -> NodeResult:
        """Containers only: the container's result once every item is done, in order. Raise NodeFailed to fail the container."""
        return NodeResult([result.value for result in results])
