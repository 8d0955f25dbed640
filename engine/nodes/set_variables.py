"""Set variables: gives names to values, so that later steps can say {{ vars.total }}."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from engine.json import JsonSchema, JsonValue
from engine.nodes.base import Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Widget
from engine.spec.agent import AgentSpec

VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class SetVariablesConfig(NodeConfig):
    """Names and values."""

    values: Annotated[dict[VariableName, JsonValue], Widget("values")] = Field(
        default_factory=dict,
        max_length=100,
        title="Variables",
        description="Each name can be used in every later step as {{ vars.name }}. A reference alone keeps its type; text stays text.",
    )


class SetVariables(NodeKind[SetVariablesConfig]):
    """Assigns variables for everything downstream."""

    kind = "set_variables"
    title = "Set variables"
    summary = "Gives names to values, so that later steps can use them."
    category = "data"
    icon = "variable"
    immediate = True
    sets_variables = True
    config_type = SetVariablesConfig

    def gaps(self, config: SetVariablesConfig) -> tuple[Gap, ...]:
        """It does nothing without a variable."""
        return () if config.values else (Gap("values", "No variable is set.", "Add one, or remove the step.", is_fatal=False),)

    def output_schema(self, config: SetVariablesConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """One property per variable."""
        names = list(config.values)
        return {"type": "object", "properties": {name: {} for name in names}, "required": names}

    async def run(self, ctx: NodeContext, config: SetVariablesConfig) -> NodeResult:
        """The driver has resolved the values already."""
        return NodeResult(dict(config.values))
