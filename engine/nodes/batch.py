"""Batch: runs the steps inside it once per group of entries of a list, such as 50 at a time for a call that takes many."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from pydantic import Field

from engine.errors import Permanent
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import Gap, ItemResult, Items, NodeConfig, NodeContext, NodeKind, NodeResult, Value
from engine.nodes.lists import ListPolicies, gather, list_gaps, read_list, results_schema
from engine.spec.agent import AgentSpec


class _Groups(NodeConfig):
    """Which list, how large a group is, and how many groups at a time."""

    items: Value = Field(
        None,
        title="List",
        description="What to go through, such as {{ inputs.rows }}. Inside, {{ item }} is the group, a list, and {{ index }} its number.",
    )
    size: int = Field(10, ge=1, le=1000, title="Entries per group", description="The last group may have fewer.")
    parallel: int = Field(1, ge=1, le=100, title="Groups at once", description="How many groups are worked on at the same time.")


class BatchConfig(ListPolicies, _Groups):
    """Fields of the second base come first in the form."""

    flatten: bool = Field(
        False, title="One list of results", description="Each group gives a list; put them together into one, in the order of the entries."
    )


class Batch(NodeKind[BatchConfig]):
    """A container; its body sees the group as `item`."""

    kind = "batch"
    title = "In groups"
    summary = "Does the steps inside it for groups of entries of a list."
    category = "logic"
    icon = "layers"
    immediate = True
    is_container = True
    gives = MappingProxyType({"item": {"type": "array"}, "index": {"type": "integer"}})
    config_type = BatchConfig

    def gaps(self, config: BatchConfig) -> tuple[Gap, ...]:
        """Without a list there is nothing to go through."""
        return list_gaps(config.items)

    def output_schema(self, config: BatchConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Results in the order of the groups, or of the entries."""
        schema = results_schema()
        if config.flatten:
            schema["properties"]["results"] = {"type": "array", "items": {}}
        return schema

    async def run(self, ctx: NodeContext, config: BatchConfig) -> Items:
        """Hand the groups to the driver, which runs the body."""
        entries = read_list(config.items)
        groups: list[JsonValue] = [entries[start : start + config.size] for start in range(0, len(entries), config.size)]
        return Items(
            groups,
            config.parallel,
            stop_on_error=config.on_item_error == "fail",
            enough=config.enough,
            cancels=config.others == "cancel",
            tries=config.tries,
        )

    def item_value(self, ctx: NodeContext, config: BatchConfig) -> JsonValue:
        """The configured result, or what the last steps gave; a list if the lists are to be put together."""
        value = super().item_value(ctx, config) if config.result is None else ctx.evaluate(config.result, "result")
        if config.flatten and not isinstance(value, list):
            message = "A group gave something that is no list. Switch 'One list of results' off, or let each group give a list."
            raise Permanent("not_a_list", message, field="flatten")
        return value

    def collect(self, config: BatchConfig, results: Sequence[ItemResult]) -> NodeResult:
        """All results in order."""
        output = gather(config, results)
        if config.flatten:
            lists = [cast("list[Any]", value) for value in output["results"] if isinstance(value, list)]
            output["results"] = [entry for one in lists for entry in one]
        return NodeResult(output)
