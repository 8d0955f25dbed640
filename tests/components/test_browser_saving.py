"""What becomes of changes that are not saved yet: when somebody's rights end, and when somebody else signs in to the same browser."""

from typing import Any

import pytest

from components.canvas.catalog import kind_catalog
from tests.support.javascript import call_in_node

SESSION = "tests/support/saving.js"


def answer_of(name: str, *args: Any) -> Any:
    [answer] = call_in_node(SESSION, name, [[kind_catalog(), *args]])
    assert "refused" not in answer, answer
    return answer["value"]


def test_what_was_typed_before_the_rights_ended_is_sent_and_its_refusal_stays_in_sight() -> None:
    told = answer_of("demoted", False)
    assert not told["mayEdit"]
    assert told["sent"] == [[{"op": "set_label", "id": "one", "label": "Typed"}]]
    assert told["told"] == [["This change could not be saved: You may not.", "Copy the change"]] * 2
    assert told["last"] is None


def test_a_refused_change_is_answered_before_the_end_of_the_rights_is_told() -> None:
    assert answer_of("refusedThenDemoted") == ["Copy the change", "OK"]


def test_unsent_changes_are_sent_for_their_own_person_only() -> None:
    assert answer_of("leftFor", "ada@example.org", "bob@example.org", "ada@example.org") == [[], ["Mine"]]


@pytest.mark.parametrize(
    ("before", "opens", "told"), [(True, "drawn", "OK"), (False, "drawn", "OK"), (True, "other", ""), (False, "other", "")]
)
def test_rights_that_ended_are_told_also_when_the_page_connects_again_but_not_in_another_workflow(
    before: bool, opens: str, told: str
) -> None:
    assert answer_of("reopened", before, opens) == [False, told]
