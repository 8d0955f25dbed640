"""What the browser works out of a trace: how a step stood at a moment, and how figures are written."""

from typing import Any

import pytest

from tests.support.javascript import call_in_node

MODEL = "components/trace/model.js"
SPAN = {"first": 3, "last": 9, "waits": 5, "status": "done"}


@pytest.mark.parametrize(
    ("span", "moments"),
    [
        (SPAN, {2: "", 3: "running", 4: "running", 5: "waiting", 8: "waiting", 9: "done", 20: "done"}),
        ({**SPAN, "last": 0, "waits": 0, "status": "running"}, {2: "", 3: "running", 99: "running"}),
        ({**SPAN, "waits": 0, "status": "retried"}, {8: "running", 9: "waiting"}),
        ({**SPAN, "first": 9, "waits": 0, "status": "failed"}, {8: "", 9: "failed"}),
    ],
)
def test_a_step_is_shown_as_it_stood_after_an_entry(span: dict[str, Any], moments: dict[int, str]) -> None:
    answers = call_in_node(MODEL, "statusAt", [[span, seq] for seq in moments])
    assert [answer["value"] for answer in answers] == list(moments.values())


def test_a_row_is_found_again_by_its_journal_entry() -> None:
    spans = [{"index": 0, "first": 2}, None, {"index": 2, "first": 5}]
    answers = call_in_node(MODEL, "spanOfEntry", [[{"spans": spans}, seq] for seq in (5, 2, 0, 9)])
    assert [(answer.get("value") or {}).get("index") for answer in answers] == [2, 0, None, None]


def test_entries_of_containers_are_counted_from_one() -> None:
    answers = call_in_node(MODEL, "partOf", [[""], ["3"], ["3/0"]])
    assert [answer["value"] for answer in answers] == ["", "4", "4 · 1"]


def test_times_and_sums_are_written_for_people() -> None:
    times = call_in_node(MODEL, "duration", [[0.2], [12], [1400], [125_000], [11_400_000]])
    assert [time["value"] for time in times] == ["<1 ms", "12 ms", "1.4 s", "2 min 5 s", "3 h 10 min"]
    sums = call_in_node(MODEL, "money", [[0], [120], [2_500_000]])
    assert [one["value"] for one in sums] == ["", "$0.00012", "$2.50"]
