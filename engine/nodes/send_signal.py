"""Send a signal: lets a step of another run go on that waits for it; kept until one does."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Template, Then, Widget
from engine.nodes.wait_signal import signal_key
from engine.spec.agent import AgentSpec


class SendSignalConfig(NodeConfig):
    """Which signal, with what."""

    key: Annotated[Template, Widget("template", placeholder="payment-{{ inputs.order }}")] = Field(
        "", max_length=2000, title="Name of the signal", description="The name that the other run waits for."
    )
    value: Annotated[JsonValue, Widget("value")] = Field(
        None, title="Value", description="What goes along; the waiting step gives it as its result."
    )


class SendSignal(NodeKind[SendSignalConfig]):
    """The journal sends it in the transaction that says this step is done, so exactly once."""

    kind = "signal"
    title = "Send a signal"
    summary = "Lets another run go on that waits for a signal with this name."
    category = "logic"
    icon = "send"
    immediate = True
    config_type = SendSignalConfig

    def output_schema(self, config: SendSignalConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """What was sent."""
        return {"type": "object", "properties": {"key": {"type": "string"}, "value": {}}, "required": ["key", "value"]}

    async def run(self, ctx: NodeContext, config: SendSignalConfig) -> NodeResult:
        """Send it."""
        key = signal_key(config.key)
        return NodeResult({"key": key, "value": config.value}, then=Then(signal=key))
