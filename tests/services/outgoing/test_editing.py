"""Making and changing endpoints: what is checked, who may, what is told only once."""

from dataclasses import replace

import pytest

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services import outgoing
from app.services.announcements import EVENTS
from app.services.outgoing.rows import place_of
from app.services.signing import reveal_secrets
from models.endpoint import WebhookEndpoint
from models.ids import new_id
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.endpoints import URL, make_endpoint
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow)
    return uow


def stored(uow: UnitOfWork, endpoint_id: object) -> WebhookEndpoint:
    row = uow.session.get(WebhookEndpoint, endpoint_id)
    assert row is not None
    return row


def test_a_secret_is_told_once_and_kept_sealed(member: UnitOfWork) -> None:
    made = make_endpoint(member)
    assert made.secret.startswith("whsec_")
    row = stored(member, made.detail.row.id)
    assert made.secret not in row.model_dump_json()
    assert made.detail.secrets[0].last_four == made.secret[-4:]
    assert made.secret not in repr(outgoing.get_endpoint(member, endpoint_id=row.id))


def test_every_wrong_field_is_told_at_once(member: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        outgoing.create_endpoint(
            member, settings={"name": " ", "url": "http://127.0.0.1/x", "events": ["run.exploded"], "workflow_ids": [str(new_id())]}
        )
    assert set(refused.value.fields) == {"name", "url", "events", "workflow_ids"}
    assert "private or local network" in refused.value.fields["url"]
    assert "run.exploded" in refused.value.fields["events"]
    assert outgoing.list_endpoints(member).total == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://receiver.example/x",
        "https://me:secret@receiver.example/",
        "https://receiver.example:6379/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "https://receiver.example/\r\nx: y",
        "https://receiver.example/#part",
        None,
        {"url": "x"},
    ],
)
def test_an_address_that_must_not_be_called_is_refused_where_it_is_entered(member: UnitOfWork, url: object) -> None:
    with pytest.raises(Invalid) as refused:
        make_endpoint(member, url=url)
    assert list(refused.value.fields) == ["url"]


def test_an_update_changes_what_is_given_and_keeps_the_rest(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    made = make_endpoint(member)
    detail = outgoing.update_endpoint(
        member, endpoint_id=made.detail.row.id, settings={"events": ["run.failed", "run.failed"], "workflow_ids": [str(workflow.id)]}
    )
    assert (detail.row.name, detail.row.url, detail.row.events) == ("Receiver", URL, ("run.failed",))
    assert detail.workflow_ids == (str(workflow.id),)


def test_a_rotated_secret_signs_beside_the_new_one_for_a_day(member: UnitOfWork, clock: FrozenClock) -> None:
    made = make_endpoint(member)
    rotated = outgoing.rotate_endpoint_secret(member, endpoint_id=made.detail.row.id)
    row = stored(member, made.detail.row.id)
    place = place_of(row.workspace_id, row.id)
    assert reveal_secrets(row.secrets, box=member.ports.box, place=place, now=clock.now()) == [rotated.secret, made.secret]
    clock.advance(hours=25)
    assert reveal_secrets(row.secrets, box=member.ports.box, place=place, now=clock.now()) == [rotated.secret]


def test_a_replaced_secret_can_be_ended_at_once_and_the_newest_never(member: UnitOfWork, clock: FrozenClock) -> None:
    made = make_endpoint(member)
    endpoint_id = made.detail.row.id
    newest, old = outgoing.rotate_endpoint_secret(member, endpoint_id=endpoint_id).detail.secrets
    assert [card.id for card in outgoing.revoke_endpoint_secret(member, endpoint_id=endpoint_id, secret_id=old.id).secrets] == [newest.id]
    assert [card.id for card in outgoing.revoke_endpoint_secret(member, endpoint_id=endpoint_id, secret_id=newest.id).secrets] == [
        newest.id
    ]


def test_pausing_resuming_and_testing(member: UnitOfWork) -> None:
    endpoint_id = make_endpoint(member).detail.row.id
    assert outgoing.pause_endpoint(member, endpoint_id=endpoint_id).row.state == "paused"
    with pytest.raises(Conflict, match="Resume it first"):
        outgoing.send_test(member, endpoint_id=endpoint_id)
    assert outgoing.resume_endpoint(member, endpoint_id=endpoint_id).row.state == "active"
    sent = outgoing.send_test(member, endpoint_id=endpoint_id, event="run.failed")
    assert (sent.row.is_test, sent.row.status, sent.payload["type"]) == (True, "pending", "run.failed")
    with pytest.raises(Invalid):
        outgoing.send_test(member, endpoint_id=endpoint_id, event="nothing")


def test_resuming_a_disabled_endpoint_starts_its_record_afresh(member: UnitOfWork, clock: FrozenClock) -> None:
    row = stored(member, make_endpoint(member).detail.row.id)
    row.state, row.reason, row.failures, row.failing_since = "disabled", "All failed.", 30, clock.now()
    member.session.flush()
    with pytest.raises(Conflict, match="disabled already"):
        outgoing.pause_endpoint(member, endpoint_id=row.id)
    resumed = outgoing.resume_endpoint(member, endpoint_id=row.id).row
    assert (resumed.state, resumed.reason, resumed.failures, resumed.failing_since) == ("active", "", 0, None)


def test_a_deleted_endpoint_is_gone_and_what_waited_is_given_up(member: UnitOfWork) -> None:
    endpoint_id = make_endpoint(member).detail.row.id
    sent = outgoing.send_test(member, endpoint_id=endpoint_id)
    outgoing.delete_endpoint(member, endpoint_id=endpoint_id)
    with pytest.raises(NotFound):
        outgoing.get_endpoint(member, endpoint_id=endpoint_id)
    member.session.expire_all()
    assert outgoing.get_message(member, message_id=sent.row.id).row.last_error == "The endpoint was deleted."
    assert stored(member, endpoint_id).secrets == []


def test_a_viewer_sees_the_host_only_and_changes_nothing(member: UnitOfWork) -> None:
    endpoint_id = make_endpoint(member).detail.row.id
    assert member.actor is not None
    member.actor = replace(member.actor, role=Role.VIEWER)
    assert outgoing.get_endpoint(member, endpoint_id=endpoint_id).row.url == "https://receiver.example/…"
    assert outgoing.list_endpoints(member, search="abc").rows == ()
    with pytest.raises(NotAllowed):
        outgoing.send_test(member, endpoint_id=endpoint_id)


def test_the_log_is_searched_filtered_and_paged(member: UnitOfWork) -> None:
    endpoint_id = make_endpoint(member).detail.row.id
    sent = [outgoing.send_test(member, endpoint_id=endpoint_id, event=event) for event in [*EVENTS] * 5]
    first = outgoing.list_messages(member, endpoint_id=endpoint_id)
    second = outgoing.list_messages(member, endpoint_id=endpoint_id, cursor=first.next_cursor)
    assert [row.id for row in (*first.rows, *second.rows)] == [item.row.id for item in reversed(sent)]
    found = outgoing.list_messages(member, endpoint_id=endpoint_id, search="Spring release").rows
    assert {row.event for row in found} == {"workflow.version_named"}
    assert [row.id for row in outgoing.list_messages(member, endpoint_id=endpoint_id, search=str(sent[3].row.id)).rows] == [sent[3].row.id]
    assert outgoing.list_messages(member, endpoint_id=endpoint_id, status="failed").rows == ()
    assert outgoing.list_messages(member, endpoint_id=endpoint_id, search="a run failed").rows
