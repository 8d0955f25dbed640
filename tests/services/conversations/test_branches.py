"""Test the tree of a conversation: what was asked and answered before stays reachable, with what followed it."""

from app.core.uow import UnitOfWork
from app.services import conversations
from models.ids import parse_id
from models.run import Run
from tests.support.chats import DRAFT, answered, end, said, send, show


def test_editing_begins_another_branch_and_the_older_one_can_be_shown_again(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id, "One")
    second = send(member, "Two", conversation_id=turn.conversation_id)
    end(member, second, output="Re: Two")
    edited = conversations.edit_and_resend(
        member, conversation_id=turn.conversation_id, message_id=turn.user_message_id, draft_spec=DRAFT, text="Uno"
    )
    end(member, edited, output="Re: Uno")
    assert said(member, turn) == [("user", "Uno"), ("assistant", "Re: Uno")]
    back = show(member, turn, turn.user_message_id)
    assert [message.content for message in back.messages] == ["One", "Re: One", "Two", "Re: Two"]
    assert (back.messages[0].answer, back.messages[0].answers, back.messages[0].newer_id) == (1, 2, edited.user_message_id)
    third = send(member, "Three", conversation_id=turn.conversation_id)
    run = member.session.get(Run, parse_id(third.run_id))
    assert run is not None
    assert [m["content"] for m in run.inputs["history"]] == ["One", "Re: One", "Two", "Re: Two"], "the model hears the shown branch"


def test_a_branch_remembers_what_was_shown_below_it(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id, "One")
    second = send(member, "Two", conversation_id=turn.conversation_id)
    end(member, second, output="Re: Two")
    other = conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=second.message_id, draft_spec=DRAFT)
    end(member, other, output="Re: Two, again")
    show(member, turn, second.message_id)
    anew = conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    end(member, anew, output="Re: One, again")
    assert said(member, turn) == [("user", "One"), ("assistant", "Re: One, again")]
    back = show(member, turn, turn.message_id)
    assert [message.content for message in back.messages] == ["One", "Re: One", "Two", "Re: Two"]
    assert back.messages[3].newer_id == other.message_id
    assert said(member, turn) == [(message.role, message.content) for message in back.messages], "it is kept"


def test_another_branch_may_be_read_while_an_answer_is_written(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id)
    anew = conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    assert show(member, turn, turn.message_id).running_message_id == ""
    end(member, anew, output="Written meanwhile")
    assert show(member, turn, anew.message_id).messages[1].content == "Written meanwhile"


def test_deleting_stops_answers_of_every_branch(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id)
    anew = conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    show(member, turn, turn.message_id)
    conversations.delete_conversation(member, conversation_id=turn.conversation_id)
    run = member.session.get(Run, parse_id(anew.run_id))
    assert run is not None
    assert run.status == "cancelled"
