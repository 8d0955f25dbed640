"""Sub-workflow: runs another workflow of the workspace as a run of its own, and goes on with what it gives back."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.errors import NodeFailed, Permanent, Transient
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Wait, Widget
from engine.ports import Usage
from engine.spec.agent import AgentSpec

CHILD = "child"
LISTING = "listing:"  # begins the reference of a sealed listing, by its short name; every workspace calls it the same


class SubWorkflowConfig(NodeConfig):
    """Which workflow, in which version, with what inputs."""

    workflow: Annotated[str, Widget("workflow")] = Field(
        "", max_length=80, title="Workflow", description="It runs as a run of its own; this step waits for it without holding a worker."
    )
    version: Annotated[int | None, Widget("workflow_version", advanced=True)] = Field(
        None, ge=1, title="Version", description="Latest: as it stands when a run of this workflow starts. Or pin a named version."
    )
    inputs: Annotated[dict[str, JsonValue], Widget("called_inputs")] = Field(
        default_factory=dict, title="Inputs", description="What the other workflow asks for; may refer to earlier results."
    )


class SubWorkflow(NodeKind[SubWorkflowConfig]):
    """Parks until its child run is over. The journal starts the child in the transaction that says this step waits."""

    kind = "workflow"
    title = "Sub-workflow"
    summary = "Runs another workflow and goes on with its result."
    category = "logic"
    icon = "workflow"
    immediate = True
    is_caller = True
    config_type = SubWorkflowConfig

    def calls(self, config: SubWorkflowConfig) -> str:
        """The stored workflow's id, or its short name in a blueprint, with the pinned version."""
        return reference_of(config.workflow, config.version)

    def output_schema(self, config: SubWorkflowConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Not known without the other workflow."""
        return {}

    async def run(self, ctx: NodeContext, config: SubWorkflowConfig) -> NodeResult | Wait:
        """Ask for the child on the first call; go on with how it ended."""
        decision = ctx.decision()
        if decision is None:
            called = ctx.called(self.calls(config))
            return Wait(CHILD, None, {"title": called.name, "plan": called.plan, "workflow": called.workflow, "revision": called.revision})
        if decision.get("status") == "succeeded":
            return NodeResult(decision.get("output"), usage=_usage(decision.get("usage") or {}))
        raise _failure(decision)


def reference_of(workflow: str, version: int | None) -> str:
    """How a plan names a called workflow; "" while none is chosen."""
    return f"{workflow}@{version}" if workflow and version is not None else workflow


def is_listing(reference: str) -> bool:
    """Whether a reference means a sealed listing and not a workflow of the workspace or the blueprint."""
    return reference.startswith(LISTING)


def _usage(used: JsonObject) -> Usage:
    """What the child used, for display; it is billed where it was used."""
    return Usage(
        int(used.get("input_tokens", 0)), int(used.get("output_tokens", 0)), int(used.get("cost_micros", 0)), int(used.get("calls", 0))
    )


def _failure(decision: JsonObject) -> NodeFailed:
    """A failed child may be tried again if the step's policy says so; a stopped one may not."""
    error: JsonObject = decision.get("error") or {}
    details: dict[str, object] = {"run": decision.get("run"), "cause": error.get("code")}
    if decision.get("expired"):
        return Transient("timeout", "The sub-workflow took longer than this step's time limit, so it was stopped.")
    if decision.get("status") == "cancelled":
        return Permanent("child_cancelled", "The sub-workflow was stopped.", details=details)
    if decision.get("status") == "lost":
        return Transient("child_lost", "The run of the sub-workflow is gone.", details=details)
    step = decision.get("step") or (f"'{error['node']}'" if error.get("node") else "")
    place = f" at {step}" if step else ""
    return Transient("child_failed", f"The sub-workflow failed{place}: {error.get('message') or 'no reason was given'}", details=details)
