"""End: what the run gives back."""

from collections.abc import Mapping

from pydantic import Field

from engine.json import JsonSchema
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Then, Value
from engine.spec.agent import AgentSpec


class EndConfig(NodeConfig):
    """The run's result."""

    output: Value = Field(
        None,
        title="Result",
        description="What the run gives back: a reference such as {{ summary.text }}, a text, or an object. "
        "Empty: the output of the step before.",
    )
    ends_run: bool = Field(
        False, title="End the whole run at once", description="What else is still at work is stopped, and this is the run's only result."
    )


class End(NodeKind[EndConfig]):
    """An exit of the workflow; with several, the run's result names each that was reached."""

    kind = "end"
    title = "End"
    summary = "Finishes this path and says what the run gives back."
    category = "end"
    icon = "flag"
    immediate = True
    can_fail = False
    is_exit = True
    config_type = EndConfig

    def ports(self, config: EndConfig) -> tuple[()]:
        """Nothing comes after an end."""
        return ()

    def passes_on(self, config: EndConfig) -> str | None:
        """Without a result the run gives back what came in."""
        return "output" if config.output is None else None

    def output_schema(self, config: EndConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Whatever the result is."""
        return {}

    async def run(self, ctx: NodeContext, config: EndConfig) -> NodeResult:
        """The configured result, or what came in."""
        outputs = ctx.incoming()
        only = next(iter(outputs.values())) if len(outputs) == 1 else outputs or None
        then = Then(leave="run") if config.ends_run else None
        return NodeResult(only if config.output is None else config.output, then=then)
