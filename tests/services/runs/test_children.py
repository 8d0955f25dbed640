"""Children of runs in SQL: one per try, told once, stopped with their parents, never another workspace's, never in a circle."""

import uuid
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.runs import cancel_run, get_run, get_run_row, get_step, list_runs, read_events, start_run
from app.services.runs.claim import claim_runs, read_plans
from app.services.runs.dispatch import find_lost_children
from app.services.runs.families import Told
from app.services.runs.journal import Commit, commit_batch
from app.services.runs.tables import run_table
from app.services.workflows.versions import keep_version
from engine.errors import LeaseLost
from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.run import RunStatus
from models.workflow import Workflow
from tests.support.families import call, calling_once, doubling, make_pair
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of

_run = run_table.c


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of a member."""
    uow.actor = make_member(uow)
    return uow


def drive(uow: UnitOfWork, run_id: uuid.UUID, *events: JournalEvent) -> Told:
    """Do what a worker does: claim if need be, and commit events."""
    connection, told = uow.session.connection(), Told()
    claim_runs(connection, [run_id], owner="test", lease_s=60)
    row = connection.execute(sa.select(run_table).where(_run.id == run_id)).one()
    commit = Commit(run_id, row.workspace_id, row.fence, row.next_seq, events, parent_id=row.parent_run_id)
    (answer,) = commit_batch(connection, [commit], hooks=uow.ports.end_hooks, told=told)
    assert not isinstance(answer, Exception), answer
    uow.session.expire_all()
    return told


def waits(uow: UnitOfWork, run_id: uuid.UUID, *, attempt: int = 1, iteration: str = "") -> JournalEvent:
    """The event by which the step `call` asks for its child."""
    plan = uow.session.connection().execute(sa.select(_run.plan_id).where(_run.id == run_id)).scalar_one()
    content = get_plan(uow, plan)
    ((_, called),) = content["workflows"].items()
    request = {"title": called["name"], "plan": called["plan"], "workflow": called["workflow"], "revision": called.get("revision")}
    data: JsonObject = {"reason": "child", "until": None, "request": request, "attempt": attempt, "inputs": {"inputs": {"number": 4}}}
    return JournalEvent(EventType.NODE_WAITING, utc_now(), "call", iteration, data)


def get_plan(uow: UnitOfWork, plan_id: uuid.UUID) -> JsonObject:
    return read_plans(uow.session.connection(), [plan_id])[plan_id]


def parks() -> JournalEvent:
    reasons = [{"node": "call", "iteration": "", "reason": "child", "until": None}]
    return JournalEvent(EventType.RUN_WAITING, utc_now(), data={"wake_at": None, "reasons": reasons})


def ends(kind: EventType = EventType.RUN_SUCCEEDED, **data: object) -> JournalEvent:
    return JournalEvent(kind, utc_now(), data=data or {"output": {"doubled": 8}})


def children_of(uow: UnitOfWork, run_id: uuid.UUID) -> list[sa.Row[tuple[object, ...]]]:
    return list(uow.session.connection().execute(sa.select(run_table).where(_run.parent_run_id == run_id).order_by(_run.id)))


def start(uow: UnitOfWork, workflow: Workflow) -> uuid.UUID:
    return start_run(uow, workflow_id=workflow.id, inputs={}).id


def called_time(run_id: uuid.UUID, uow: UnitOfWork) -> uuid.UUID:
    """A parent that waits for its child; returns the child's id."""
    drive(uow, run_id, waits(uow, run_id), parks())
    return children_of(uow, run_id)[0].id


def test_the_child_begins_in_the_transaction_in_which_its_parent_waits(member: UnitOfWork) -> None:
    parent, called = make_pair(member)
    run_id = start(member, parent)
    told = drive(member, run_id, waits(member, run_id), parks())
    (child,) = children_of(member, run_id)
    assert told.rings == [child.id]
    assert (child.workflow_id, child.depth, child.trigger, child.status) == (called.id, 1, "parent", "queued")
    assert child.inputs == {"number": 4}
    row = get_run_row(member, run_id=run_id)
    assert (row.status, row.waiting_for) == ("waiting", "Waiting for a sub-workflow: “call”.")
    assert [event.type for event in read_events(member, run_id=child.id)] == ["run_started"]


def test_a_request_that_is_delivered_twice_starts_one_child(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    asked = waits(member, run_id)
    drive(member, run_id, asked)
    drive(member, run_id, asked)
    assert len(children_of(member, run_id)) == 1
    drive(member, run_id, waits(member, run_id, attempt=2))
    assert [child.parent_attempt for child in children_of(member, run_id)] == [1, 2]


def test_the_end_of_the_child_queues_the_parent_and_counts_what_it_used_once(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    child = called_time(run_id, member)
    usage = {"input_tokens": 7, "output_tokens": 3, "cost_micros": 11, "calls": 1}
    fact = {"type": "model_call", "call": 1, "model": "demo/echo", "usage": usage}
    asked = JournalEvent(EventType.NODE_PROGRESS, utc_now(), "end", "", {"key": "c", "fact": fact, "attempt": 1})
    told = drive(member, child, asked, ends())
    assert told.rings == [run_id]
    row = get_run_row(member, run_id=run_id)
    assert (row.status, row.input_tokens + row.output_tokens, row.cost_micros) == ("queued", 0, 0)
    assert (row.below_tokens, row.below_cost_micros) == (10, 11)
    resumed = read_events(member, run_id=run_id)[-1]
    assert resumed.payload["decision"] == {
        "run": str(child), "status": "succeeded", "output": {"doubled": 8}, "error": None, "usage": usage,
    }  # fmt: skip


def test_what_grandchildren_use_is_seen_at_every_level(member: UnitOfWork) -> None:
    inner = make_workflow(member, doubling(), name="Inner")
    middle = make_workflow(member, calling_once(inner, inputs={"number": 1}), name="Middle")
    run_id = start(member, make_workflow(member, calling_once(middle), name="Outer"))
    child = called_time(run_id, member)
    grandchild = called_time(child, member)
    usage = {"input_tokens": 1, "output_tokens": 1, "cost_micros": 5, "calls": 1}
    fact = {"type": "model_call", "call": 1, "model": "m", "usage": usage}
    drive(member, grandchild, JournalEvent(EventType.NODE_PROGRESS, utc_now(), "end", "", {"key": "c", "fact": fact, "attempt": 1}), ends())
    drive(member, child, ends())
    assert [get_run_row(member, run_id=one).below_cost_micros for one in (run_id, child, grandchild)] == [5, 5, 0]
    assert [link.title for link in get_run(member, run_id=grandchild).above] == ["Outer", "Middle"]


def test_a_running_parent_is_nudged_instead(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    drive(member, run_id, waits(member, run_id))
    told = drive(member, children_of(member, run_id)[0].id, ends())
    assert (told.rings, told.nudges) == ([], [run_id])
    assert get_run_row(member, run_id=run_id).status == "running"


@pytest.mark.parametrize("is_parked", [True, False])
def test_cancelling_a_parent_stops_children_and_grandchildren(member: UnitOfWork, is_parked: bool) -> None:
    inner = make_workflow(member, doubling(), name="Inner")
    middle = make_workflow(member, calling_once(inner, inputs={"number": 1}), name="Middle")
    run_id = start(member, make_workflow(member, calling_once(middle), name="Outer"))
    drive(member, run_id, waits(member, run_id), *([parks()] if is_parked else []))
    child = children_of(member, run_id)[0].id
    grandchild = called_time(child, member)
    cancel_run(member, run_id=run_id)
    assert get_run_row(member, run_id=run_id).status == ("cancelled" if is_parked else "running")
    assert {get_run_row(member, run_id=one).status for one in (child, grandchild)} == {"cancelled"}
    assert read_events(member, run_id=run_id)[-1].type != "node_resumed", "a run that is being stopped is told nothing more"
    cancel_run(member, run_id=run_id)


def test_a_child_at_work_is_asked_to_stop(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    child = called_time(run_id, member)
    claim_runs(member.session.connection(), [child], owner="other", lease_s=60)
    cancel_run(member, run_id=run_id)
    row = member.session.connection().execute(sa.select(run_table).where(_run.id == child)).one()
    assert (row.status, row.cancel_requested_at is not None) == ("running", True)


def test_stopping_a_child_lets_its_parent_go_on(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    child = called_time(run_id, member)
    cancel_run(member, run_id=child)
    assert get_run_row(member, run_id=run_id).status == "queued"
    assert read_events(member, run_id=run_id)[-1].payload["decision"]["status"] == "cancelled"


def test_a_step_whose_time_is_up_stops_its_child_and_hears_no_more_of_it(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    drive(member, run_id, waits(member, run_id))
    child = children_of(member, run_id)[0].id
    late = JournalEvent(EventType.NODE_RESUMED, utc_now(), "call", "", {"reason": "expired", "decision": {"expired": True}})
    drive(member, run_id, late)
    assert get_run_row(member, run_id=child).status == "cancelled"
    assert read_events(member, run_id=run_id)[-1].payload["reason"] == "expired"


def test_a_worker_that_expires_an_answered_wait_has_to_look_again(member: UnitOfWork) -> None:
    run_id = start(member, make_pair(member)[0])
    drive(member, run_id, waits(member, run_id))
    drive(member, children_of(member, run_id)[0].id, ends())
    late = JournalEvent(EventType.NODE_RESUMED, utc_now(), "call", "", {"reason": "expired", "decision": {"expired": True}})
    (answer,) = commit_batch(member.session.connection(), [Commit(run_id, member.workspace_id, 1, 3, [late])], hooks={})
    assert isinstance(answer, LeaseLost)
    assert get_run_row(member, run_id=run_id).status == "queued"
    assert [event.payload["reason"] for event in read_events(member, run_id=run_id) if event.type == "node_resumed"] == ["child"]


@pytest.mark.parametrize("fate", ["told nothing", "gone"])
def test_a_lost_child_is_found_again(member: UnitOfWork, fate: str) -> None:
    run_id = start(member, make_pair(member)[0])
    child = called_time(run_id, member)
    connection = member.session.connection()
    assert find_lost_children(connection, hooks={}).rings == []
    if fate == "gone":
        connection.execute(sa.delete(run_table).where(_run.id == child))
    else:
        connection.execute(sa.update(run_table).where(_run.id == child).values(status=RunStatus.FAILED, error={"message": "no"}))
    assert find_lost_children(connection, hooks={}).rings == [run_id]
    member.session.expire_all()
    decision = read_events(member, run_id=run_id)[-1].payload["decision"]
    assert decision["status"] == ("lost" if fate == "gone" else "failed")
    assert find_lost_children(connection, hooks={}).rings == []


def test_a_circle_is_refused_at_the_start_and_told_where_it_stands(member: UnitOfWork) -> None:
    first = make_workflow(member, name="A")
    second = make_workflow(member, calling_once(first), name="B")
    first.draft = calling_once(second).model_dump(mode="json", exclude_defaults=True)
    member.session.add(first)
    with pytest.raises(Invalid) as caught:
        start(member, first)
    assert "circle: A → B → A" in caught.value.fields["call.workflow"]


def test_a_chain_that_is_too_deep_is_refused(member: UnitOfWork) -> None:
    below = make_workflow(member, doubling())
    for level in range(9):
        below = make_workflow(member, calling_once(below, inputs={"number": 1} if level == 0 else {}), name=f"Level {level}")
    with pytest.raises(Invalid) as caught:
        start(member, below)
    assert "8 levels" in caught.value.fields["call.workflow"]


def test_a_sub_workflow_with_errors_keeps_its_caller_from_starting(member: UnitOfWork) -> None:
    broken = make_workflow(
        member, spec_of(node("start", "start"), node("end", "end", output="{{ nobody.text }}"), edges="start>end"), name="Broken"
    )
    with pytest.raises(Invalid, match="“Broken” has an error"):
        start(member, make_workflow(member, calling_once(broken)))


def test_inputs_are_checked_against_the_form_of_the_called_workflow(member: UnitOfWork) -> None:
    parent, _ = make_pair(member, inputs={"colour": "red"})
    with pytest.raises(Invalid) as caught:
        start(member, parent)
    assert set(caught.value.fields) == {"call.inputs.colour", "call.inputs.number"}


def test_the_workflow_of_another_workspace_cannot_be_called(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    theirs = make_workflow(uow, doubling())
    uow.actor = make_member(uow)
    with pytest.raises(Invalid) as caught:
        start(uow, make_workflow(uow, calling_once(theirs, inputs={"number": 1})))
    assert "does not exist" in caught.value.fields["call.workflow"]


def test_a_pinned_version_stays_what_it_was(member: UnitOfWork) -> None:
    called = make_workflow(member, doubling(), name="Doubling")
    number = keep_version(member, called).number
    called.draft = spec_of(node("start", "start"), node("end", "end", output="changed"), edges="start>end").model_dump(mode="json")
    member.session.add(called)
    parent = make_workflow(member, calling_once(called, version=number, inputs={"number": 4}))
    run_id = start(member, parent)
    child = called_time(run_id, member)
    assert "doubled" in str(get_run(member, run_id=child).workflow)


def test_runs_below_others_are_listed_under_their_workflow_and_found_by_id(member: UnitOfWork) -> None:
    parent, called = make_pair(member)
    run_id = start(member, parent)
    child = called_time(run_id, member)
    assert [row.id for row in list_runs(member).rows] == [run_id]
    assert [row.id for row in list_runs(member, workflow_id=called.id).rows] == [child]
    assert [row.id for row in list_runs(member, search=str(child)).rows] == [child]
    step = get_step(member, run_id=run_id, node="call").row
    assert step.child is not None
    assert (step.child.id, step.child.title) == (child, "Doubling")


def test_one_transaction_can_end_many_children_of_one_parent(member: UnitOfWork) -> None:
    called = make_workflow(member, doubling())
    run_id = start(member, make_workflow(member, spec_of(node("start", "start"), call(called, inputs={"number": 1}), edges="start>call")))
    drive(member, run_id, *(waits(member, run_id, iteration=str(index)) for index in range(20)), parks())
    connection = member.session.connection()
    ids: Sequence[uuid.UUID] = [child.id for child in children_of(member, run_id)]
    claim_runs(connection, ids, owner="w", lease_s=60)
    commits = [Commit(one, member.workspace_id, 1, 2, [ends()], parent_id=run_id) for one in ids]
    told = Told()
    commit_batch(connection, commits, hooks={}, told=told)
    member.session.expire_all()
    assert told.rings == [run_id]
    answers = [event for event in read_events(member, run_id=run_id) if event.type == "node_resumed"]
    assert sorted(event.iteration for event in answers) == sorted(str(index) for index in range(20))
