"""What the chat panel sees: conversations, messages with their tool calls and figures, and turns that are under way."""

from dataclasses import dataclass, field

from engine.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class ToolCallView:
    """One tool call of an answer; `arguments` and `result` are ready-to-show JSON or text."""

    id: str
    name: str
    arguments: str
    result: str
    error: str
    status: str  # running | done | failed
    duration: str


@dataclass(frozen=True, slots=True)
class RetryView:
    """The provider could not answer and is asked again: in how many seconds, which attempt that will be, and what it said."""

    wait_s: float = 0.0
    attempt: int = 0  # 0: nothing is tried again
    attempts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message. `answers` counts its versions, `answer` is which one this is, from 1; `older_id` and `newer_id` are its neighbours.

    `output` is the value of an answer that is a JSON object or list as a whole, else None.
    """

    id: str
    role: str  # user | assistant
    content: str
    status: str  # streaming | done | stopped | failed
    run_id: str
    model_label: str
    is_demo_model: bool
    tool_calls: tuple[ToolCallView, ...]
    output: JsonValue
    error_message: str
    error_hint: str
    tokens: str
    cost: str
    duration: str
    answer: int = 1
    answers: int = 1
    older_id: str = ""
    newer_id: str = ""
    retry: RetryView = RetryView()


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation in the list."""

    id: str
    title: str
    updated: str  # in words


@dataclass(frozen=True, slots=True)
class ConversationDetail:
    """An opened conversation; `running_message_id` names the answer that is still being written, or is ""."""

    id: str
    title: str
    agent_id: str
    messages: tuple[MessageView, ...]
    running_message_id: str = ""
    values: JsonObject = field(default_factory=dict[str, JsonValue])  # test values by path, such as inputs.name


@dataclass(frozen=True, slots=True)
class TurnView:
    """A started turn: what to show and which run to follow."""

    conversation_id: str
    user_message_id: str
    message_id: str
    run_id: str
