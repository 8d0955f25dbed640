"""Add entries: puts more work on the list that is being gone through, such as the next page or the links that were found."""

from collections.abc import Mapping

from pydantic import Field

from engine.json import JsonSchema
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Then, Value
from engine.nodes.lists import read_list
from engine.spec.agent import AgentSpec


class AddEntriesConfig(NodeConfig):
    """What to add."""

    items: Value = Field(None, title="Entries", description="A list, such as {{ page.links }}. They come after the others.")


class AddEntries(NodeKind[AddEntriesConfig]):
    """Inside 'For each'; the container goes on until nothing is added any more."""

    kind = "add_entries"
    title = "Add to the list"
    summary = "Adds entries to the list that is being gone through."
    category = "logic"
    icon = "list-plus"
    immediate = True
    needs_around = "list"
    config_type = AddEntriesConfig

    def output_schema(self, config: AddEntriesConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """How many."""
        return {"type": "object", "properties": {"added": {"type": "integer"}}, "required": ["added"]}

    async def run(self, ctx: NodeContext, config: AddEntriesConfig) -> NodeResult:
        """Hand them to the container."""
        entries = [] if config.items is None else read_list(config.items)
        return NodeResult({"added": len(entries)}, then=Then(add=tuple(entries)) if entries else None)
