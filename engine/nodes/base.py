"""What every node kind is: a typed Config, named ports, an output schema and `run`; palette, forms and docs derive from it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.json import JsonObject, JsonSchema, JsonValue
from engine.ports import Clock, CodeRunner, HttpClient, LanguageModel, LiveSink, SecretSource, Tool, Usage
from engine.spec.agent import AgentSpec


class Effect(StrEnum):
    """What repeating the node after a crash may do: nothing, nothing new, or something twice."""

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class Widget:
    """Annotation on a Config field: how the inspector edits it and how the driver resolves it.

    `name` is one of: text, textarea, number, toggle, select, template (Liquid, resolved to text), value (Liquid or
    literal, resolved to JSON; a lone `{{ path }}` keeps its type), condition (Liquid boolean, left to the node),
    late_template (left to the node), code, model, agent, tools, schema, key_values (mapping of template texts), json,
    cases (list of labelled conditions), buttons, duration.
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

    reason: str  # approval | delay
    until: datetime | None = None
    request: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class NodeResult:
    """A finished node: its output value, the port that is taken and what model calls it made."""

    output: JsonValue = None
    port: str = "out"
    usage: Usage = Usage()


class NodeContext(Protocol):
    """What a running node may touch; the driver provides it."""

    node_id: str
    iteration: str
    attempt: int
    idempotency_key: str
    models: LanguageModel
    http: HttpClient
    code: CodeRunner
    secrets: SecretSource
    clock: Clock
    live: LiveSink

    def scope(self) -> Mapping[str, Any]:
        """The names templates see: inputs, vars, item, index and every finished upstream node by id."""
        ...

    def render(self, template: str, field: str) -> str:
        """Render a late template over the scope; raises Permanent `template_error` naming field, line and column."""
        ...

    def test(self, condition: str, field: str) -> bool:
        """Evaluate a Liquid condition over the scope; raises Permanent `condition_error`."""
        ...

    def agent(self, slug: str) -> AgentSpec:
        """The pinned agent, or Permanent `unknown_agent`."""
        ...

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """The tools granted by name."""
        ...

    def decision(self) -> JsonObject | None:
        """What a resumed node was told (approval), or None when it starts fresh."""
        ...

    def incoming(self) -> dict[str, JsonValue]:
        """Outputs of the taken direct predecessors by node id, in edge order."""
        ...


class NodeKind(ABC, Generic[C]):
    """One kind of node. Instances are stateless and shared."""

    kind: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    category: ClassVar[str]  # start | ai | logic | data | people | end
    icon: ClassVar[str]  # lucide icon name
    effect: ClassVar[Effect] = Effect.PURE
    can_fail: ClassVar[bool] = True  # offers retry, timeout and the error port
    is_container: ClassVar[bool] = False
    config_type: type[C]

    def ports(self, config: C) -> tuple[Port, ...]:
        """Output ports for this config, without the error port, which `on_error: branch` adds."""
        return (Port("out"),)

    def output_schema(self, config: C, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """JSON Schema of the output; `{}` says nothing is known."""
        return {}

    @abstractmethod
    async def run(self, ctx: NodeContext, config: C) -> NodeResult | Wait:
        """Do the work with the resolved config. Raise NodeFailed; never swallow cancellation."""
