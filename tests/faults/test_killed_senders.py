"""A worker killed while it sends a webhook: another one sends the message again under the same id, and the log tells one story."""

import sqlalchemy as sa

from app.core.sql_clock import sql_now
from app.core.uow import Actor
from app.services.announcements import message_table
from app.services.runs import start_run
from app.wiring import Wiring
from tests.support.endpoints import Receiver, make_endpoint, messages_of, open_world
from tests.support.invariants import check_invariants
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow


def test_a_sender_killed_before_the_answer_is_replaced(wiring: Wiring, actor: Actor) -> None:
    receiver = Receiver(delay_s=600.0)
    with serve({"/hook": receiver.answer}) as server:
        with open_world(wiring).unit(actor) as uow:
            made = make_endpoint(uow, url=f"{server.url}/hook", events=["run.succeeded"])
            workflow_id = make_workflow(uow).id
        with worker(wiring.settings) as doomed:
            with wiring.unit(actor) as uow:
                row = start_run(uow, workflow_id=workflow_id, inputs={"name": "Ada"})
            assert wait_for(wiring, actor, row.id).status == "succeeded"
            until(lambda: receiver.got, what="the message on its way")
            doomed.kill()
        receiver.delay_s = 0.0
        with wiring.database.begin() as connection:  # as if the minute of the lease had passed
            held = sa.update(message_table).where(message_table.c.lease_until.is_not(None))
            assert connection.execute(held.values(lease_until=sql_now(-1))).rowcount == 1
        with worker(wiring.settings):
            endpoint_id = made.detail.row.id
            until(lambda: [one.status for one in messages_of(wiring, actor, endpoint_id)] == ["delivered"], what="the delivery")
    assert len(receiver.got) == 2
    assert len({got.message_id for got in receiver.got}) == 1
    assert all(got.verified(made.secret) for got in receiver.got)
    (message,) = messages_of(wiring, actor, made.detail.row.id)
    assert message.attempts == 1
    check_invariants(wiring)
