"""Model call: asks a language model once, without an agent; for classifying, extracting, rewriting."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.agents.loop import run_turn
from engine.agents.turn import Turn
from engine.json import JsonObject, JsonSchema
from engine.nodes.base import Effect, Gap, NodeConfig, NodeContext, NodeKind, NodeResult, Widget, task_gaps
from engine.nodes.live import watcher
from engine.ports import Message
from engine.spec.agent import AgentLimits, AgentSpec


class LlmConfig(NodeConfig):
    """The model and what it is asked."""

    model: Annotated[str, Widget("model")] = Field("demo/assistant", max_length=200, title="Model")
    system: Annotated[str, Widget("template")] = Field(
        "", max_length=50_000, title="Instructions", description="Who the model is and how it must answer."
    )
    prompt: Annotated[str, Widget("template")] = Field(
        "", max_length=100_000, title="Prompt", description="What it is asked, with references such as {{ inputs.text }}."
    )
    output_schema: Annotated[JsonSchema | None, Widget("schema")] = Field(
        None, title="Structured answer", description="Fields the answer must have; later steps read them as {{ step.data.field }}."
    )
    temperature: Annotated[float, Widget("number", advanced=True)] = Field(
        0.3, ge=0, le=2, allow_inf_nan=False, title="Temperature", description="0: the most likely answer; higher: more varied."
    )
    max_tokens: Annotated[int, Widget("number", advanced=True)] = Field(
        2048, ge=16, le=128_000, title="Answer length", description="In tokens."
    )
    fallback_models: Annotated[tuple[str, ...], Widget("models", advanced=True)] = Field(
        (), max_length=5, title="Fallback models", description="Asked in this order when the model is overloaded or unreachable."
    )


class Llm(NodeKind[LlmConfig]):
    """One answer of a model, with one chance to mend it when it must fit a schema."""

    kind = "llm"
    title = "Model call"
    summary = "Asks a language model once: to classify, extract, rewrite or draft."
    category = "ai"
    icon = "sparkles"
    effect = Effect.IDEMPOTENT
    first_attempts = 3
    config_type = LlmConfig

    def gaps(self, config: LlmConfig) -> tuple[Gap, ...]:
        """It must be told something."""
        return task_gaps("prompt", config.prompt, who="The model")

    def output_schema(self, config: LlmConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """The text; `data` where a structured answer is asked for."""
        properties: JsonSchema = {"text": {"type": "string"}}
        if config.output_schema is not None:
            properties["data"] = config.output_schema
        return {"type": "object", "properties": properties, "required": list(properties)}

    async def run(self, ctx: NodeContext, config: LlmConfig) -> NodeResult:
        """Ask."""
        turn = Turn(
            models=ctx.chain(config.model, config.fallback_models),
            system=config.system,
            messages=(Message("user", config.prompt),),
            temperature=config.temperature,
            limits=AgentLimits(max_steps=1, max_output_tokens=config.max_tokens, timeout_s=600),
            output_schema=config.output_schema,
            idempotency_key=ctx.idempotency_key,
        )
        result = await run_turn(turn, models=ctx.models, memory=ctx, emit=watcher(ctx))
        output: JsonObject = {"text": result.text}
        if config.output_schema is not None:
            output["data"] = result.data
        return NodeResult(output, usage=result.usage)
