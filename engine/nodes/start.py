"""Start: where a run begins; its fields are the form that people fill in and what templates call `inputs`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from engine.json import JsonSchema
from engine.nodes.base import Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Widget
from engine.nodes.fields import FormField, form_gaps, form_schema, read_form
from engine.spec.agent import AgentSpec


class StartConfig(NodeConfig):
    """What a run is asked for."""

    fields: Annotated[tuple[FormField, ...], Widget("form_fields")] = Field(
        (), max_length=60, title="Input fields", description="What a run needs to know. They become the form behind the Run button."
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> "StartConfig":
        names = [field.name for field in self.fields]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two input fields are called '{twice}'; rename one")
        return self


class Start(NodeKind[StartConfig]):
    """The single entry of a workflow."""

    kind = "start"
    title = "Start"
    summary = "Begins the run and asks for its input."
    category = "start"
    icon = "play"
    immediate = True
    can_fail = False
    is_entry = True
    config_type = StartConfig

    def gaps(self, config: StartConfig) -> tuple[Gap, ...]:
        """Choices without options."""
        return form_gaps(config.fields)

    def output_schema(self, config: StartConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """The form's own schema; without fields, anything may come in."""
        return form_schema(config.fields) if config.fields else {"type": "object"}

    async def run(self, ctx: NodeContext, config: StartConfig) -> NodeResult:
        """Check the inputs against the form."""
        inputs = dict(ctx.scope()["inputs"])
        return NodeResult(read_form(config.fields, inputs) if config.fields else inputs)
