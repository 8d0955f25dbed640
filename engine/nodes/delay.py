"""Delay: waits for a while or until a moment, without holding a worker."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import Permanent
from engine.json import JsonSchema
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Wait, Widget
from engine.spec.agent import AgentSpec

LONGEST_S = 366 * 86_400.0
_MODES = (("duration", "For a while"), ("until", "Until a date and time"))


class DelayConfig(NodeConfig):
    """How long to wait."""

    mode: Annotated[Literal["duration", "until"], Widget("select", options=_MODES)] = Field("duration", title="Wait")
    duration_s: Annotated[float, Widget("duration", show_if=("mode", "duration"))] = Field(
        60.0, ge=0, le=LONGEST_S, allow_inf_nan=False, title="Duration", description="Up to a year."
    )
    until: Annotated[str, Widget("template", placeholder="2026-03-31T09:00:00Z", show_if=("mode", "until"))] = Field(
        "",
        max_length=500,
        title="Until",
        description="A date and time such as 2026-03-31T09:00:00Z, or a reference to one. Without a time zone it is read as UTC.",
    )


class Delay(NodeKind[DelayConfig]):
    """Parks the run until its time has come; a moment that is past does not wait at all."""

    kind = "delay"
    title = "Delay"
    summary = "Waits for a while, or until a date and time."
    category = "logic"
    icon = "timer"
    immediate = True
    config_type = DelayConfig

    def output_schema(self, config: DelayConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """When it went on."""
        return {"type": "object", "properties": {"resumed_at": {"type": "string", "format": "date-time"}}, "required": ["resumed_at"]}

    async def run(self, ctx: NodeContext, config: DelayConfig) -> NodeResult | Wait:
        """Wait on the first call; go on when woken."""
        now = ctx.clock.now()
        if ctx.decision() is None:
            until = now + timedelta(seconds=config.duration_s) if config.mode == "duration" else _moment(config.until)
            if until > now + timedelta(seconds=LONGEST_S):
                raise Permanent("invalid_delay", "The delay is longer than a year.", field="until")
            if until > now:
                return Wait("delay", until)
        return NodeResult({"resumed_at": now.isoformat()})


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        message = f"'{text[:60]}' is not a date and time. Write it like 2026-03-31T09:00:00Z."
        raise Permanent("invalid_delay", message, field="until") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
