"""Whole agent turns of a demo model with the built-in tools: asked, called, answered in words."""

import pytest

from app.adapters.http_guarded import GuardedHttpClient
from app.adapters.llm_demo.model import DemoLanguageModel
from engine.agents.loop import run_turn
from engine.agents.turn import Forgetful, Turn
from engine.ports import Message
from engine.tools.registry import TOOLS, BuiltinTools
from tests.support.clock import FrozenClock


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 12 * (3+4)?", "12 * (3+4) = 84."),
        ("Compute 15% of 80 please", "80 * 15 / 100 = 12."),
        ("What's today's date?", "It is Tuesday, 3 March 2026, 12:00 (UTC)."),
        ("What time is it in Asia/Tokyo?", "It is Tuesday, 3 March 2026, 21:00 (Asia/Tokyo)."),
        ("How many days until 24 December 2026?", "That is 296 days."),
        ("Which date is it in 90 days?", "That is Monday, 1 June 2026."),
        ("What is the date tomorrow?", "That is Wednesday, 4 March 2026."),
        ("How many days between 2026-01-01 and 2026-03-01?", "That is 59 days."),
        ('What is the total in {"order": {"total": 42.5}}?', "`order.total` is 42.5."),
        ("What is 2/0?", "The tool calculator could not help: Cannot calculate: division by zero."),
        ("Read http://169.254.169.254/latest please", "The tool web_fetch could not help: Calls to 169.254.169.254 are not allowed"),
    ],
)
async def test_a_question_for_a_tool_ends_in_an_answer(question: str, answer: str) -> None:
    client = GuardedHttpClient()
    tools = tuple(BuiltinTools(client, FrozenClock()).tools(list(TOOLS)))
    turn = Turn(("demo/assistant",), "You are helpful.", (Message("user", question),), tools=tools)
    result = await run_turn(turn, models=DemoLanguageModel(tokens_per_s=0), memory=Forgetful())
    await client.aclose()
    assert result.text.startswith(answer)
    assert result.usage.calls == 2


async def test_a_structured_answer_holds_what_the_tool_gave() -> None:
    client = GuardedHttpClient()
    tools = tuple(BuiltinTools(client, FrozenClock()).tools(["calculator", "date_time"]))
    fields = {"total": {"type": "number"}, "answer": {"type": "string"}}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    turn = Turn(("demo/assistant",), "You are helpful.", (Message("user", "What is 12 * (3+4)?"),), tools=tools, output_schema=schema)
    result = await run_turn(turn, models=DemoLanguageModel(tokens_per_s=0), memory=Forgetful())
    await client.aclose()
    assert result.data == {"total": 84, "answer": "12 * (3+4) = 84."}


async def test_a_date_in_a_structured_answer_is_the_one_the_tool_gave() -> None:
    client = GuardedHttpClient()
    tools = tuple(BuiltinTools(client, FrozenClock()).tools(["date_time"]))
    schema = {"type": "object", "properties": {"due": {"type": "string", "format": "date"}}, "required": ["due"]}
    turn = Turn(
        ("demo/assistant",), "You are helpful.", (Message("user", "Which date is it in 90 days?"),), tools=tools, output_schema=schema
    )
    result = await run_turn(turn, models=DemoLanguageModel(tokens_per_s=0), memory=Forgetful())
    await client.aclose()
    assert result.data == {"due": "2026-06-01"}
