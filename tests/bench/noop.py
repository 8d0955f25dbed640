"""Node kinds that do nothing, so that only the engine is measured."""

from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port


class Nothing(NodeConfig):
    """No settings."""


class Noop(NodeKind[Nothing]):
    """Gives back 1."""

    kind, title, summary, category, icon = "noop", "No-op", "Does nothing.", "data", "circle"
    immediate = True
    config_type = Nothing

    async def run(self, ctx: NodeContext, config: Nothing) -> NodeResult:
        """1."""
        return NodeResult(1)


class Pick(Noop):
    """Goes one of two ways."""

    kind = "pick"

    def ports(self, config: Nothing) -> tuple[Port, ...]:
        """Two."""
        return (Port("a"), Port("b"))

    async def run(self, ctx: NodeContext, config: Nothing) -> NodeResult:
        """The way depends on the node, so that both are taken."""
        return NodeResult(1, "a" if ctx.node_id.endswith(("0", "2", "4", "6", "8")) else "b")


class AwaitingNoop(Noop):
    """A no-op that runs as a task."""

    kind = "slow"
    immediate = False


KINDS = {kind.kind: kind for kind in (Noop(), Pick(), AwaitingNoop())}
