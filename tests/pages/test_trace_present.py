"""What the trace page shows of an attempt and of one call of it."""

from typing import Any

from app.views.trace import AttemptDetail, ModelCall, ToolUseRow
from engine.nodes.registry import code_names
from pages.run.present import labels_of
from pages.trace.present import AttemptItem, attempt_item

LABELS = labels_of({"nodes": [{"id": "ask", "kind": "agent", "label": "Ask"}]})
ATTEMPT: dict[str, Any] = {"node": "ask", "iteration": "", "status": "done", "source": "", "port": "out", "inputs": None, "error": None}
USE = {"name": "order_lookup", "arguments": {"paid": True, "note": None}}


def shown(*calls: ModelCall | ToolUseRow, chosen: ModelCall | ToolUseRow | None = None) -> AttemptItem:
    detail = AttemptDetail(**ATTEMPT, attempt=2, output="x", ms=10.0, calls=calls, chosen=chosen, tokens=12, cost_micros=40)
    return attempt_item(detail, LABELS)


def test_tool_calls_of_a_conversation_are_written_as_json() -> None:
    history = {"role": "assistant", "content": "", "tool_calls": [USE]}
    call = ModelCall(1, "demo/assistant", 5.0, 8, 4, 40, messages=(history,), tool_calls=(USE,), seq=7)
    (item,) = shown(call).calls
    assert item.messages[0].text == item.answer == 'Calls order_lookup({"paid": true, "note": null})'


def test_a_chosen_call_is_shown_by_itself() -> None:
    model = ModelCall(1, "demo/assistant", 5.0, 8, 4, 40, text="Hello", seq=7)
    tool = ToolUseRow("order_lookup", {"paid": True}, None, "There is no such order.", 3.0, 9)
    assert shown(model, tool).call.key == ""
    told = shown(model, tool, chosen=model).call
    assert (told.key, told.answer, told.figures, told.status) == ("7", "Hello", "8 tokens in, 4 out · $0.00004", "done")
    failed = shown(model, tool, chosen=tool).call
    assert (failed.key, failed.name, failed.status, failed.error) == ("9", "order_lookup", "failed", "There is no such order.")


def test_an_attempt_tells_what_it_used() -> None:
    item = shown()
    assert (item.attempt, item.figures) == (2, "12 tokens · $0.00004")


def test_code_and_conditions_are_named_as_code() -> None:
    assert code_names("code") == ["source"]
    assert "condition" in code_names("condition")
    assert code_names("agent") == code_names("nowhere") == []
