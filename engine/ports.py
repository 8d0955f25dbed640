"""What the engine asks of the world: Protocols and their plain value types; app/adapters implement them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from engine.json import JsonObject, JsonSchema, JsonValue


@dataclass(frozen=True, slots=True)
class Usage:
    """What model calls consumed; `cost_micros` is millionths of a US dollar.

    `is_estimated` says that a provider did not report its usage and the tokens were counted here.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    calls: int = 0
    is_estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_micros + other.cost_micros,
            self.calls + other.calls,
            self.is_estimated or other.is_estimated,
        )


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to call a tool; `arguments` is the raw JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message in the OpenAI role vocabulary; `tool_call_id` and `name` are set on role `tool`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as a model sees it; `parameters` is a JSON Schema object. Dry runs call only tools that declare `reads_only`."""

    name: str
    description: str
    parameters: JsonSchema
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model call. `model` is a catalogue id such as `demo/assistant` or `openai/gpt-4.1-mini`."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSchema, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    response_schema: JsonSchema | None = None
    timeout_s: float = 120.0
    idempotency_key: str | None = None
    agent: str = ""  # slug of the agent on whose behalf it is asked


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The finished answer of one model call. `hold` names the budget that was reserved for it until its usage is journaled."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = NO_USAGE
    finish_reason: str = "stop"
    model: str = ""
    hold: str = ""


class LanguageModel(Protocol):
    """Chat completion. With `on_text` the answer is streamed: it gets each text delta as it arrives."""

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Raise Transient (429, 5xx, timeout, cut stream), Permanent (401, 400, unknown model, bad answer), or Held before it is asked."""
        ...


@runtime_checkable
class EstimatesUsage(Protocol):
    """A LanguageModel that can say what an answer used which broke off before its usage was reported."""

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """Count the request and the words said so far; never raises for a model it does not know."""
        ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An outbound call of a node or tool; `body` is already encoded."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    timeout_s: float = 30.0
    max_bytes: int = 10_000_000
    follow_redirects: bool = True
    cut_body: bool = False  # a longer answer is cut instead of refused
    credential: str = ""  # its name; whoever sends the request puts the secret on it, and takes it out of the answer


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete, size-capped answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class HttpClient(Protocol):
    """The guarded client: public addresses only, checked at connect and at each redirect."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Raise Transient for network faults and timeouts, Permanent for a forbidden address or an oversized answer."""
        ...


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What sandboxed code returned and printed."""

    value: JsonValue
    printed: str = ""


class CodeRunner(Protocol):
    """Runs user Python in the sandboxed interpreter, with time and memory limits."""

    async def run(self, source: str, inputs: JsonObject, *, timeout_s: float = 5.0) -> CodeResult:
        """Raise Permanent with code `code_error` (message has line and column) or LimitExceeded."""
        ...


class Clock(Protocol):
    """Time, replaceable in tests."""

    def now(self) -> datetime:
        """Return the current UTC time, timezone-aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...


class LiveSink(Protocol):
    """One run's best-effort stream of partial output, unordered with the journal; losing it loses nothing."""

    @property
    def is_watched(self) -> bool:
        """Whether anybody looks right now; if not, model calls are not streamed, which is much cheaper."""
        ...

    def emit(self, kind: str, node: str, iteration: str, payload: Mapping[str, Any]) -> None:
        """`kind` is text | tool_call | tool_result | reset; `text` payload is {"delta": str}."""
        ...


class Tool(Protocol):
    """Something an agent may call."""

    @property
    def schema(self) -> ToolSchema:
        """Name, description and parameters shown to the model."""
        ...

    async def call(self, arguments: JsonObject) -> JsonValue:
        """Return a JSON value, or raise NodeFailed; the message is shown to the model as the tool's error."""
        ...


class ToolSource(Protocol):
    """Builds the tools granted to an agent by name."""

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """Raise Permanent with code `unknown_tool` for a name outside the registry."""
        ...
