"""Putting an answer together from the live feed."""

from typing import Any

from app.core.ports import LiveUpdate
from pages.agent.following import LiveAnswer


def update(kind: str, **payload: Any) -> LiveUpdate:
    return LiveUpdate(cursor="1-0", kind=kind, node="chat", iteration="", payload=payload)


def test_text_grows_and_a_reset_takes_back_only_the_model_call_that_is_tried_again() -> None:
    live = LiveAnswer()
    live.apply([update("text", delta="Let me see."), update("tool_call", id="1", name="calculator", arguments="{}")])
    live.apply([update("text", delta="wrong"), update("reset"), update("text", delta="421.6")])
    assert live.whole == "Let me see.\n\n421.6"
    assert live.cursor == "1-0"


def test_a_tool_call_runs_until_its_result_arrives() -> None:
    live = LiveAnswer()
    live.apply([update("tool_call", id="1", name="calculator", arguments='{"expression": "1+1"}')])
    assert [(tool.name, tool.status) for tool in live.tools] == [("calculator", "running")]
    live.apply([update("tool_result", id="1", name="calculator", arguments={"expression": "1+1"}, result={"result": "2"}, ms=3)])
    assert [(tool.status, tool.duration) for tool in live.tools] == [("done", "3 ms")]
    live.apply([update("tool_result", id="2", name="web_fetch", arguments={}, error="Refused.", ms=3)])
    assert [tool.status for tool in live.tools] == ["done", "failed"]


def test_finished_paragraphs_are_settled_but_code_blocks_are_not_cut() -> None:
    live = LiveAnswer(text="One.\n\nTwo.\n\n```\na\n\nb")
    assert live.parts() == ("One.\n\nTwo.", "\n\n```\na\n\nb")
    assert LiveAnswer(text="Only one").parts() == ("", "Only one")


def test_the_journal_moving_on_is_a_hint_to_look() -> None:
    live = LiveAnswer()
    assert not live.must_look()
    live.apply([update("journal")])
    assert live.must_look()
    assert not live.must_look()
