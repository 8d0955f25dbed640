"""Condition: if / else-if / else; the first case that holds decides which way the run goes."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Port, Widget
from engine.spec.agent import AgentSpec
from engine.spec.workflow import PortName
from engine.words import as_words

OTHERWISE = "otherwise"


class Case(BaseModel):
    """One way out and when it is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: PortName = Field(title="Port", description="The name of this way out. Keep it when you reword the label.")
    label: str = Field(default="", max_length=60, title="Label", description="What the canvas shows at this way out.")
    condition: Annotated[str, Widget("condition")] = Field(
        default="", max_length=4000, title="When", description="A condition such as “score > 0.5 and inputs.plan == 'pro'”."
    )


class ConditionConfig(NodeConfig):
    """The cases, tried from the top."""

    cases: Annotated[tuple[Case, ...], Widget("cases")] = Field(
        (Case(id="yes", label="Yes"),),
        min_length=1,
        max_length=40,
        title="Cases",
        description="Tried from the top; the first that holds wins. If none holds, the run goes on at 'otherwise'.",
    )

    @model_validator(mode="after")
    def _ports_are_unique(self) -> "ConditionConfig":
        check_ports([case.id for case in self.cases])
        return self


def check_ports(ports: list[str]) -> None:
    """Refuse port names that are used twice or reserved."""
    for port in ports:
        if port in (OTHERWISE, "error"):
            raise ValueError(f"'{port}' is reserved; choose another port name")
        if ports.count(port) > 1:
            raise ValueError(f"two ways out are called '{port}'; rename one")


class Condition(NodeKind[ConditionConfig]):
    """Takes one of several ways."""

    kind = "condition"
    title = "Condition"
    summary = "Goes one way or another, depending on earlier results."
    category = "logic"
    icon = "git-branch"
    immediate = True
    only_decides = True
    config_type = ConditionConfig

    def ports(self, config: ConditionConfig) -> tuple[Port, ...]:
        """One per case, and `otherwise`."""
        cases = tuple(Port(case.id, case.label or as_words(case.id), "branch") for case in config.cases)
        return (*cases, Port(OTHERWISE, "Otherwise", "branch"))

    def output_schema(self, config: ConditionConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Which case was taken."""
        ports = [port.name for port in self.ports(config)]
        return {"type": "object", "properties": {"case": {"type": "string", "enum": ports}}, "required": ["case"]}

    def port_of(self, config: ConditionConfig, output: JsonValue) -> str | None:
        """The case it names."""
        return str(output.get("case")) if isinstance(output, dict) else None

    async def run(self, ctx: NodeContext, config: ConditionConfig) -> NodeResult:
        """Try the cases in order."""
        for index, case in enumerate(config.cases):
            if ctx.test(case.condition, f"cases.{index}.condition"):
                return NodeResult({"case": case.id}, case.id)
        return NodeResult({"case": OTHERWISE}, OTHERWISE)
