"""Switch: compares one value with a list of cases; simpler than a condition when only the value differs."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.expressions.values import to_text
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Template, Value, Widget
from engine.nodes.condition import OTHERWISE, check_ports
from engine.spec.agent import AgentSpec
from engine.spec.workflow import PortName
from engine.words import as_words


class SwitchCase(BaseModel):
    """One way out and the value that leads to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: PortName = Field(title="Port", description="The name of this way out. Keep it when you reword the label.")
    label: str = Field(default="", max_length=60, title="Label", description="What the canvas shows at this way out.")
    equals: Template = Field(
        default="", max_length=2000, title="Is", description="The value that leads here; several are separated by '|'."
    )


class SwitchConfig(NodeConfig):
    """The value and its cases."""

    value: Value = Field(None, title="Value", description="What is compared, such as {{ classify.data.topic }}.")
    cases: Annotated[tuple[SwitchCase, ...], Widget("cases")] = Field(
        (SwitchCase(id="case_1", label="Case 1"),),
        min_length=1,
        max_length=40,
        title="Cases",
        description="The first case with the same value wins. If none has it, the run goes on at 'otherwise'.",
    )
    ignore_case: bool = Field(True, title="Ignore upper and lower case", description="Treat 'Refund' and 'refund' as the same.")

    @model_validator(mode="after")
    def _ports_are_unique(self) -> "SwitchConfig":
        check_ports([case.id for case in self.cases])
        return self


class Switch(NodeKind[SwitchConfig]):
    """Takes the way whose value matches."""

    kind = "switch"
    title = "Switch"
    summary = "Sends the run down one of several ways by comparing a value."
    category = "logic"
    icon = "split"
    immediate = True
    only_decides = True
    config_type = SwitchConfig

    def ports(self, config: SwitchConfig) -> tuple[Port, ...]:
        """One per case, and `otherwise`."""
        cases = tuple(Port(case.id, case.label or as_words(case.id), "branch") for case in config.cases)
        return (*cases, Port(OTHERWISE, "Otherwise", "branch"))

    def output_schema(self, config: SwitchConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Which case was taken and for what value."""
        ports = [port.name for port in self.ports(config)]
        return {"type": "object", "properties": {"case": {"type": "string", "enum": ports}, "value": {}}, "required": ["case", "value"]}

    def port_of(self, config: SwitchConfig, output: JsonValue) -> str | None:
        """The case it names."""
        return str(output.get("case")) if isinstance(output, dict) else None

    async def run(self, ctx: NodeContext, config: SwitchConfig) -> NodeResult:
        """Compare as text."""
        found = self._normal(to_text(config.value), config)
        for case in config.cases:
            if found in {self._normal(part, config) for part in case.equals.split("|")}:
                return NodeResult({"case": case.id, "value": config.value}, case.id)
        return NodeResult({"case": OTHERWISE, "value": config.value}, OTHERWISE)

    def _normal(self, text: str, config: SwitchConfig) -> str:
        return text.strip().casefold() if config.ignore_case else text.strip()
