"""Starting runs: what is pinned and written, what is refused, and that a repeated request starts nothing twice."""

import pytest
import sqlalchemy as sa

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.runs import cancel_run, get_run, get_run_form, list_runs, read_events, retry_run, start_run
from models.ids import new_id
from models.run import Outbox, Plan, Run
from models.workspace import Role, Workspace
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of a member."""
    uow.actor = make_member(uow)
    return uow


def count(uow: UnitOfWork, model: type) -> int:
    return uow.session.connection().execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def test_a_run_is_queued_with_its_first_event_and_its_doorbell(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    row = start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"})
    assert (row.status, row.waiting_for, row.title) == ("queued", "Waiting for a free worker.", "Greeting")
    events = read_events(member, run_id=row.id)
    assert [(event.seq, event.type) for event in events] == [(1, "run_started")]
    assert events[0].payload == {"inputs": {"name": "Ada", "times": 1}}
    assert count(member, Outbox) == 1


def test_the_run_keeps_the_definition_it_was_started_with(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    row = start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"})
    workflow.draft = spec_of(node("start", "start"), node("end", "end"), edges="start>end").model_dump(mode="json")
    member.session.flush()
    assert [item["id"] for item in get_run(member, run_id=row.id).workflow["nodes"]] == ["start", "greet", "end"]


def test_equal_plans_are_kept_once(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    for name in ("Ada", "Bob"):
        start_run(member, workflow_id=workflow.id, inputs={"name": name})
    assert count(member, Plan) == 1


def test_each_wrong_input_has_its_own_message(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    with pytest.raises(Invalid) as refused:
        start_run(member, workflow_id=workflow.id, inputs={"times": "often", "colour": "red"})
    assert set(refused.value.fields) == {"name", "times", "colour"}
    assert count(member, Run) == 0


@pytest.mark.parametrize("inputs", [None, [], "x", {"name": float("nan")}, {"name": "\x00"}, {"name": "\ud800"}, {1: "x"}])
def test_inputs_that_are_not_storable_json_are_refused(member: UnitOfWork, inputs: object) -> None:
    workflow = make_workflow(member, spec_of(node("start", "start"), node("end", "end"), edges="start>end"))
    with pytest.raises(Invalid):
        start_run(member, workflow_id=workflow.id, inputs=inputs)


def test_a_workflow_with_errors_is_refused_with_what_to_mend(member: UnitOfWork) -> None:
    workflow = make_workflow(member, spec_of(node("start", "start"), node("t", "template", text="{{ nobody.x }}"), edges="start>t"))
    with pytest.raises(Invalid) as refused:
        start_run(member, workflow_id=workflow.id, inputs={})
    assert any(place.startswith("t.") for place in refused.value.fields)


def test_the_same_key_and_request_give_the_same_run(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    first = start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"}, idempotency_key="k")
    again = start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"}, idempotency_key="k")
    assert first.id == again.id
    assert count(member, Run) == 1


def test_the_same_key_with_another_request_is_a_conflict(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"}, idempotency_key="k")
    with pytest.raises(Conflict):
        start_run(member, workflow_id=workflow.id, inputs={"name": "Bob"}, idempotency_key="k")


def test_a_viewer_cannot_run(uow: UnitOfWork) -> None:
    member = make_member(uow)
    uow.actor = member
    workflow = make_workflow(uow)
    row = start_run(uow, workflow_id=workflow.id, inputs={"name": "Ada"})
    uow.actor = type(member)(member.user_id, member.workspace_id, Role.VIEWER)
    for call in (
        lambda: start_run(uow, workflow_id=workflow.id, inputs={"name": "Ada"}),
        lambda: cancel_run(uow, run_id=row.id),
        lambda: retry_run(uow, run_id=row.id),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_another_workspace_sees_nothing_of_it(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    workflow = make_workflow(uow)
    row = start_run(uow, workflow_id=workflow.id, inputs={"name": "Ada"})
    uow.actor = make_member(uow, Role.OWNER)
    for call in (
        lambda: start_run(uow, workflow_id=workflow.id, inputs={"name": "Ada"}),
        lambda: get_run(uow, run_id=row.id),
        lambda: read_events(uow, run_id=row.id),
        lambda: cancel_run(uow, run_id=row.id),
        lambda: retry_run(uow, run_id=row.id),
        lambda: get_run(uow, run_id=None),
        lambda: get_run(uow, run_id=new_id()),
    ):
        with pytest.raises(NotFound):
            call()
    assert list_runs(uow).rows == ()


def test_a_run_again_has_the_same_plan_and_inputs(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    row = start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"})
    with pytest.raises(Conflict):
        retry_run(member, run_id=row.id)
    cancel_run(member, run_id=row.id)
    again = retry_run(member, run_id=row.id)
    assert again.origin_run_id == row.id
    assert get_run(member, run_id=again.id).inputs == {"name": "Ada", "times": 1}
    assert count(member, Plan) == 1


def test_the_form_is_that_of_the_draft(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    assert [field["name"] for field in get_run_form(member, workflow_id=workflow.id)] == ["name", "times"]


def test_the_form_starts_with_what_the_person_gave_last(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    for name in ("Ada", "Grace"):
        start_run(member, workflow_id=workflow.id, inputs={"name": name})
    assert [field.get("value") for field in get_run_form(member, workflow_id=workflow.id)] == ["Grace", 1]


def test_the_form_does_not_show_what_another_person_gave(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    start_run(member, workflow_id=workflow.id, inputs={"name": "Ada"})
    assert member.workspace_id is not None
    member.actor = make_member(member, workspace=member.session.get_one(Workspace, member.workspace_id))
    assert "value" not in get_run_form(member, workflow_id=workflow.id)[0]


def test_the_list_is_newest_first_in_pages(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    started = [start_run(member, workflow_id=workflow.id, inputs={"name": str(index)}).id for index in range(5)]
    newest_first = sorted(started, reverse=True)
    page = list_runs(member, limit=2)
    rest = list_runs(member, limit=10, cursor=page.next_cursor)
    assert [row.id for row in (*page.rows, *rest.rows)] == newest_first
    assert rest.next_cursor == ""
    assert list_runs(member, search="greet").rows
    assert not list_runs(member, search="%").rows
    assert not list_runs(member, statuses=("failed", "nonsense")).rows
    assert len(list_runs(member, workflow_id=workflow.id).rows) == 5
