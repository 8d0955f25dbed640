"""Loop: runs the steps inside it again and again, while or until a condition holds, and never more often than a limit."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import LimitExceeded, Permanent
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import ItemResult, NodeConfig, NodeContext, NodeKind, NodeResult, Passes, Value, Widget
from engine.spec.agent import AgentSpec

MAX_PASSES = 1000
_MODES = (("until", "Until the condition holds (at least once)"), ("while", "As long as the condition holds"))
_AT_LIMIT = (("fail", "Stop: this step fails"), ("go_on", "Go on with the last result"))
_LOOP: JsonSchema = {"type": "object", "properties": {"index": {"type": "integer"}, "previous": {}}, "additionalProperties": False}


class LoopConfig(NodeConfig):
    """When to stop, and what one pass gives."""

    mode: Annotated[Literal["until", "while"], Widget("select", options=_MODES)] = Field("until", title="Repeat")
    condition: Annotated[str, Widget("condition", placeholder="review.score >= 8")] = Field(
        "",
        max_length=4000,
        title="Condition",
        description="Over the steps inside, loop.previous (the result of the last pass) and loop.index (how many passes there were).",
    )
    limit: int = Field(10, ge=1, le=MAX_PASSES, title="Most passes", description="However the condition turns out, no more than this.")
    at_limit: Annotated[Literal["fail", "go_on"], Widget("select", options=_AT_LIMIT)] = Field(
        "fail", title="At the limit", description="What happens when so many passes were not enough."
    )
    first: Value = Field(None, title="Before the first pass", description="What {{ loop.previous }} is in the first pass. Empty: nothing.")
    result: Annotated[JsonValue, Widget("late_value")] = Field(
        None,
        title="Result of one pass",
        description="What a pass gives, such as {{ draft.text }} or an object. Empty: the output of the last step inside.",
    )


class Loop(NodeKind[LoopConfig]):
    """A container; its body sees `loop.index` (from 0) and `loop.previous`."""

    kind = "loop"
    title = "Repeat"
    summary = "Does the steps inside it again until a condition holds, up to a limit."
    category = "logic"
    icon = "repeat"
    immediate = True
    is_container = True
    gives = MappingProxyType({"loop": _LOOP})
    config_type = LoopConfig

    def output_schema(self, config: LoopConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """The last result, all of them, and whether the limit ended it."""
        properties = {"result": {}, "results": {"type": "array"}, "count": {"type": "integer"}, "is_limited": {"type": "boolean"}}
        return {"type": "object", "properties": properties, "required": list(properties)}

    def early_fields(self, config: LoopConfig) -> tuple[str, ...]:
        """As long as the condition holds: it is asked before the first pass, too."""
        return ("condition",) if config.mode == "while" else ()

    async def run(self, ctx: NodeContext, config: LoopConfig) -> Passes:
        """Let the driver ask before each pass."""
        return Passes(config.first)

    def item_value(self, ctx: NodeContext, config: LoopConfig) -> JsonValue:
        """The configured result, or what the last steps gave."""
        return super().item_value(ctx, config) if config.result is None else ctx.evaluate(config.result, "result")

    def next_pass(self, ctx: NodeContext, config: LoopConfig, results: Sequence[ItemResult]) -> NodeResult | None:
        """The condition is asked before each pass (`while`) or after each (`until`); the limit has the last word."""
        if config.mode == "while" or results:
            holds = ctx.test(config.condition, "condition")
            if holds is (config.mode == "until"):
                return _output(config, results, is_limited=False)
        if len(results) < config.limit:
            return None
        if config.at_limit == "fail":
            wish = "did not hold" if config.mode == "until" else "still holds"
            message = f"The condition {wish} after {len(results)} passes. Raise 'Most passes', or let it go on at the limit."
            raise LimitExceeded("loop_limit", message, field="limit")
        return _output(config, results, is_limited=True)

    def collect(self, config: LoopConfig, results: Sequence[ItemResult]) -> NodeResult:
        """A pass failed, or a step inside left the loop."""
        last = results[-1] if results else None
        if last is not None and last.error is not None:
            error = last.error
            at = f" at “{last.at}”" if last.at else ""
            message = f"Pass {last.index + 1} failed{at}: {error.get('message')}"
            raise Permanent("pass_failed", message, details={"index": last.index, "cause": str(error.get("code"))})
        return _output(config, results, is_limited=False)


def _output(config: LoopConfig, results: Sequence[ItemResult], *, is_limited: bool) -> NodeResult:
    values = [result.value for result in results]
    last = values[-1] if values else config.first
    return NodeResult({"result": last, "results": values, "count": len(values), "is_limited": is_limited})
