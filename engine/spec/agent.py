"""The agent definition: what the agent form edits and what an agent node or chat turn runs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.json import JsonSchema

SCHEMA_VERSION = 1
AgentSlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class AgentLimits(BaseModel):
    """What one turn of the agent may use before it is stopped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_steps: int = Field(
        default=8, ge=1, le=50, title="Model calls per turn", description="How often the agent may think before it must answer."
    )
    max_output_tokens: int = Field(
        default=2048, ge=16, le=128_000, title="Answer length", description="Longest answer of one model call, in tokens."
    )
    timeout_s: float = Field(default=120.0, ge=1, le=3600, title="Time limit", description="Seconds until a turn is stopped.")


class AgentSpec(BaseModel):
    """An agent: who it is, which model thinks for it, which tools it may use and how it must answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    name: str = Field(default="", max_length=80, title="Name")
    role: str = Field(
        default="", max_length=200, title="Role", description="One line that says what the agent is, such as 'Support triage specialist'."
    )
    instructions: str = Field(
        default="", max_length=50_000, title="Instructions", description="A Liquid template over 'inputs' and 'vars'."
    )
    model: str = Field(default="demo/assistant", max_length=200, title="Model")
    fallback_models: tuple[str, ...] = Field(default=(), max_length=5, title="Fallback models")
    temperature: float = Field(default=0.3, ge=0, le=2, title="Temperature")
    limits: AgentLimits = Field(default_factory=AgentLimits)
    tools: tuple[str, ...] = Field(default=(), max_length=64, title="Tools")
    output_schema: JsonSchema | None = Field(default=None, title="Structured output")
