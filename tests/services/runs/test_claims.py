"""Ownership of runs in SQL: one worker at a time, a fence against zombies, and a dispatcher that finds what nobody rang for."""

import uuid
from itertools import pairwise
from threading import Thread

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.core.endings import RunEnded
from app.core.sql_clock import sql_now
from app.core.uow import UnitOfWork
from app.services.runs import cancel_run, get_run, get_run_row, start_run
from app.services.runs.claim import claim_runs, end_leases, read_fences, release_runs, renew_leases
from app.services.runs.dispatch import fail_lost_runs, find_due_runs, find_unsent, has_work, mark_sent
from app.services.runs.journal import Commit, Committed, commit_batch
from app.services.runs.tables import event_table, outbox_table, run_table
from app.wiring import Wiring
from engine.errors import LeaseLost
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from tests.support.locks import waits_for_a_lock
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workflows import make_workflow


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of a member."""
    uow.actor = make_member(uow)
    return uow


def begin(uow: UnitOfWork) -> uuid.UUID:
    return start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ada"}).id


def change(uow: UnitOfWork, run_id: uuid.UUID, **values: object) -> None:
    """Set columns of a run as time or a crash would."""
    uow.session.connection().execute(sa.update(run_table).where(run_table.c.id == run_id).values(**values))


def finished(name: str = "greet") -> JournalEvent:
    return JournalEvent(EventType.NODE_FINISHED, utc_now(), name, "", {"attempt": 1, "output": name, "port": "out", "ms": 1.0})


def commit(
    uow: UnitOfWork, run_id: uuid.UUID, fence: int, seq: int, *events: JournalEvent, repeated: bool = False
) -> Committed | LeaseLost:
    (answer,) = commit_batch(
        uow.session.connection(), [Commit(run_id, uow.workspace_id, fence, seq, events, is_repeated=repeated)], hooks=uow.ports.end_hooks
    )
    return answer


def test_a_run_is_claimed_once_with_its_history(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    (claimed,) = claim_runs(connection, [run_id, uuid.uuid4()], owner="a", lease_s=60)
    assert (claimed.fence, claimed.next_seq, [event.type for event in claimed.history]) == (1, 2, [EventType.RUN_STARTED])
    assert claim_runs(connection, [run_id], owner="b", lease_s=60) == []
    assert get_run_row(member, run_id=run_id).status == "running"
    assert connection.execute(sa.select(outbox_table)).all() == []


def test_a_zombie_cannot_write(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    claim_runs(connection, [run_id], owner="a", lease_s=60)
    change(member, run_id, lease_until=sql_now(-1))
    (second,) = claim_runs(connection, [run_id], owner="b", lease_s=60)
    assert (second.fence, second.recoveries) == (2, 1)
    assert isinstance(commit(member, run_id, 1, 2, finished()), LeaseLost)
    assert isinstance(commit(member, run_id, 2, 2, finished()), Committed)
    assert renew_leases(connection, {run_id: 1}, owner="a", lease_s=60) == []
    assert [row.fence for row in renew_leases(connection, {run_id: 2}, owner="b", lease_s=60)] == [2]
    assert read_fences(connection, [run_id]) == {run_id: 2}


def test_what_a_dead_worker_held_may_be_taken_at_once(member: UnitOfWork) -> None:
    dead, alive, connection = begin(member), begin(member), member.session.connection()
    claim_runs(connection, [dead], owner="a", lease_s=3600)
    claim_runs(connection, [alive], owner="b", lease_s=3600)
    assert end_leases(connection, ["a", "unheard of"]) == 1
    assert {claim.run_id for claim in claim_runs(connection, [dead, alive], owner="c", lease_s=60)} == {dead}


def test_the_time_between_a_crash_and_the_next_worker_is_not_time_at_work(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    claim_runs(connection, [run_id], owner="a", lease_s=60)
    connection.execute(sa.update(event_table).where(event_table.c.run_id == run_id).values(at=sql_now(-90)))
    change(member, run_id, lease_until=sql_now(-1))
    claim_runs(connection, [run_id], owner="b", lease_s=60)
    waited = connection.execute(sa.select(run_table.c.waited_ms).where(run_table.c.id == run_id)).scalar_one()
    assert 90_000 <= waited < 3_600_000


def test_nothing_is_written_after_the_end(member: UnitOfWork) -> None:
    run_id = begin(member)
    claim_runs(member.session.connection(), [run_id], owner="a", lease_s=60)
    last = JournalEvent(EventType.RUN_SUCCEEDED, utc_now(), data={"output": {"b": 1, "a": [None]}})
    assert isinstance(commit(member, run_id, 1, 2, finished(), last), Committed)
    assert isinstance(commit(member, run_id, 1, 4, finished("late")), LeaseLost)
    assert cancel_run(member, run_id=run_id).status == "succeeded"
    detail = get_run(member, run_id=run_id)
    assert list(detail.output.items()) == [("b", 1), ("a", [None])], "documents keep their order"  # type: ignore[union-attr]
    assert detail.last_seq == 3


def test_a_commit_whose_answer_was_lost_is_not_written_twice(member: UnitOfWork) -> None:
    run_id, event = begin(member), finished()
    claim_runs(member.session.connection(), [run_id], owner="a", lease_s=60)
    commit(member, run_id, 1, 2, event)
    again = commit(member, run_id, 1, 2, event, repeated=True)
    assert isinstance(again, Committed)
    assert again.next_seq == 3
    assert get_run(member, run_id=run_id).last_seq == 2


def test_progress_forgives_earlier_crashes(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    claim_runs(connection, [run_id], owner="a", lease_s=60)
    change(member, run_id, lease_until=sql_now(-1), recoveries=2)
    (claimed,) = claim_runs(connection, [run_id], owner="b", lease_s=60)
    assert claimed.recoveries == 3
    commit(member, run_id, claimed.fence, 2, finished())
    assert connection.execute(sa.select(run_table.c.recoveries).where(run_table.c.id == run_id)).scalar_one() == 0


def test_a_run_given_back_is_queued_and_rung(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    claim_runs(connection, [run_id], owner="a", lease_s=60)
    assert release_runs(connection, {run_id: 7}) == []
    assert release_runs(connection, {run_id: 1}) == [run_id]
    assert get_run_row(member, run_id=run_id).status == "queued"
    assert connection.execute(sa.select(outbox_table.c.id)).scalars().all() == [run_id]


def test_the_dispatcher_finds_each_thing_once(member: UnitOfWork) -> None:
    connection = member.session.connection()
    stale, due, orphan, fresh = (begin(member) for _ in range(4))
    connection.execute(sa.delete(outbox_table))
    assert not has_work(connection)
    change(member, stale, rung_at=sql_now(-120))
    change(member, due, status="waiting", wake_at=sql_now(-1), rung_at=None)
    change(member, orphan, status="running", lease_until=sql_now(-1), rung_at=None)
    assert has_work(connection)
    assert set(find_due_runs(connection)) == {stale, due, orphan}
    assert find_due_runs(connection) == []
    assert {claim.run_id for claim in claim_runs(connection, [stale, due, orphan, fresh], owner="a", lease_s=60)} == {
        stale,
        due,
        orphan,
        fresh,
    }


def test_an_unsent_doorbell_is_found_after_a_moment(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    assert find_unsent(connection) == []
    connection.execute(sa.update(outbox_table).values(created_at=sql_now(-10)))
    assert find_unsent(connection) == [run_id]
    mark_sent(connection, [run_id])
    assert find_unsent(connection) == []


def test_a_run_that_kills_its_workers_is_ended_and_everybody_hears(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    heard: list[RunEnded] = []
    change(member, run_id, status="running", lease_until=sql_now(-1), recoveries=3)
    assert claim_runs(connection, [run_id], owner="a", lease_s=60) == []
    assert fail_lost_runs(connection, hooks={"workflow": (lambda _connection, ended: heard.append(ended),)}) == [run_id]
    assert get_run_row(member, run_id=run_id).error_message.startswith("The worker died 4 times")
    assert [(ended.run_id, ended.status) for ended in heard] == [(run_id, "failed")]


def test_an_orphan_is_cancelled_without_a_worker(member: UnitOfWork) -> None:
    run_id, connection = begin(member), member.session.connection()
    claim_runs(connection, [run_id], owner="a", lease_s=60)
    assert cancel_run(member, run_id=run_id).waiting_for == "Stopping."
    change(member, run_id, lease_until=sql_now(-1))
    assert cancel_run(member, run_id=run_id).status == "cancelled"
    assert isinstance(commit(member, run_id, 1, 2, finished()), LeaseLost)


def test_noting_a_sent_doorbell_and_claiming_its_run_never_wait_for_each_other_in_a_circle(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        run_ids = [begin(uow) for _ in range(3)]
    claimed: list[uuid.UUID] = []

    def claim() -> None:
        with wiring.database.begin() as connection:
            claimed.extend(found.run_id for found in claim_runs(connection, run_ids[::-1], owner="a", lease_s=60))

    other = Thread(target=claim)

    def claim_meanwhile(*_: object) -> None:
        """Once the first statement has its locks, somebody claims the same runs and comes as far as possible."""
        if other.ident is None:
            other.start()
            until(lambda: not other.is_alive() or waits_for_a_lock(wiring), what="a claim that waits")

    with wiring.database.begin() as connection:
        event.listen(connection, "after_cursor_execute", claim_meanwhile)
        mark_sent(connection, run_ids)
    other.join(60)
    assert set(claimed) == set(run_ids)


def test_the_end_of_a_grandchild_and_cancelling_its_grandparent_never_wait_for_each_other_in_a_circle(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        actor = uow.actor = make_member(uow)
        run_ids = [begin(uow) for _ in range(3)]
        for above, below in pairwise(run_ids):
            change(uow, below, parent_run_id=above, parent_node="call", parent_iteration="", parent_attempt=1, input_tokens=7)
        claim_runs(uow.session.connection(), run_ids, owner="a", lease_s=60)
    first, middle, last = run_ids

    def cancel() -> None:
        with wiring.unit(actor) as uow:
            cancel_run(uow, run_id=first)

    other = Thread(target=cancel)

    def cancel_meanwhile(_c: object, _cursor: object, statement: str, *_: object) -> None:
        """Once the ending run has its locks, somebody cancels the first one and comes as far as possible."""
        if other.ident is None and ("FOR UPDATE" in statement or wiring.database.dialect.name == "sqlite"):
            other.start()
            until(lambda: not other.is_alive() or waits_for_a_lock(wiring), what="a wish to cancel that waits")

    ended = JournalEvent(EventType.RUN_SUCCEEDED, utc_now(), data={"output": "done"})
    with wiring.database.begin() as connection:
        event.listen(connection, "after_cursor_execute", cancel_meanwhile)
        (answer,) = commit_batch(connection, [Commit(last, actor.workspace_id, 1, 2, [ended], parent_id=middle)], hooks={})
        assert isinstance(answer, Committed)
    other.join(60)
    assert not other.is_alive()
    with wiring.database.connect() as connection:
        rows = {row.id: row for row in connection.execute(sa.select(run_table))}
    assert (rows[last].status, rows[first].below_input_tokens) == ("succeeded", 7)
    assert all(rows[run_id].cancel_requested_at is not None for run_id in (first, middle))
