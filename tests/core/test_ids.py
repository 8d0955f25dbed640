"""Ids of rows: in the order in which they were made, and of RFC 9562's seventh version."""

import uuid
from datetime import UTC, datetime

from models.ids import first_id_at, new_id


def test_ids_are_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}


def test_the_first_id_of_a_moment_parts_what_came_before() -> None:
    before = new_id()
    now = datetime.now(UTC)
    assert before.int >> 80 <= first_id_at(now).int >> 80 <= new_id().int >> 80
    assert first_id_at(now) <= new_id()
