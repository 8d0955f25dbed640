"""Our messages, tools and schemas in the chat-completions format that litellm takes; pure, no library."""

import json
from collections.abc import Sequence
from typing import Any

from app.core.ports import ModelCard
from engine.ports import Message, ModelRequest, ToolSchema

# With tools granted, other providers' schema support forces one artificial tool and so hides the real ones.
_SCHEMA_BESIDE_TOOLS = ("openai", "azure", "openai-compatible", "gemini")


def clean(text: str) -> str:
    """Text that can be encoded: lone surrogates, as found in pasted or cut material, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def chat_messages(messages: Sequence[Message], advice: str) -> list[dict[str, Any]]:
    """The conversation; `advice` is added to the system prompt."""
    rows = [_chat_message(message) for message in messages]
    if not advice:
        return rows
    if rows and rows[0]["role"] == "system":
        rows[0]["content"] = f"{rows[0]['content']}\n\n{advice}"
        return rows
    return [{"role": "system", "content": advice}, *rows]


def _chat_message(message: Message) -> dict[str, Any]:
    row: dict[str, Any] = {"role": message.role, "content": clean(message.content)}
    if message.role == "tool":
        return row | {"tool_call_id": message.tool_call_id or "", **({"name": message.name} if message.name else {})}
    if message.tool_calls:
        row["content"] = row["content"] or None
        row["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _object_text(call.arguments)}}
            for call in message.tool_calls
        ]
    return row


def _object_text(arguments: str) -> str:
    """Arguments that a model wrote wrongly are sent back as an empty object, since some providers reject what is not one."""
    try:
        return clean(arguments) if isinstance(json.loads(arguments), dict) else "{}"
    except (ValueError, RecursionError):
        return "{}"


def chat_tools(tools: Sequence[ToolSchema]) -> list[dict[str, Any]]:
    """Tools as functions."""
    return [
        {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters}}
        for tool in tools
    ]


def wanted_format(request: ModelRequest, card: ModelCard) -> tuple[dict[str, Any] | None, str]:
    """The response format for structured output, and words for the system prompt where the provider cannot enforce it."""
    if request.response_schema is None:
        return None, ""
    if card.supports_schema and (not request.tools or card.provider in _SCHEMA_BESIDE_TOOLS):
        return {"type": "json_schema", "json_schema": {"name": "answer", "schema": request.response_schema}}, ""
    schema = json.dumps(request.response_schema, ensure_ascii=False)
    advice = f"Answer with one JSON value that fits this JSON Schema, and with nothing else, no code fence:\n{schema}"
    return None if request.tools else {"type": "json_object"}, advice
