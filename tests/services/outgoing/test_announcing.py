"""What endpoints are told: written in the transaction of the fact, to whom it concerns, and nothing of chats or strangers."""

import json

import pytest
from sqlalchemy import event
from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.announcements import announce_ends
from app.services.announcements.events import EVENTS, OUTPUT_BYTES, TEST, ended_data, sample_payload
from app.services.history import name_version
from app.services.runs import cancel_run, start_run
from app.services.runs.journal import append_events, run_table
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.endpoint import WebhookMessage
from models.run import Run
from models.workflow import Workflow
from tests.support.endpoints import make_endpoint
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow)
    return uow


def begin(uow: UnitOfWork, workflow: Workflow | None = None) -> Run:
    workflow = workflow or make_workflow(uow)
    run = uow.session.get(Run, start_run(uow, workflow_id=workflow.id, inputs={"name": "Ada"}).id)
    assert run is not None
    return run


def end(uow: UnitOfWork, run: Run, output: object = "Hello Ada") -> None:
    ended = JournalEvent(EventType.RUN_SUCCEEDED, utc_now(), data={"output": output})
    append_events(uow.session.connection(), run.id, run.workspace_id, [ended], hooks={})


def told(uow: UnitOfWork) -> list[WebhookMessage]:
    return list(uow.session.exec(select(WebhookMessage).order_by(WebhookMessage.id)))  # type: ignore[arg-type]


def test_the_end_of_a_run_is_told_with_its_result(member: UnitOfWork) -> None:
    endpoint_id = make_endpoint(member).detail.row.id
    run = begin(member)
    end(member, run)
    (message,) = told(member)
    assert (message.endpoint_id, message.event, message.run_id, message.status) == (endpoint_id, "run.succeeded", run.id, "pending")
    data = message.payload["data"]
    assert (data["run_id"], data["output"], data["error"], data["output_truncated"]) == (str(run.id), "Hello Ada", None, False)
    assert data["path"] == f"/runs/{run.id}"


def test_a_cancelled_run_is_told(member: UnitOfWork) -> None:
    make_endpoint(member)
    cancel_run(member, run_id=begin(member).id)
    assert [message.event for message in told(member)] == ["run.cancelled"]


def test_only_those_who_asked_for_the_event_and_the_workflow_hear(member: UnitOfWork) -> None:
    wanted, other = make_workflow(member, name="Wanted"), make_workflow(member, name="Other")
    deaf = make_endpoint(member, name="Deaf", events=["run.failed"])
    picky = make_endpoint(member, name="Picky", workflow_ids=[str(wanted.id)])
    end(member, begin(member, other))
    assert told(member) == []
    end(member, begin(member, wanted))
    assert [message.endpoint_id for message in told(member)] == [picky.detail.row.id]
    assert deaf.detail.row.id != picky.detail.row.id


def test_another_workspace_hears_nothing(member: UnitOfWork) -> None:
    run = begin(member)
    mine, member.actor = member.actor, make_member(member)
    make_endpoint(member)
    member.actor = mine
    end(member, run)
    assert told(member) == []


@pytest.mark.parametrize("change", [{"kind": "chat"}, {"kind": "step"}, {"is_dry": True}])
def test_chats_single_steps_and_dry_runs_are_nobodys_business(member: UnitOfWork, change: dict[str, object]) -> None:
    make_endpoint(member)
    run = begin(member)
    member.session.connection().execute(run_table.update().where(run_table.c.id == run.id).values(change))
    end(member, run)
    assert told(member) == []


def test_of_a_family_of_runs_only_the_first_is_news(member: UnitOfWork) -> None:
    make_endpoint(member)
    parent, child = begin(member), begin(member)
    member.session.connection().execute(run_table.update().where(run_table.c.id == child.id).values(parent_run_id=parent.id))
    end(member, child)
    end(member, parent)
    assert [message.run_id for message in told(member)] == [parent.id]


def test_what_is_rolled_back_was_never_said(member: UnitOfWork) -> None:
    make_endpoint(member)
    run = begin(member)
    with member.session.begin_nested() as savepoint:
        end(member, run)
        assert len(told(member)) == 1
        savepoint.rollback()
    assert told(member) == []


def test_a_large_result_is_left_out_and_said_to_be(member: UnitOfWork) -> None:
    make_endpoint(member)
    run = begin(member)
    end(member, run, {"text": "x" * OUTPUT_BYTES})
    data = told(member)[0].payload["data"]
    assert (data["output"], data["output_truncated"]) == (None, True)


def test_a_number_beyond_64_bits_is_told_whole(member: UnitOfWork) -> None:
    make_endpoint(member)
    run = begin(member)
    end(member, run, {"big": 2**70})
    assert told(member)[0].payload["data"]["output"] == {"big": 2**70}


def test_naming_a_version_is_told_once_per_name(member: UnitOfWork) -> None:
    make_endpoint(member)
    workflow = make_workflow(member)
    named = name_version(member, workflow_id=workflow.id, version_id="draft", name="Spring")
    name_version(member, workflow_id=workflow.id, version_id=str(named.id), name="Spring", note="Only the note is different.")
    (message,) = told(member)
    assert message.event == "workflow.version_named"
    assert message.payload["data"]["version_name"] == "Spring"


def test_samples_have_the_shape_of_real_payloads(member: UnitOfWork) -> None:
    run = begin(member)
    end(member, run)
    row = member.session.connection().execute(run_table.select().where(run_table.c.id == run.id)).one()
    assert set(sample_payload("run.succeeded")["data"]) == set(ended_data(row))
    for name in (TEST, *EVENTS):
        payload = sample_payload(name)
        assert payload["type"] == name
        assert json.loads(json.dumps(payload)) == payload


def test_without_endpoints_only_one_look_is_taken(member: UnitOfWork) -> None:
    run = begin(member)
    asked: list[str] = []
    connection = member.session.connection()

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    announce_ends(connection, [run.id])
    event.remove(connection, "before_cursor_execute", note)
    assert len(asked) == 1
