"""What the chat panel sees: conversations, messages with their tool calls and figures, and turns that are under way."""

from dataclasses import dataclass, field

from engine.json import JsonValue


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
class MessageView:
    """A message. `answers` counts its versions, `answer` is which one this is, from 1.

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
    values: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class TurnView:
    """A started turn: what to show and which run to follow."""

    conversation_id: str
    user_message_id: str
    message_id: str
    run_id: str
