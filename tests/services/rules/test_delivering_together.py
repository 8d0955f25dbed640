"""Two facts at the same time, each of which starts the same workflows."""

from threading import Event, Thread
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from app.services.rules import deliver_fact
from app.services.rules.delivering import find_facts
from app.services.runs import start_run
from app.services.runs.tables import plan_table
from app.wiring import Wiring
from tests.support.driving import drive
from tests.support.locks import waits_for_a_lock
from tests.support.people import make_member
from tests.support.rules import deliver, follower, make_rule, rule_fires
from tests.support.waiting import until
from tests.support.workflows import make_workflow


def test_facts_that_start_the_same_changed_workflows_in_another_order_do_not_wait_for_each_other(wiring: Wiring) -> None:
    """The one has its locks when the other comes: without one order, each would have what the other needs."""
    with wiring.unit() as uow:
        owner = uow.actor = make_member(uow, name="Olga Owner")
        sources = [str(make_workflow(uow, name=name).id) for name in ("First", "Second")]
        targets = [str(make_workflow(uow, follower(), name=name).id) for name in ("Left", "Right")]
        for source, wanted in zip(sources, (targets, targets[::-1]), strict=True):
            for target in wanted:
                make_rule(uow, source_id=source, workflow_id=target, name=f"{source} {target}")
    for source in sources:
        drive(wiring, owner, wiring.call(start_run, owner, workflow_id=source, inputs={"name": "Mia"}).id)
    with wiring.database.connect() as connection:
        one, another = find_facts(connection)

    def bring(fact_id: Any) -> None:
        with wiring.unit() as uow:
            started.append(deliver_fact(uow, fact_id=fact_id, now=uow.ports.clock.now()))

    started: list[int] = []
    other = Thread(target=bring, args=(another,))

    def meanwhile(_c: object, _cursor: object, statement: str, *_: object) -> None:
        is_locked = ("FROM workflow" in statement and statement.rstrip().endswith("UPDATE")) or wiring.database.dialect.name == "sqlite"
        if is_locked and other.ident is None:
            other.start()
            until(lambda: not other.is_alive() or waits_for_a_lock(wiring), what="the other fact, which waits")

    with wiring.unit() as uow:
        event.listen(uow.session.connection(), "after_cursor_execute", meanwhile)
        started.append(deliver_fact(uow, fact_id=one, now=uow.ports.clock.now()))
    other.join(60)
    assert not other.is_alive()
    assert started == [2, 2]
    assert [fire.outcome for fire in rule_fires(wiring, owner)] == ["started"] * 4


def test_a_start_by_hand_and_a_fact_that_starts_the_same_workflow_do_not_wait_for_each_other(wiring: Wiring) -> None:
    """The start has written a new plan, for which the fact waits; the fact has locked the workflow, which the start's run names."""
    with wiring.unit() as uow:
        owner = uow.actor = make_member(uow, name="Olga Owner")
        source = str(make_workflow(uow, name="Source").id)
        targets = [str(make_workflow(uow, follower(), name=name).id) for name in ("Left", "Right")]
        for target in targets:
            make_rule(uow, source_id=source, workflow_id=target, name=target, mapping={"note": "told"})
    drive(wiring, owner, wiring.call(start_run, owner, workflow_id=source, inputs={"name": "Mia"}).id)
    deliver(wiring)  # the versions of both are kept now
    with wiring.database.begin() as connection:
        connection.execute(sa.update(plan_table).values(digest=sa.literal("x").concat(sa.func.substr(plan_table.c.digest, 2))))
    drive(wiring, owner, wiring.call(start_run, owner, workflow_id=source, inputs={"name": "Mia"}).id)
    with wiring.database.connect() as connection:
        (fact_id,) = find_facts(connection)
    is_pinned = Event()

    def meanwhile(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.replace('"', "").startswith("INSERT INTO plan") and not is_pinned.is_set():
            is_pinned.set()
            until(lambda: waits_for_a_lock(wiring), what="the fact, which waits")

    def by_hand() -> None:
        with wiring.unit(owner) as uow:
            event.listen(uow.session.connection(), "after_cursor_execute", meanwhile)
            started.append(start_run(uow, workflow_id=targets[1], inputs={"note": "by hand"}))

    started: list[object] = []
    other = Thread(target=by_hand)
    other.start()
    assert is_pinned.wait(30)
    with wiring.unit() as uow:
        assert deliver_fact(uow, fact_id=fact_id, now=uow.ports.clock.now()) == 2
    other.join(60)
    assert len(started) == 1
