"""The sender of webhooks against a real local receiver: signed, tried again, given up, never to where it must not go."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.adapters.http_guarded import GuardedHttpClient
from app.core.uow import Actor
from app.jobs.outgoing import WebhookSender
from app.services import outgoing
from app.services.announcements import endpoint_table, message_table
from app.services.outgoing.sending import DISABLE_AFTER_FAILURES, RETRY_S, Outcome, claim_due, delay_s, forget_old, record_outcome
from app.views.outgoing import MadeEndpoint, MessageDetail
from app.wiring import Wiring
from engine.ports import HttpClient
from models.base import utc_now
from tests.support.endpoints import Receiver, make_endpoint, open_world
from tests.support.people import make_member
from tests.support.slow_http import serve
from tests.support.waiting import until_async

Message = Callable[[], MessageDetail]


@dataclass
class World:
    """An endpoint at a local receiver, and the parts that send to it."""

    wiring: Wiring
    actor: Actor
    receiver: Receiver
    url: str
    made: MadeEndpoint

    def send(self, event: str = "webhook.test") -> Message:
        """Owe it a message; call the result for how it stands."""
        with self.wiring.unit(self.actor) as uow:
            message_id = outgoing.send_test(uow, endpoint_id=self.made.detail.row.id, event=event).row.id
        return lambda: self.call(outgoing.get_message, message_id=message_id)

    def call(self, service: Any, **arguments: Any) -> Any:
        """A service as the member."""
        return self.wiring.call(service, self.actor, **arguments)

    def set(self, table: sa.Table, **values: Any) -> None:
        """Change every row of a table."""
        with self.wiring.database.begin() as connection:
            connection.execute(sa.update(table).values(values))


@pytest.fixture
def world(wiring: Wiring) -> Iterator[World]:
    """Ready to send."""
    opened, receiver = open_world(wiring), Receiver()
    with serve({"/hook": receiver.answer}) as server:
        with opened.unit() as uow:
            uow.actor = actor = make_member(uow)
            made = make_endpoint(uow, url=f"{server.url}/hook")
        yield World(opened, actor, receiver, server.url, made)


@asynccontextmanager
async def sending(world: World, *, http: HttpClient | None = None) -> AsyncIterator[WebhookSender]:
    """A running sender; loopback plays the public internet, unless another client is given."""
    client = GuardedHttpClient(allow_private_network=True)
    sender = WebhookSender(world.wiring.database, http=http or client, box=world.wiring.ports.box, owner="test")
    sender.start()
    try:
        yield sender
    finally:
        await sender.stop()
        await client.aclose()


async def over(message: Message, *statuses: str) -> MessageDetail:
    wanted = statuses or ("delivered", "failed")
    await until_async(lambda: message().row.status in wanted, what=f"a message {wanted}")
    return message()


async def tried(message: Message, times: int = 1) -> MessageDetail:
    await until_async(lambda: message().row.attempts >= times, what=f"{times} attempts")
    return message()


async def test_a_message_arrives_signed_and_its_attempt_is_kept(world: World) -> None:
    world.receiver.status, world.receiver.text = 200, "thanks, token=abcdef123456"
    message = world.send("run.failed")
    async with sending(world):
        sent = await over(message)
    (got,) = world.receiver.got
    assert got.verified(world.made.secret) == sent.payload
    assert got.message_id == sent.message_id
    assert got.headers["content-type"] == "application/json"
    (attempt,) = sent.attempts
    assert (sent.row.status, attempt.number, attempt.status, attempt.error) == ("delivered", 1, 200, "")
    assert "thanks" in attempt.response_excerpt
    assert "abcdef123456" not in attempt.response_excerpt


async def test_a_forged_or_altered_message_does_not_verify(world: World) -> None:
    message = world.send()
    async with sending(world):
        await over(message)
    (got,) = world.receiver.got
    with pytest.raises(WebhookVerificationError):
        Webhook(world.made.secret).verify(got.body + b" ", got.headers)
    with pytest.raises(WebhookVerificationError):
        got.verified("whsec_" + "A" * 32)


async def test_during_a_rotation_both_secrets_verify(world: World) -> None:
    rotated = world.call(outgoing.rotate_endpoint_secret, endpoint_id=world.made.detail.row.id)
    message = world.send()
    async with sending(world):
        await over(message)
    (got,) = world.receiver.got
    assert got.verified(world.made.secret) == got.verified(rotated.secret)


async def test_a_failing_receiver_is_tried_again_with_the_same_id_and_a_new_signature(world: World) -> None:
    world.receiver.answers = [web.Response(status=500, text="oops"), web.Response(status=503)]
    message = world.send()
    async with sending(world) as sender:
        for times in (1, 2):
            failed = await tried(message, times)
            assert failed.row.status == "pending"
            assert failed.row.due_at is not None
            assert failed.row.due_at > utc_now()
            world.set(message_table, due_at=utc_now())
            sender.kick()
        sent = await over(message)
    assert [attempt.status for attempt in sent.attempts] == [204, 503, 500]
    assert len({got.message_id for got in world.receiver.got}) == 1
    assert all(got.verified(world.made.secret) for got in world.receiver.got)
    assert world.call(outgoing.get_endpoint, endpoint_id=sent.endpoint_id).row.failures == 0


async def test_a_receiver_that_asks_for_time_gets_it(world: World) -> None:
    world.receiver.status, world.receiver.headers = 429, {"Retry-After": "1800"}
    message = world.send()
    async with sending(world):
        row = (await tried(message)).row
    assert row.due_at is not None
    assert row.due_at > utc_now() + timedelta(minutes=25)


def test_the_waits_grow_for_about_a_day() -> None:
    waits = [delay_s(number, None) for number in range(1, len(RETRY_S) + 1)]
    assert sum(RETRY_S) == pytest.approx(20.7 * 3600, rel=0.2)
    assert waits[0] < 10 < waits[2] < waits[5] < waits[-1]
    assert delay_s(1, 1e12) == 6 * 3600, "nobody can ask for eternity"


async def test_after_its_last_attempt_a_message_is_given_up_and_can_be_sent_again(world: World) -> None:
    world.receiver.status = 500
    message = world.send()
    world.set(message_table, attempts=len(RETRY_S))
    async with sending(world) as sender:
        assert (await over(message)).row.status == "failed"
        world.receiver.status = 204
        assert world.call(outgoing.replay_message, message_id=message().row.id).row.status == "pending"
        sender.kick()
        assert (await over(message)).row.status == "delivered"
    assert len({got.message_id for got in world.receiver.got}) == 1


async def test_everything_that_failed_is_sent_again_together(world: World) -> None:
    messages = [world.send() for _ in range(3)]
    world.set(message_table, status="failed", finished_at=utc_now())
    assert world.call(outgoing.replay_failed, endpoint_id=world.made.detail.row.id) == 3
    async with sending(world):
        for message in messages:
            assert (await over(message)).row.status == "delivered"


async def test_redirects_are_not_followed_so_the_signature_stays_here(world: World) -> None:
    elsewhere = Receiver()
    with serve({"/other": elsewhere.answer}) as other:
        world.receiver.status, world.receiver.headers = 307, {"Location": f"{other.url}/other?token=abc"}
        message = world.send()
        async with sending(world):
            failed = await tried(message)
    assert elsewhere.got == []
    assert "follow no redirect" in failed.row.last_error
    assert "token" not in failed.row.last_error


async def test_an_endless_answer_is_cut_and_counts(world: World) -> None:
    world.receiver.status, world.receiver.text = 200, "x" * 5_000_000
    message = world.send()
    async with sending(world):
        sent = await over(message)
    assert sent.row.status == "delivered"
    assert len(sent.attempts[0].response_excerpt) <= 4001


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook", "http://10.0.0.8/hook", "http://169.254.169.254/latest", "http://[::1]/"])
async def test_an_address_that_became_forbidden_is_not_called(world: World, url: str) -> None:
    world.set(endpoint_table, url=url)
    message = world.send()
    strict = GuardedHttpClient()
    async with sending(world, http=strict):
        failed = await tried(message)
    await strict.aclose()
    assert failed.row.last_status is None
    assert "not allowed" in failed.row.last_error
    assert world.receiver.got == []


async def test_a_name_that_moves_into_the_private_network_is_not_called(world: World) -> None:
    async def lookup(_host: str, _port: int) -> list[tuple[int, str]]:
        return [(2, "127.0.0.1")]

    port = int(world.url.rsplit(":", 1)[1])
    world.set(endpoint_table, url=f"http://rebound.example:{port}/hook")
    message = world.send()
    strict = GuardedHttpClient(extra_ports=(port,), lookup=lookup)
    async with sending(world, http=strict):
        failed = await tried(message)
    await strict.aclose()
    assert "not allowed" in failed.row.last_error
    assert world.receiver.got == []


async def test_an_endpoint_that_failed_for_days_is_disabled_and_says_why(world: World) -> None:
    world.receiver.status = 500
    waiting, message = world.send(), world.send()
    later, kept_back = utc_now() + timedelta(hours=1), waiting().row.id
    with world.wiring.database.begin() as connection:
        connection.execute(sa.update(message_table).where(message_table.c.id == kept_back).values(due_at=later))
    world.set(endpoint_table, failures=DISABLE_AFTER_FAILURES - 1, failing_since=utc_now() - timedelta(days=4))
    async with sending(world):
        await tried(message)
    row = world.call(outgoing.get_endpoint, endpoint_id=world.made.detail.row.id).row
    assert row.state == "disabled"
    assert f"All {DISABLE_AFTER_FAILURES} attempts" in row.reason
    assert waiting().row.status == "failed"


async def test_a_bad_hour_does_not_disable(world: World) -> None:
    world.receiver.status = 500
    message = world.send()
    world.set(endpoint_table, failures=500, failing_since=utc_now() - timedelta(hours=1))
    async with sending(world):
        await tried(message)
    assert world.call(outgoing.get_endpoint, endpoint_id=world.made.detail.row.id).row.state == "active"


async def test_gone_disables_at_once(world: World) -> None:
    world.receiver.status = 410
    message = world.send()
    async with sending(world):
        assert (await over(message)).row.status == "failed"
    row = world.call(outgoing.get_endpoint, endpoint_id=world.made.detail.row.id).row
    assert (row.state, "410 Gone" in row.reason) == ("disabled", True)


async def test_a_paused_endpoint_is_sent_to_when_it_resumes(world: World) -> None:
    message = world.send()
    endpoint_id = world.made.detail.row.id
    world.call(outgoing.pause_endpoint, endpoint_id=endpoint_id)
    with world.wiring.database.begin() as connection:
        assert claim_due(connection, owner="test", limit=9) == []
    world.call(outgoing.resume_endpoint, endpoint_id=endpoint_id)
    async with sending(world):
        assert (await over(message)).row.status == "delivered"


async def test_what_waited_longer_than_a_day_is_given_up(world: World) -> None:
    message = world.send()
    world.set(message_table, expires_at=utc_now() - timedelta(seconds=1), due_at=utc_now() + timedelta(hours=1))
    async with sending(world):
        assert (await over(message)).row.last_error == "It could not be delivered within a day."
    assert world.receiver.got == []


async def test_a_slow_receiver_holds_up_no_other(world: World) -> None:
    fast = Receiver()
    world.receiver.delay_s = 60.0
    slow = [world.send() for _ in range(12)]
    with serve({"/fast": fast.answer}) as server:
        with world.wiring.unit(world.actor) as uow:
            other = make_endpoint(uow, name="Fast", url=f"{server.url}/fast").detail.row.id
            quick = [outgoing.send_test(uow, endpoint_id=other).row.id for _ in range(12)]
        async with sending(world):
            await until_async(lambda: len(fast.got) == len(quick), what="the fast receiver's messages")
            assert all(message().row.status != "delivered" for message in slow)
    assert world.receiver.most_at_once <= 8


async def test_of_two_senders_one_sends(world: World) -> None:
    world.receiver.delay_s = 0.2
    messages = [world.send() for _ in range(10)]
    async with sending(world), sending(world):
        for message in messages:
            await over(message)
    assert sorted(got.message_id for got in world.receiver.got) == sorted(message().message_id for message in messages)


async def test_what_is_cut_by_a_stop_is_due_again_at_once(world: World) -> None:
    world.receiver.delay_s = 60.0
    message = world.send()
    async with sending(world):
        await until_async(lambda: world.receiver.got, what="the call")
    assert message().row.status == "pending"
    world.receiver.delay_s = 0.0
    async with sending(world):
        assert (await over(message)).row.status == "delivered"


async def test_a_sender_that_lost_its_message_writes_nothing(world: World) -> None:
    message = world.send()
    with world.wiring.database.begin() as connection:
        (late,) = claim_due(connection, owner="late", limit=9)
        connection.execute(sa.update(message_table).values(lease_until=utc_now() - timedelta(seconds=9)))
        (owed,) = claim_due(connection, owner="other", limit=9)
        assert owed.fence == late.fence + 1
        assert not record_outcome(connection, late, Outcome(500, "late", {}, "", 1.0))
        assert record_outcome(connection, owed, Outcome(200, "", {}, "", 1.0))
    assert (message().row.status, len(message().attempts)) == ("delivered", 1)


def test_old_messages_are_forgotten_and_waiting_ones_never(world: World) -> None:
    world.send()
    world.send()
    old = utc_now() - timedelta(days=31)
    world.set(message_table, created_at=old)
    with world.wiring.database.begin() as connection:
        assert forget_old(connection) == 0
        connection.execute(sa.update(message_table).values(status="delivered"))
        assert forget_old(connection) == 2


async def test_with_another_secret_key_nothing_is_sent_unsigned(world: World) -> None:
    world.set(
        endpoint_table, secrets=[{"id": "x", "sealed": "AAAA", "last_four": "AAAA", "created_at": utc_now().isoformat(), "until": None}]
    )
    message = world.send()
    async with sending(world):
        failed = await tried(message)
    assert "Make a new secret" in failed.row.last_error
    assert world.receiver.got == []
