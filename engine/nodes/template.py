"""Template: writes a text from earlier results."""

from collections.abc import Mapping

from pydantic import Field

from engine.json import JsonSchema
from engine.nodes.base import Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Template
from engine.spec.agent import AgentSpec


class TemplateConfig(NodeConfig):
    """The text to fill in."""

    text: Template = Field(
        "",
        max_length=100_000,
        title="Text",
        description="Text with references such as {{ inputs.name }} and Liquid tags. The finished text is this step's output.",
    )


class TemplateNode(NodeKind[TemplateConfig]):
    """Renders a Liquid template."""

    kind = "template"
    title = "Text template"
    summary = "Writes a text from earlier results: a prompt, an e-mail, a report."
    category = "data"
    icon = "file-text"
    immediate = True
    config_type = TemplateConfig

    def gaps(self, config: TemplateConfig) -> tuple[Gap, ...]:
        """An empty text is allowed and rarely meant."""
        return () if config.text.strip() else (Gap("text", "The text is empty.", "Write one, or remove the step.", is_fatal=False),)

    def output_schema(self, config: TemplateConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """A text."""
        return {"type": "string"}

    async def run(self, ctx: NodeContext, config: TemplateConfig) -> NodeResult:
        """The driver has filled the text in already."""
        return NodeResult(config.text)
