"""What people and administrators change while runs are on their way: definitions, members, children, whole databases."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from app.core.uow import Actor
from app.services.runs import decide_approval, get_run, list_approvals, start_run
from app.services.runs.tables import run_table
from app.services.workflows import delete_workflow
from app.wiring import Wiring
from models.user import User
from models.workflow import Workflow
from models.workspace import Membership, Workspace
from tests.support.called import Service, calling
from tests.support.families import make_pair
from tests.support.invariants import check_invariants, statuses
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import asking, greeting, make_workflow

OVER = {"succeeded", "failed", "cancelled"}


def test_a_run_keeps_what_it_began_with_though_all_around_it_changes(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        workspace = uow.session.get(Workspace, actor.workspace_id)
        colleague = make_member(uow, workspace=workspace, name="Cleo Colleague")
        edited, deleted = make_workflow(uow, asking(), name="Edited").id, make_workflow(uow, asking(), name="Deleted").id
        rows = [start_run(uow, workflow_id=one, inputs={}) for one in (edited, deleted)]
    with worker(wiring.settings):
        for row in rows:
            wait_for(wiring, actor, row.id, "waiting")
        with wiring.unit(actor) as uow:
            workflow = uow.load(Workflow, edited, what="The workflow")
            workflow.draft = greeting().model_dump(mode="json", exclude_defaults=True)
            delete_workflow(uow, workflow_id=deleted)
        with wiring.database.begin() as connection:  # whoever started them leaves, and is forgotten
            memberships, users = Membership.__table__, User.__table__  # type: ignore[attr-defined]
            connection.execute(sa.delete(memberships).where(memberships.c.user_id == actor.user_id))
            connection.execute(sa.delete(users).where(users.c.id == actor.user_id))
        for card in wiring.call(list_approvals, colleague):
            wiring.call(decide_approval, colleague, approval_id=card.id, button="approve")
        for row in rows:
            assert wait_for(wiring, colleague, row.id).status == "succeeded"
            assert wiring.call(get_run, colleague, run_id=row.id).output == "paid"
    check_invariants(wiring)


def test_a_lost_child_lets_its_parent_go_on_with_the_cause(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        parent, _ = make_pair(uow, asking())
        row = start_run(uow, workflow_id=parent.id, inputs={})
    with worker(wiring.settings):
        until(lambda: list(statuses(wiring).values()) == ["waiting", "waiting"], what="a parent and a child that wait")
    with wiring.database.begin() as connection:
        connection.execute(sa.delete(run_table).where(run_table.c.parent_run_id == row.id))
    with worker(wiring.settings):
        assert wait_for(wiring, actor, row.id).status == "failed"
    error = wiring.call(get_run, actor, run_id=row.id).error
    assert error is not None
    assert error["node"] == "call"
    assert "Traceback" not in str(error)
    check_invariants(wiring)


def test_a_backup_taken_in_the_middle_goes_on_from_there_under_newer_messages(wiring: Wiring, actor: Actor, service: Service) -> None:
    if wiring.database.dialect.name != "sqlite":
        pytest.skip("copies the file of the database")
    called, url = service
    called.delay_s = 0.2
    path = str(wiring.database.url.database)
    with wiring.unit(actor) as uow:
        workflow_id, parent_id = make_workflow(uow, calling(url, "a", "b", "c")).id, make_pair(uow)[0].id
        for _ in range(4):
            start_run(uow, workflow_id=workflow_id, inputs={})
            start_run(uow, workflow_id=parent_id, inputs={})
    with worker(wiring.settings, AF_WORKER_CONCURRENCY="3"):
        until(lambda: called.calls["b"] >= 1, what="the middle")
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(f"{path}.backup")) as target:
            source.backup(target)
        with wiring.unit(actor) as uow:  # what came after the backup is lost, but its doorbells are still in Redis
            start_run(uow, workflow_id=workflow_id, inputs={})
        until(lambda: set(statuses(wiring).values()) <= OVER, what="the end of all")
    after = statuses(wiring)
    for run_id in after:
        wiring.ports.queue.ring_run(run_id)
    wiring.database.dispose()
    with closing(sqlite3.connect(f"{path}.backup")) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    assert not set(statuses(wiring).values()) <= OVER
    with worker(wiring.settings) as process:
        until(lambda: set(statuses(wiring).values()) == {"succeeded"}, what="the end of all, again")
        with wiring.unit(actor) as uow:
            last = start_run(uow, workflow_id=workflow_id, inputs={})
        assert wait_for(wiring, actor, last.id).status == "succeeded"
        assert "Traceback" not in process.log
    assert len(after) > len(statuses(wiring)) - 1
    check_invariants(wiring)
