"""Map: runs the steps inside it once per entry of a list, several at a time."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import LimitExceeded, Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import ItemResult, Items, NodeConfig, NodeContext, NodeKind, NodeResult, Value, Widget
from engine.spec.agent import AgentSpec

MAX_ITEMS = 10_000
_ON_ERROR = (
    ("fail", "Stop: this step fails"),
    ("collect", "Go on; its result stays empty and the error is listed"),
    ("skip", "Go on; leave it out of the results"),
)


class MapConfig(NodeConfig):
    """Which list, how many at a time, and what one run of the body gives."""

    items: Value = Field(
        None, title="List", description="The list to go through, such as {{ inputs.rows }}. Inside: {{ item }} and {{ index }} (from 0)."
    )
    parallel: int = Field(5, ge=1, le=100, title="At once", description="How many entries are worked on at the same time.")
    on_item_error: Annotated[Literal["fail", "collect", "skip"], Widget("select", options=_ON_ERROR)] = Field(
        "fail", title="If an entry fails", description="What happens to the others when the steps inside fail for one entry."
    )
    result: Annotated[JsonValue, Widget("late_value")] = Field(
        None,
        title="Result of one entry",
        description="What to keep per entry, such as {{ summarise.text }} or an object. Empty: the output of the last step inside.",
    )


class Map(NodeKind[MapConfig]):
    """A container; its body are the nodes whose parent it is."""

    kind = "map"
    title = "For each"
    summary = "Does the steps inside it for every entry of a list, several at once."
    category = "logic"
    icon = "list-checks"
    immediate = True
    is_container = True
    config_type = MapConfig

    def output_schema(self, config: MapConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Results in the order of the list, and what failed."""
        error = {"type": "object", "properties": {"index": {"type": "integer"}, "code": {"type": "string"}, "message": {"type": "string"}}}
        properties = {"results": {"type": "array"}, "errors": {"type": "array", "items": error}, "count": {"type": "integer"}}
        return {"type": "object", "properties": properties, "required": list(properties)}

    async def run(self, ctx: NodeContext, config: MapConfig) -> Items:
        """Hand the list to the driver, which runs the body."""
        return Items(_entries(config.items), config.parallel, stop_on_error=config.on_item_error == "fail")

    def item_value(self, ctx: NodeContext, config: MapConfig) -> JsonValue:
        """The configured result, or what the last steps gave."""
        return super().item_value(ctx, config) if config.result is None else ctx.evaluate(config.result, "result")

    def collect(self, config: MapConfig, results: Sequence[ItemResult]) -> NodeResult:
        """All results in order."""
        failed = [result for result in results if result.error is not None]
        own = [result for result in failed if result.error is not None and result.error.get("code") != "cancelled"]
        if config.on_item_error == "fail" and own:
            raise _failure(own[0])
        kept = [result.value for result in results if result.error is None or config.on_item_error == "collect"]
        errors: list[JsonObject] = [{"index": result.index, "item": result.item, **(result.error or {})} for result in failed]
        return NodeResult({"results": kept, "errors": errors, "count": len(results)})


def _entries(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        value = [{"key": key, "value": entry} for key, entry in value.items()]
    if not isinstance(value, list):
        found = "nothing" if value is None or value == "" else f"a {type(value).__name__}"
        raise Permanent("not_a_list", f"'List' needs a list, but got {found}. Refer to one, such as {{{{ inputs.rows }}}}.", field="items")
    if len(value) > MAX_ITEMS:
        raise LimitExceeded("too_many_items", f"The list has {len(value):,} entries; at most {MAX_ITEMS:,} are allowed.", field="items")
    return value


def _failure(result: ItemResult) -> Permanent:
    error = result.error or {}
    message = f"Entry {result.index + 1} failed at '{error.get('node')}': {error.get('message')}"
    return Permanent("item_failed", message, details={"index": result.index, "cause": str(error.get("code"))})
