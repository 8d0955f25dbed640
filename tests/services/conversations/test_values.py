"""Test the values of variables in a chat: asked for, typed, checked, and handed to the run."""

from typing import Any

import pytest

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services import conversations
from app.services.runs.start import CHAT_VARIABLES
from models.ids import parse_id
from models.run import Plan, Run
from tests.support.chats import send


def test_variables_of_the_instructions_need_test_values(member: UnitOfWork, agent_id: str) -> None:
    wanted = {"instructions": "Hi {{ inputs.name }}{% if inputs.city %} from {{ inputs.city }}{% endif %}"}
    with pytest.raises(Invalid) as refused:
        send(member, agent_id=agent_id, **wanted)
    assert refused.value.fields.keys() == {"inputs.name"}
    turn = send(member, agent_id=agent_id, values={"inputs.name": "Anna", "inputs.unknown": "x"}, **wanted)
    run = member.session.get(Run, parse_id(turn.run_id))
    assert run is not None
    assert {name: value for name, value in run.inputs.items() if name not in ("message", "history")} == {"name": "Anna"}
    assert conversations.get_conversation(member, conversation_id=turn.conversation_id).values == {"inputs.name": "Anna"}


def test_values_of_any_type_reach_the_run_as_inputs_and_as_variables(member: UnitOfWork, agent_id: str) -> None:
    text = "{{ inputs.customer.name }}, {{ vars.total | times: 2 }}{% for row in inputs.rows %}{{ row }}{% endfor %}"
    values = {"inputs.customer.name": "Anna", "vars.total": 12.5, "inputs.rows": ["a", "b"]}
    turn = send(member, agent_id=agent_id, instructions=text, values=values)
    run = member.session.get(Run, parse_id(turn.run_id))
    assert run is not None
    assert (run.inputs["customer"], run.inputs["rows"], run.inputs[CHAT_VARIABLES]) == ({"name": "Anna"}, ["a", "b"], {"total": 12.5})
    plan = member.session.get(Plan, run.plan_id)
    assert plan is not None
    assert [node["kind"] for node in plan.content["workflow"]["nodes"]] == ["start", "set_variables", "agent", "end"]
    assert conversations.get_conversation(member, conversation_id=turn.conversation_id).values == values


@pytest.mark.parametrize(
    ("instructions", "values", "field", "words"),
    [
        ("Hi {{ customer.name }}", {}, "instructions", "Write 'inputs.customer.name' instead"),
        ("Hi {{ input.name }}", {}, "instructions", "Did you mean 'inputs'?"),
        ("{{ vars.total }}", {}, "vars.total", "Give vars.total a value"),
        ("{{ vars.total | plus: 1 }}", {"vars.total": "many"}, "vars.total", "must be a number"),
        ("{% for row in inputs.rows %}x{% endfor %}", {"inputs.rows": "a"}, "inputs.rows", "must be a list"),
        ("{{ vars.Total }}", {"vars.Total": "1"}, "vars.Total", "No step can set vars.Total"),
        ("{{ inputs.text }}", {"inputs.text": "x" * 20_001}, "inputs.text", "longer than 20,000"),
        ("{% if vars.n > 5 %}x{% endif %}", {"vars.n": "6"}, "instructions", "With these test values"),
        ("{{ inputs.name }}", "nonsense", "inputs", "Give an object"),
    ],
)
def test_a_test_value_that_does_not_fit_is_told_at_its_field(
    member: UnitOfWork, agent_id: str, instructions: str, values: Any, field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        send(member, agent_id=agent_id, instructions=instructions, values=values)
    assert words in refused.value.fields[field]
    assert conversations.list_conversations(member, agent_id=agent_id) == ()


def test_the_date_is_there_by_itself(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id, instructions="Today is {{ today }}, exactly {{ now | date: '%H:%M', 'Asia/Tokyo' }}.")
    assert conversations.get_conversation(member, conversation_id=turn.conversation_id).running_message_id == turn.message_id
