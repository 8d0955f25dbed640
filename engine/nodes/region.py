"""Region: keeps steps together, with one way out for errors, one time limit, and undo steps that take finished work back."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from engine.errors import Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import ItemResult, NodeConfig, NodeContext, NodeKind, NodeResult, Port, Region, Widget
from engine.spec.agent import AgentSpec

TIMEOUT_PORT = "timeout"
_LONGEST_S = 366 * 86_400.0
_ERROR: JsonSchema = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "node": {"type": "string"}, "details": {"type": "object"}},
}


class RegionConfig(NodeConfig):
    """How long it may take, and what it gives."""

    limit_s: Annotated[float | None, Widget("duration")] = Field(
        None,
        gt=0,
        le=_LONGEST_S,
        allow_inf_nan=False,
        title="Takes at most",
        description="After this time the steps inside are stopped and undone, and it goes on at 'Too late'. Waiting counts.",
    )
    result: Annotated[JsonValue, Widget("late_value")] = Field(
        None, title="Result", description="What it gives, such as {{ book.id }} or an object. Empty: the output of the last step inside."
    )


class RegionKind(NodeKind[RegionConfig]):
    """A container whose body runs once; a step inside may have an undo step, connected from its undo port."""

    kind = "region"
    title = "Group with undo"
    summary = "Keeps steps together: one error way out, a time limit, undo steps."
    category = "logic"
    icon = "shield"
    immediate = True
    is_container = True
    gives = MappingProxyType({"error": _ERROR})
    is_region = True
    config_type = RegionConfig

    def ports(self, config: RegionConfig) -> tuple[Port, ...]:
        """One, and another when time may run out."""
        return (Port("out"),) if config.limit_s is None else (Port("out"), Port(TIMEOUT_PORT, "Too late", "branch"))

    def output_schema(self, config: RegionConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Whatever the steps inside give; when time ran out, the facts of that."""
        return {}

    async def run(self, ctx: NodeContext, config: RegionConfig) -> Region:
        """Let the driver run the body."""
        return Region(config.limit_s, TIMEOUT_PORT)

    def item_value(self, ctx: NodeContext, config: RegionConfig) -> JsonValue:
        """The configured result, or what the last steps gave."""
        return super().item_value(ctx, config) if config.result is None else ctx.evaluate(config.result, "result")

    def collect(self, config: RegionConfig, results: Sequence[ItemResult]) -> NodeResult:
        """The body's result, or its error as this step's own, with the name of the step that failed."""
        body = results[0]
        if body.error is None:
            return NodeResult(body.value)
        error: JsonObject = body.error
        details: dict[str, object] = {"step": error.get("node"), **(error.get("details") or {})}
        raise Permanent(str(error.get("code")), str(error.get("message")), details=details)
