"""Identifiers as people read them."""

import pytest

from engine.words import SPELLINGS, as_words
from tests.support.javascript import call_in_node


@pytest.mark.parametrize(
    ("identifier", "words"),
    [("http_unknown_host", "HTTP unknown host"), ("url", "URL"), ("order_id", "Order ID"), ("rapid_ideas", "Rapid ideas"), ("", "")],
)
def test_an_identifier_reads_as_words(identifier: str, words: str) -> None:
    assert as_words(identifier) == words


def test_the_browser_spells_as_the_server_does() -> None:
    asked = [f"the_{word}" for word in SPELLINGS]
    answers = call_in_node("components/ui/words.js", "inWords", [[one] for one in asked])
    assert [answer["value"] for answer in answers] == [as_words(one) for one in asked]
