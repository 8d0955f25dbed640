"""Leave: ends the loop or list around it at once, with the results so far."""

from pydantic import Field

from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Then, Value


class LeaveConfig(NodeConfig):
    """What this pass gives."""

    result: Value = Field(None, title="Result of this pass", description="Empty: what came in. A 'Result' of the container goes first.")


class Leave(NodeKind[LeaveConfig]):
    """Inside a container that repeats; steps of other passes are cancelled."""

    kind = "leave"
    title = "Leave the loop"
    summary = "Ends the loop or list around it at once; the results so far are kept."
    category = "logic"
    icon = "log-out"
    immediate = True
    needs_around = "repeat"
    config_type = LeaveConfig

    def ports(self, config: LeaveConfig) -> tuple[Port, ...]:
        """None: nothing follows."""
        return ()

    async def run(self, ctx: NodeContext, config: LeaveConfig) -> NodeResult:
        """Pass on what came in."""
        incoming = ctx.incoming()
        only = next(iter(incoming.values())) if len(incoming) == 1 else incoming or None
        return NodeResult(only if config.result is None else config.result, then=Then(leave="container"))
