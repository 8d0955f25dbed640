"""What the message box keeps of texts that were typed but not sent, asked of the browser's own module."""

from typing import Any

from tests.support.javascript import call_in_node

DRAFTS = "components/chat/drafts.js"
SENT = {"isSent": True, "isCreated": False}
CREATED = {"isSent": False, "isCreated": True}
OPENED = {"isSent": False, "isCreated": False}


def call(name: str, *arguments: Any) -> Any:
    [answer] = call_in_node(DRAFTS, name, [list(arguments)])
    return answer["value"]


def kept(taken: str = "", **texts: str) -> dict[str, Any]:
    return {"texts": {room.replace("__", ":"): text for room, text in texts.items()}, "taken": taken}


def test_what_another_person_typed_in_this_tab_is_not_shown() -> None:
    stored = {**kept(a__="mine"), "owner": "ada@example.com"}
    assert call("ownOf", stored, "ada@example.com") == kept(a__="mine")
    assert [call("ownOf", *asked) for asked in ((stored, "bob@example.com"), (stored, ""), (None, "ada@example.com"))] == [kept()] * 3


def test_a_refused_text_comes_back_once_and_only_into_its_own_room() -> None:
    refusal = {"key": "k1", "text": "REFUSED-1 hello", "room": "a:"}
    once = call("withRefused", kept(), refusal)
    assert once == kept("k1", a__="REFUSED-1 hello")
    sent = call("withText", once, "a:", "")
    assert call("withRefused", sent, refusal) == kept("k1")
    assert call("read", once, "b:") == ""


def test_a_refused_text_does_not_replace_what_was_typed_since() -> None:
    assert call("withRefused", kept(a__="later words"), {"key": "k2", "text": "old", "room": "a:"}) == kept("k2", a__="later words")


def test_a_draft_follows_the_conversation_that_is_stored_with_its_first_message() -> None:
    assert call("withRoom", kept(a__="and then"), "a:", "a:c1", SENT) == kept(a__c1="and then")


def test_a_draft_follows_the_agent_that_is_created() -> None:
    assert call("withRoom", kept(__c1="and then"), ":c1", "a:c1", CREATED) == kept(a__c1="and then")
    assert call("withRoom", kept(__="first words"), ":", "a:", CREATED) == kept(a__="first words")


def test_a_draft_stays_where_it_is_when_another_conversation_or_agent_is_opened() -> None:
    for before, after in (("a:", "a:c1"), ("a:c1", "a:c2"), (":", "b:"), (":c1", "b:c1")):
        mine = {"texts": {before: "mine"}, "taken": ""}
        assert call("withRoom", mine, before, after, OPENED) == mine
