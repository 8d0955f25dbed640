"""Fail: ends its path as a failure with the author's own words; an error way out of a container around it takes it up."""

from typing import Annotated

from pydantic import Field

from engine.errors import Permanent
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Template, Widget


class FailConfig(NodeConfig):
    """What people read."""

    message: Template = Field(
        "", max_length=4000, title="Message", description="What went wrong, for people. May refer to earlier results."
    )
    code: Annotated[str, Widget("text", placeholder="out_of_stock")] = Field(
        "failed", pattern=r"^[a-z][a-z0-9_]{0,62}$", title="Code", description="A short name that error branches can test."
    )


class Fail(NodeKind[FailConfig]):
    """Always fails."""

    kind = "fail"
    title = "Fail"
    summary = "Ends as a failure, with a message of your own."
    category = "end"
    icon = "circle-x"
    immediate = True
    can_fail = False
    config_type = FailConfig

    def ports(self, config: FailConfig) -> tuple[Port, ...]:
        """None: nothing follows."""
        return ()

    async def run(self, ctx: NodeContext, config: FailConfig) -> NodeResult:
        """Raise what the author wrote."""
        raise Permanent(config.code, config.message.strip() or "The workflow ended with a failure.")
