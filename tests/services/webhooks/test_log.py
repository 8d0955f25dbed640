"""The delivery log, replays, the test listener and what callers are told about their runs."""

from typing import Any

import pytest

from app.core.errors import AppError, Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services import runs, webhooks
from app.services.webhooks import Refused
from app.views.webhooks import MadeWebhook
from models.webhook import Webhook
from models.workflow import Workflow
from tests.support.clock import FrozenClock
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow)
    return uow


def anything(uow: UnitOfWork) -> Workflow:
    """A workflow whose start asks for nothing in particular."""
    return make_workflow(uow, spec_of(node("start", "start"), node("end", "end", output="{{ inputs }}"), edges="start>end"))


def newest(uow: UnitOfWork, made: MadeWebhook) -> Any:
    row = webhooks.list_deliveries(uow, webhook_id=made.detail.row.id).rows[0]
    return webhooks.get_delivery(uow, delivery_id=row.id)


# -- the log


def test_the_log_keeps_no_secret(member: UnitOfWork) -> None:
    made = make_webhook(member, anything(member), auth="secret")
    body = {"user": "mia", "password": "hunter2hunter2", "nested": {"api_key": "canary-canary"}, "note": "Bearer abcdefghijklmnop"}
    actor = member.actor
    receive(member, token_of(made), incoming(body, query="token=canary-token&q=1", x_webhook_secret=made.secret, cookie="a=canary-cookie"))
    member.actor = actor
    shown = repr(newest(member, made))
    for canary in ("hunter2", "canary", "abcdefghijklmnop", made.secret):
        assert canary not in shown
    assert "mia" in shown
    raw = member.session.connection().exec_driver_sql("SELECT headers, query, excerpt, request_sealed FROM webhook_delivery").all()
    assert "hunter2" not in repr(raw)
    assert "canary" not in repr(raw)


def test_a_refusal_is_logged_with_its_reason_and_can_be_replayed_once_the_webhook_is_mended(member: UnitOfWork) -> None:
    made = make_webhook(member)
    actor = member.actor
    request = incoming({"customer": "Mia"})
    target = webhooks.find_target(member, token=token_of(made))
    examined = webhooks.examine(target, request, box=member.ports.box, now=member.ports.clock.now())
    with pytest.raises(Invalid) as refused:
        webhooks.accept_request(member, target=target, examined=examined)
    webhooks.note_refusal(member, target=target, incoming=request, examined=examined, error=refused.value)
    member.actor = actor
    logged = next(
        webhooks.get_delivery(member, delivery_id=row.id)
        for row in webhooks.list_deliveries(member, webhook_id=made.detail.row.id, verdict="refused").rows
    )
    assert logged.row.response_status == 422
    assert "required" in logged.row.message
    assert logged.can_replay
    webhooks.update_webhook(
        member, webhook_id=made.detail.row.id, settings={"input_mode": "mapping", "mapping": {"name": "{{ body.customer }}"}}
    )
    run = webhooks.replay_delivery(member, delivery_id=logged.row.id)
    assert runs.get_run(member, run_id=run.id).inputs["name"] == "Mia"
    assert newest(member, made).row.is_replay


def test_what_was_not_proved_is_not_kept_whole(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="signature")
    request = incoming(b'{"name": "' + b"x" * 50_000 + b'"}')
    target = webhooks.find_target(member, token=token_of(made))
    error = Refused(401, "bad_signature", "No.")
    delivery = webhooks.note_refusal(member, target=target, incoming=request, examined=None, error=error)
    seen = webhooks.get_delivery(member, delivery_id=delivery)
    assert len(seen.excerpt) <= 2000
    assert not seen.can_replay
    with pytest.raises(Conflict, match="not kept"):
        webhooks.replay_delivery(member, delivery_id=delivery)


def test_the_log_is_filtered_searched_and_paged(member: UnitOfWork) -> None:
    made = make_webhook(member)
    actor = member.actor
    for number in range(35):
        receive(member, token_of(made), incoming({"name": f"caller {number}"}))
        member.actor = actor
    hook_id = made.detail.row.id
    first = webhooks.list_deliveries(member, webhook_id=hook_id)
    rest = webhooks.list_deliveries(member, webhook_id=hook_id, cursor=first.next_cursor)
    assert (len(first.rows), len(rest.rows), rest.next_cursor) == (30, 5, "")
    assert len(webhooks.list_deliveries(member, webhook_id=hook_id, search="caller 34").rows) == 1
    assert webhooks.list_deliveries(member, webhook_id=hook_id, verdict="refused").rows == ()
    run_id = str(first.rows[0].run_id)
    assert [row.id for row in webhooks.list_deliveries(member, webhook_id=hook_id, search=run_id).rows] == [first.rows[0].id]


# -- the test listener


def test_the_test_address_answers_only_while_somebody_listens(member: UnitOfWork, clock: FrozenClock) -> None:
    made = make_webhook(member)
    actor = member.actor
    hook_id = made.detail.row.id
    with pytest.raises(webhooks.NoWebhook):
        webhooks.find_target(member, token=token_of(made), is_test=True)
    assert webhooks.start_listening(member, webhook_id=hook_id).is_on
    receive(member, token_of(made), incoming({"name": "Mia", "password": "hunter2hunter2"}), is_test=True)
    member.actor = actor
    seen = webhooks.get_listening(member, webhook_id=hook_id)
    assert not seen.is_on
    assert seen.caught is not None
    assert seen.caught.row.verdict == "captured"
    assert seen.sample is not None
    assert seen.sample["body"] == {"name": "Mia", "password": "[redacted]"}
    assert runs.list_runs(member).rows == ()
    with pytest.raises(webhooks.NoWebhook):
        webhooks.find_target(member, token=token_of(made), is_test=True)
    clock.advance(seconds=1)
    webhooks.start_listening(member, webhook_id=hook_id)
    assert webhooks.get_listening(member, webhook_id=hook_id).caught is None
    clock.advance(minutes=6)
    assert not webhooks.get_listening(member, webhook_id=hook_id).is_on


def test_a_listener_may_start_a_test_run_and_works_while_the_webhook_is_paused(member: UnitOfWork) -> None:
    made = make_webhook(member)
    actor = member.actor
    webhooks.pause_webhook(member, webhook_id=made.detail.row.id, is_paused=True)
    webhooks.start_listening(member, webhook_id=made.detail.row.id, starts_run=True)
    reception = receive(member, token_of(made), incoming({"name": "Mia"}), is_test=True)
    member.actor = actor
    assert runs.get_run(member, run_id=reception.run_id).inputs["name"] == "Mia"


def test_an_earlier_request_can_become_the_sample(member: UnitOfWork) -> None:
    made = make_webhook(member)
    actor = member.actor
    reception = receive(member, token_of(made), incoming({"name": "Mia"}))
    member.actor = actor
    webhooks.use_as_sample(member, delivery_id=reception.delivery_id)
    sample = member.load(Webhook, made.detail.row.id).sample
    assert sample is not None
    assert sample["body"] == {"name": "Mia"}


# -- what the caller is told


def test_a_ticket_tells_how_the_run_stands_and_cannot_be_guessed_or_carried_over(member: UnitOfWork) -> None:
    made = make_webhook(member)
    reception = receive(member, token_of(made), incoming({"name": "Mia"}))
    other = receive(member, token_of(make_webhook(member)), incoming({"name": "Mia"}))
    ticket = webhooks.make_ticket(member, reception.delivery_id)
    progress = webhooks.read_ticket(member, ticket=ticket)
    assert (progress.run_id, progress.status, progress.tells_output) == (reception.run_id, "queued", False)
    mark = ticket.partition(".")[2]
    for wrong in (f"{other.delivery_id.hex}.{mark}", f"{reception.delivery_id.hex}.", reception.delivery_id.hex, "", f"{ticket}x", "ü.ü"):
        with pytest.raises(AppError) as refused:
            webhooks.read_ticket(member, ticket=wrong)
        assert refused.value.status == 404
