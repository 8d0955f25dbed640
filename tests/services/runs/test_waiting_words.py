"""A run always says why it waits, for which step, and until when if that is known."""

import pytest

from app.services.runs.waiting import waiting_text
from engine.json import JsonObject

UNTIL = "2026-05-01T12:30:00+00:00"
WORDS = {
    "approval": "Waiting for a decision until 01 May 2026 12:30:00 UTC: “Pay”.",
    "delay": "Paused until 01 May 2026 12:30:00 UTC: “Pay”.",
    "child": "Waiting for a sub-workflow until 01 May 2026 12:30:00 UTC: “Pay”.",
    "signal": "Waiting for the signal “paid-7” until 01 May 2026 12:30:00 UTC: “Pay”.",
    "retry": "Waiting until 01 May 2026 12:30:00 UTC to try again: “Pay”.",
    "budget": "The limit is reached. “Pay” waits. Goes on at 01 May 2026 12:30:00 UTC.",
    "reserved": "The limit is reached. “Pay” waits. Goes on at 01 May 2026 12:30:00 UTC.",
    "rate_limit": "The limit is reached. “Pay” waits. Goes on at 01 May 2026 12:30:00 UTC.",
    "breaker": "The limit is reached. “Pay” waits. Goes on at 01 May 2026 12:30:00 UTC.",
    "unknown_effect": "“Pay” was interrupted in a call that may have happened: decide whether to repeat it.",
}


def waits(reason: str, node: str = "pay", **more: str) -> JsonObject:
    return {"reason": reason, "node": node, "key": "paid-7", "note": "The limit is reached.", "until": UNTIL, **more}


@pytest.mark.parametrize("reason", WORDS)
def test_each_wait_is_told_with_its_step_and_its_end(reason: str) -> None:
    assert waiting_text([waits(reason)], str.capitalize) == WORDS[reason]


def test_a_wait_without_an_end_names_none() -> None:
    assert waiting_text([{"reason": "approval", "node": "pay", "until": None}], str.capitalize) == "Waiting for a decision: “Pay”."


def test_of_several_waits_the_first_end_counts_and_what_needs_a_person_comes_first() -> None:
    late = waits("delay", "sleep", until="2026-05-02T00:00:00+00:00")
    told = waiting_text([late, waits("delay"), waits("approval", "ask", until="")], str.capitalize)
    assert told == "Waiting for a decision: “Ask”. Paused until 01 May 2026 12:30:00 UTC: “Sleep”, “Pay”."
