"""What people read of a value that does not fit: the count and the noun agree."""

from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError

from engine.spec.explain import explain


class Given(BaseModel):
    """A value of each kind of limit."""

    one: Annotated[list[int], Field(min_length=1, max_length=1)] = [1]
    two: Annotated[list[int], Field(min_length=2, max_length=2)] = [1, 2]
    word: Annotated[str, Field(min_length=1, max_length=3)] = "a"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"one": []}, "'one' needs at least 1 entry."),
        ({"one": [1, 2]}, "'one' has 2 entries; at most 1 is allowed."),
        ({"two": [1]}, "'two' needs at least 2 entries."),
        ({"two": [1, 2, 3]}, "'two' has 3 entries; at most 2 are allowed."),
        ({"word": ""}, "'word' needs at least 1 character."),
        ({"word": "abcd"}, "'word' has 4 characters; at most 3 are allowed."),
    ],
)
def test_counts_are_written_as_people_say_them(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Given.model_validate(given)
    assert explain(refused.value)[0].message == words
