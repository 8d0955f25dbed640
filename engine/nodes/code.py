"""Code: a few lines of Python in the sandboxed interpreter, for what templates cannot say."""

from typing import Annotated

from pydantic import Field

from engine.json import JsonObject, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Widget
from engine.nodes.set_variables import VariableName

MAX_PRINTED = 10_000


class CodeConfig(NodeConfig):
    """The source and the names it may use."""

    inputs: Annotated[dict[VariableName, JsonValue], Widget("values")] = Field(
        default_factory=dict,
        max_length=50,
        title="Inputs",
        description="Names the code can use, with their values such as {{ search.items }}.",
    )
    source: Annotated[str, Widget("code")] = Field(
        "",
        max_length=50_000,
        title="Python code",
        description="The value of the last line is this step's output. No network, files or imports of packages.",
    )
    timeout_s: Annotated[float, Widget("number", advanced=True)] = Field(
        5.0, gt=0, le=30, allow_inf_nan=False, title="Time limit", description="Seconds until the code is stopped."
    )


class Code(NodeKind[CodeConfig]):
    """Runs sandboxed Python; it cannot reach anything, so it is safe to repeat."""

    kind = "code"
    title = "Code"
    summary = "Computes something in Python, safely closed in."
    category = "data"
    icon = "code"
    config_type = CodeConfig

    async def run(self, ctx: NodeContext, config: CodeConfig) -> NodeResult:
        """Run, and keep what was printed for the trace."""
        inputs: JsonObject = dict(config.inputs)
        result = await ctx.code.run(config.source, inputs, timeout_s=config.timeout_s)
        if result.printed:
            ctx.record("printed", {"type": "printed", "text": result.printed[:MAX_PRINTED]})
        return NodeResult(result.value)
