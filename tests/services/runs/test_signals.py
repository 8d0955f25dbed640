"""Signals in SQL: kept until one step takes each, never another workspace's, never twice, gone with the step that waited."""

import uuid

import pytest
import sqlalchemy as sa

from app.core.errors import Conflict, Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.runs import cancel_run, get_run_row, list_signal_waits, send_signal, start_run, start_test_run
from app.services.runs.dispatch import deliver_signals, has_signals
from app.services.runs.tables import run_table, signal_table, signal_wait_table
from app.wiring import Wiring
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from tests.support.driving import work
from tests.support.people import make_member
from tests.support.signals import answers, drive, parks, sends, waits
from tests.support.workflows import make_workflow, node, spec_of

_run = run_table.c


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of a member."""
    uow.actor = make_member(uow)
    return uow


def begin(uow: UnitOfWork) -> uuid.UUID:
    waiting = spec_of(node("start", "start"), node("paid", "wait", key="order-7"), node("end", "end"), edges="start>paid paid>end")
    return start_run(uow, workflow_id=make_workflow(uow, waiting).id, inputs={}).id


def test_a_signal_lets_the_step_go_on_that_waits_for_it(member: UnitOfWork) -> None:
    run_id = begin(member)
    drive(member, run_id, waits(), parks())
    row = get_run_row(member, run_id=run_id)
    assert (row.status, row.waiting_for) == ("waiting", "Waiting for the signal “order-7”: “paid”.")
    sent = send_signal(member, key=" order-7 ", value={"amount": 5})
    assert sent.run_id == run_id
    assert get_run_row(member, run_id=run_id).status == "queued"
    assert answers(member, run_id) == [{"amount": 5}]


def test_a_signal_before_the_wait_is_kept_and_taken_once(member: UnitOfWork) -> None:
    assert send_signal(member, key="order-7", value=1).run_id is None
    first, second = begin(member), begin(member)
    told = drive(member, first, waits(), parks())
    assert (answers(member, first), told.rings) == ([1], [first])
    assert get_run_row(member, run_id=first).status == "queued"
    drive(member, second, waits(), parks())
    assert (answers(member, second), get_run_row(member, run_id=second).status) == ([], "waiting")


def test_who_ignores_what_was_sent_before_leaves_it_for_others(member: UnitOfWork) -> None:
    send_signal(member, key="order-7", value="before")
    first, second = begin(member), begin(member)
    drive(member, first, waits(earlier="ignore"), parks())
    assert (answers(member, first), get_run_row(member, run_id=first).status) == ([], "waiting")
    drive(member, second, waits(), parks())
    assert answers(member, second) == ["before"]
    send_signal(member, key="order-7", value="after")
    assert answers(member, first) == ["after"]


def test_each_signal_lets_one_step_go_on_and_the_oldest_wait_comes_first(member: UnitOfWork) -> None:
    first, second = begin(member), begin(member)
    drive(member, first, waits(), parks())
    drive(member, second, waits(), parks())
    assert [send_signal(member, key="order-7", value=number).run_id for number in (1, 2, 3)] == [first, second, None]
    assert (answers(member, first), answers(member, second)) == ([1], [2])


def test_the_page_knows_what_a_run_waits_for_until_it_came(member: UnitOfWork) -> None:
    run_id = begin(member)
    drive(member, run_id, waits(), parks())
    (wait,) = list_signal_waits(member, run_id=run_id)
    assert (wait.node, wait.key, wait.until) == ("paid", "order-7", None)
    send_signal(member, key="order-7")
    assert list_signal_waits(member, run_id=run_id) == ()


def test_a_running_run_is_nudged(member: UnitOfWork) -> None:
    run_id = begin(member)
    send_signal(member, key="order-7")
    told = drive(member, run_id, waits())
    assert (told.nudges, told.rings) == ([run_id], [])


def test_the_same_message_again_changes_nothing(member: UnitOfWork) -> None:
    first, second = begin(member), begin(member)
    drive(member, first, waits(), parks())
    drive(member, second, waits(), parks())
    sent = send_signal(member, key="order-7", message_id="m1")
    assert send_signal(member, key="order-7", message_id="m1") == sent
    assert get_run_row(member, run_id=second).status == "waiting"


def test_a_signal_for_one_run_is_taken_by_no_other(member: UnitOfWork) -> None:
    first, second = begin(member), begin(member)
    drive(member, first, waits(), parks())
    assert send_signal(member, key="order-7", run_id=second).run_id is None
    drive(member, second, waits(), parks())
    assert get_run_row(member, run_id=second).status == "queued"
    cancel_run(member, run_id=first)
    with pytest.raises(Conflict):
        send_signal(member, key="order-7", run_id=first)


def test_another_workspace_neither_sends_nor_takes(uow: UnitOfWork) -> None:
    theirs = uow.actor = make_member(uow)
    run_id = begin(uow)
    drive(uow, run_id, waits(), parks())
    uow.actor = make_member(uow)
    assert send_signal(uow, key="order-7").run_id is None
    with pytest.raises(NotFound):
        send_signal(uow, key="order-7", run_id=run_id)
    uow.actor = theirs
    assert get_run_row(uow, run_id=run_id).status == "waiting"


@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_a_step_that_waits_no_more_takes_no_signal(member: UnitOfWork, ending: str) -> None:
    run_id = begin(member)
    drive(member, run_id, waits(), parks())
    if ending == "cancelled":
        cancel_run(member, run_id=run_id)
    else:
        member.session.connection().execute(sa.update(run_table).where(_run.id == run_id).values(wake_at=utc_now()))
        drive(
            member,
            run_id,
            JournalEvent(EventType.NODE_RESUMED, utc_now(), "paid", "", {"reason": "expired", "decision": {"expired": True}}),
        )
    assert member.session.connection().execute(sa.select(sa.func.count()).select_from(signal_wait_table)).scalar_one() == 0
    assert send_signal(member, key="order-7").run_id is None
    assert answers(member, run_id) == []


def test_a_step_of_another_run_sends_once_and_the_dispatcher_delivers(member: UnitOfWork) -> None:
    first, other = begin(member), begin(member)
    drive(member, first, waits(), parks())
    drive(member, other, sends())
    connection = member.session.connection()
    assert has_signals(connection)
    assert deliver_signals(connection, hooks={}).rings == [first]
    assert not has_signals(connection)
    member.session.expire_all()
    assert answers(member, first) == [5]


@pytest.mark.parametrize(
    ("field", "value"), [("key", ""), ("key", "k" * 201), ("key", 5), ("message_id", "m" * 201), ("value", float("nan"))]
)
def test_what_cannot_be_sent_is_named(member: UnitOfWork, field: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        send_signal(member, **{"key": "order-7", field: value})
    assert field in caught.value.fields


def test_a_dry_run_sends_nothing(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        waiting = begin(uow)
        drive(uow, waiting, waits(), parks())
        steps = (node("start", "start"), node("tell", "signal", key="order-7", value="paid"), node("end", "end"))
        sender = make_workflow(uow, spec_of(*steps, edges="start>tell tell>end"), name="Sender")
        tried = start_test_run(uow, workflow_id=sender.id, inputs={}, is_dry=True).id
    work(wiring, tried)
    with wiring.unit(write=False) as uow:
        assert uow.session.connection().execute(sa.select(sa.func.count()).select_from(signal_table)).scalar_one() == 0
        assert uow.session.connection().execute(sa.select(_run.status).where(_run.id == tried)).scalar_one() == "succeeded"
        assert uow.session.connection().execute(sa.select(_run.status).where(_run.id == waiting)).scalar_one() == "waiting"
