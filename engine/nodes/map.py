"""Map: runs the steps inside it once per entry of a list, several at a time."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pydantic import Field

from engine.json import JsonSchema, JsonValue
from engine.nodes.base import Gap, ItemResult, Items, NodeConfig, NodeContext, NodeKind, NodeResult, Value
from engine.nodes.lists import ListPolicies, gather, list_gaps, read_list, results_schema
from engine.spec.agent import AgentSpec


class _Entries(NodeConfig):
    """Which list, and how many at a time."""

    items: Value = Field(
        None, title="List", description="The list to go through, such as {{ inputs.rows }}. Inside: {{ item }} and {{ index }} (from 0)."
    )
    parallel: int = Field(5, ge=1, le=100, title="At once", description="How many entries are worked on at the same time.")


class MapConfig(ListPolicies, _Entries):
    """Fields of the second base come first in the form."""


class Map(NodeKind[MapConfig]):
    """A container; its body are the nodes whose parent it is."""

    kind = "map"
    title = "For each"
    summary = "Does the steps inside it for every entry of a list, several at once."
    category = "logic"
    icon = "list-checks"
    immediate = True
    is_container = True
    gives = MappingProxyType({"item": {}, "index": {"type": "integer"}})
    config_type = MapConfig

    def gaps(self, config: MapConfig) -> tuple[Gap, ...]:
        """Without a list there is nothing to go through."""
        return list_gaps(config.items)

    def output_schema(self, config: MapConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Results in the order of the list, and what failed."""
        return results_schema()

    async def run(self, ctx: NodeContext, config: MapConfig) -> Items:
        """Hand the list to the driver, which runs the body."""
        return Items(
            read_list(config.items),
            config.parallel,
            stop_on_error=config.on_item_error == "fail",
            enough=config.enough,
            cancels=config.others == "cancel",
            tries=config.tries,
        )

    def item_value(self, ctx: NodeContext, config: MapConfig) -> JsonValue:
        """The configured result, or what the last steps gave."""
        return super().item_value(ctx, config) if config.result is None else ctx.evaluate(config.result, "result")

    def collect(self, config: MapConfig, results: Sequence[ItemResult]) -> NodeResult:
        """All results in order."""
        return NodeResult(gather(config, results))
