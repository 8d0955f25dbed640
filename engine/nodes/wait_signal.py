"""Wait for a signal: stops until something outside, or another run, says that it has happened; without holding a worker."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import Permanent
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Template, Wait, Widget
from engine.spec.agent import AgentSpec

SIGNAL = "signal"
TIMEOUT = "timeout"
MAX_KEY = 200
_EARLIER = (("take", "Takes it at once"), ("ignore", "Ignores it, and waits for the next"))


class WaitSignalConfig(NodeConfig):
    """What is waited for, and for how long."""

    key: Annotated[Template, Widget("template", placeholder="payment-{{ inputs.order }}")] = Field(
        "",
        max_length=2000,
        title="Name of the signal",
        description="Whoever sends a signal says this name. Put something in it that only this case has, such as an order number.",
    )
    earlier: Annotated[Literal["take", "ignore"], Widget("select", options=_EARLIER, advanced=True)] = Field(
        "take", title="If it came before", description="What this step does with a signal that was sent before it began to wait."
    )
    limit_s: Annotated[float | None, Widget("duration")] = Field(
        None,
        gt=0,
        le=366 * 86_400,
        allow_inf_nan=False,
        title="Wait at most",
        description="Then the run goes on at 'timeout'. Empty: as long as it takes.",
    )


class WaitSignal(NodeKind[WaitSignalConfig]):
    """Parks the run. A signal that came before is taken at once, unless it is to be ignored; each signal lets one waiting step go on."""

    kind = "wait"
    title = "Wait for a signal"
    summary = "Waits until a signal with this name is sent, from outside or by another run."
    category = "logic"
    icon = "radio"
    immediate = True
    config_type = WaitSignalConfig

    def ports(self, config: WaitSignalConfig) -> tuple[Port, ...]:
        """Received, and too late if there is a limit."""
        received = Port("out", "Received")
        return (received,) if config.limit_s is None else (received, Port(TIMEOUT, "Timeout", "branch"))

    def output_schema(self, config: WaitSignalConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """What was sent with it, when, and by whom."""
        properties: JsonSchema = {
            "key": {"type": "string"},
            "value": {},
            "sent_at": {"type": ["string", "null"]},
            "by": {"type": ["string", "null"]},
        }
        return {"type": "object", "properties": properties, "required": list(properties)}

    def port_of(self, config: WaitSignalConfig, output: JsonValue) -> str | None:
        """A value that nobody sent came by the timeout."""
        return TIMEOUT if isinstance(output, dict) and output.get("sent_at") is None and config.limit_s is not None else "out"

    async def run(self, ctx: NodeContext, config: WaitSignalConfig) -> NodeResult | Wait:
        """Wait on the first call; go on with what was sent."""
        key = signal_key(config.key)
        decision = ctx.decision()
        if decision is None:
            until = None if config.limit_s is None else ctx.clock.now() + timedelta(seconds=config.limit_s)
            return Wait(SIGNAL, until, {"key": key} | ({"earlier": config.earlier} if config.earlier != "take" else {}))
        if decision.get("expired"):
            return NodeResult({"key": key, "value": None, "sent_at": None, "by": None}, TIMEOUT)
        return NodeResult({"key": key, **{name: decision.get(name) for name in ("value", "sent_at", "by")}})


def signal_key(text: str) -> str:
    """The name of a signal as it is matched; raises Permanent when it is empty or too long."""
    key = " ".join(text.split())
    if not key:
        raise Permanent("missing_value", "The signal has no name. Fill it in, such as payment-{{ inputs.order }}.", field="key")
    if len(key) > MAX_KEY:
        raise Permanent("invalid_signal", f"The name of the signal is longer than {MAX_KEY} characters.", field="key")
    return key
