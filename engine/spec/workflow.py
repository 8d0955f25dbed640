"""The workflow definition: nodes, edges and policies; the canvas edits it, the checker judges it, the driver runs it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.json import JsonObject, JsonSchema, JsonValue
from engine.spec.agent import AgentSlug, AgentSpec
from engine.spec.setup import RunSetup

SCHEMA_VERSION = 3
MAX_MICROS = 1_000_000_000_000  # a million US dollars
MAX_TOKENS = 1_000_000_000_000
MAX_NODES = 10_000
MAX_EDGES = 40_000
MAX_NESTING = 20  # containers in containers
UNDO_PORT = "undo"  # in a region: from a step to the step that takes it back
NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
LockName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
PortName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Retry(BaseModel):
    """How often and how patiently a transient failure is tried again (exponential back-off with full jitter)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: int = Field(default=1, ge=1, le=10, title="Attempts", description="1 means no retry.")
    delay_s: float = Field(
        default=1.0, ge=0, le=3600, title="First delay", description="Seconds before the first retry; doubles each time."
    )
    max_delay_s: float = Field(default=60.0, ge=0, le=86_400, title="Longest delay")


class ErrorPolicy(BaseModel):
    """What happens when the node fails for good."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["fail", "branch", "default"] = Field(
        default="fail",
        title="If it fails",
        description="fail: the run fails. branch: go on from the node's error port. default: go on with the value below.",
    )
    default: JsonValue = Field(default=None, title="Default output")


class Position(BaseModel):
    """Where the node stands on the canvas, in flow pixels; inside a container relative to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    x: float = Field(default=0.0, allow_inf_nan=False, ge=-1e7, le=1e7)
    y: float = Field(default=0.0, allow_inf_nan=False, ge=-1e7, le=1e7)
    width: float | None = Field(default=None, allow_inf_nan=False, ge=40, le=20_000)
    height: float | None = Field(default=None, allow_inf_nan=False, ge=40, le=20_000)


class NodeSpec(BaseModel):
    """One node. `config` is validated by its kind's Config model; `parent` names the container it lives in.

    `join` says how many incoming paths start it; `others` what happens to those it waits for no longer. Of the steps that have the
    same `lock`, one at a time is at work. `timeout_s` of a container is for everything inside it, waiting included.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: NodeId
    kind: str = Field(max_length=40)
    label: str = Field(default="", max_length=120)
    config: JsonObject = Field(default_factory=dict)
    parent: NodeId | None = None
    join: Literal["all", "any"] | Annotated[int, Field(ge=1, le=10_000)] = "all"
    others: Literal["finish", "cancel"] = "finish"
    lock: LockName | None = None
    retry: Retry = Field(default_factory=Retry)
    on_error: ErrorPolicy = Field(default_factory=ErrorPolicy)
    timeout_s: float | None = Field(default=None, gt=0, le=366 * 86_400)
    position: Position = Field(default_factory=Position)


class EdgeSpec(BaseModel):
    """A connection from a node's output port to another node of the same scope."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: NodeId
    port: PortName = "out"
    target: NodeId

    @property
    def id(self) -> str:
        """Stable identity: two edges with the same ends and port are the same edge."""
        return f"{self.source}.{self.port}->{self.target}"


class RunLimits(BaseModel):
    """What one run of the workflow may use. Where a person can be asked, a run that reaches a limit waits instead of failing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_parallel: int = Field(default=16, ge=1, le=1000, title="Steps at once")
    timeout_s: float = Field(
        default=3600.0, gt=0, le=30 * 86_400, title="Time limit", description="Seconds of active work; waiting for people does not count."
    )
    max_steps: int = Field(default=100_000, ge=1, le=1_000_000, title="Most steps")
    max_cost_micros: int | None = Field(
        default=None, ge=1, le=MAX_MICROS, title="Most money", description="Millionths of a US dollar for model calls; empty: no limit."
    )
    max_tokens: int | None = Field(
        default=None, ge=1, le=MAX_TOKENS, title="Most tokens", description="Read and written by models; empty: no limit."
    )


class WorkflowSpec(BaseModel):
    """A whole workflow as saved, exported and pinned to runs. Node ids are unique across containers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    name: str = Field(default="", max_length=120)
    description: str = Field(default="", max_length=4000)
    nodes: tuple[NodeSpec, ...] = Field(default=(), max_length=MAX_NODES)
    edges: tuple[EdgeSpec, ...] = Field(default=(), max_length=MAX_EDGES)
    limits: RunLimits = Field(default_factory=RunLimits)


class Lack(BaseModel):
    """What a called workflow needs of its caller's surroundings and does not find there. `place` is the page where it is mended."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    message: str
    remedy: str = ""
    place: str = ""


class CalledWorkflow(BaseModel):
    """A workflow as those see it that call it as a step: name, schemas of what it takes and gives, and where its own plan is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    inputs: JsonSchema = Field(default_factory=dict)  # {}: it takes anything
    output: JsonSchema = Field(default_factory=dict)
    problem: str = ""  # why it cannot be called, in plain words
    warning: str = ""
    lacks: tuple[Lack, ...] = ()
    plan: str = ""  # what the journal's owner calls the pinned plan
    workflow: str = ""  # the id of the stored workflow
    revision: int | None = None


class RunPlan(BaseModel):
    """Everything a run needs, pinned when it starts: the graph, the agents its nodes name (by slug), the workflows they call (by
    reference), and how a test run differs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workflow: WorkflowSpec
    agents: dict[AgentSlug, AgentSpec] = Field(default_factory=dict)
    setup: RunSetup = Field(default_factory=RunSetup)
    workflows: dict[str, CalledWorkflow] = Field(default_factory=dict)
    fallback_models: tuple[str, ...] = Field(default=(), max_length=5)  # the workspace's, for steps and agents that name none
