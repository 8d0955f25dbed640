"""Partial output of a running node for whoever watches it."""

from collections.abc import Mapping
from typing import Any

from engine.agents.turn import Emit
from engine.nodes.base import NodeContext


def watcher(ctx: NodeContext) -> Emit | None:
    """Where a turn sends its text and tool calls; None when nobody watches, so that nothing is streamed."""
    if not ctx.live.is_watched:
        return None

    def emit(kind: str, payload: Mapping[str, Any]) -> None:
        ctx.live.emit(kind, ctx.node_id, ctx.iteration, payload)

    return emit
