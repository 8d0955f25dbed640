"""HTTP request: calls another system through the guarded client, with a credential by name and an Idempotency-Key."""

from collections.abc import Mapping
from datetime import datetime

from engine.json import JsonSchema
from engine.nodes.base import Effect, Gap, NodeContext, NodeKind, NodeResult
from engine.nodes.http_config import HttpConfig
from engine.nodes.http_exchange import build_request, read_response
from engine.spec.agent import AgentSpec


class Http(NodeKind[HttpConfig]):
    """One request and its answer. Reading is repeated freely; changing something is not, unless it is declared safe."""

    kind = "http"
    title = "HTTP request"
    summary = "Calls another system over the web and reads its answer."
    category = "data"
    icon = "globe"
    effect = Effect.EFFECT
    first_attempts = 3
    config_type = HttpConfig

    def effect_of(self, config: HttpConfig) -> Effect:
        """GET and HEAD may be repeated; so may what the author declared safe."""
        return Effect.IDEMPOTENT if config.method in ("GET", "HEAD") or config.safe_to_repeat else Effect.EFFECT

    def gaps(self, config: HttpConfig) -> tuple[Gap, ...]:
        """Without an address nothing can be asked."""
        return (
            () if config.url.strip() else (Gap("url", "There is no address to ask.", "Write one, such as https://api.example.com/leads."),)
        )

    def output_schema(self, config: HttpConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """Status, headers, text and, where the answer is JSON, its value."""
        properties: JsonSchema = {
            "status": {"type": "integer"},
            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            "body": {"type": "string"},
            "json": {},
        }
        return {"type": "object", "properties": properties, "required": list(properties)}

    def stub(self, config: HttpConfig, *, agents: Mapping[str, AgentSpec], now: datetime) -> NodeResult:
        """As if the other side had said yes and nothing else."""
        return NodeResult({"status": 200, "headers": {}, "body": "", "json": None})

    async def run(self, ctx: NodeContext, config: HttpConfig) -> NodeResult:
        """Send, check the status, read."""
        response = await ctx.http.send(build_request(config, key=ctx.idempotency_key))
        output = read_response(response, config.expect, now=ctx.clock.now())
        return NodeResult(output)
