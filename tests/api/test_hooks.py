"""Webhooks over HTTP: what callers are answered, and that nothing they send breaks or slips through."""

import asyncio
import gzip
import json
import logging
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from app.adapters.queue_rq import RqQueue
from app.adapters.rate_limits import SlidingRateLimiter
from app.api.hook_bodies import read_body
from app.api.request_log import RequestLog
from app.core.uow import Actor
from app.services import runs, webhooks
from app.views.webhooks import MadeWebhook
from app.wiring import Wiring
from models.workflow import Workflow
from tests.support.api import api_over
from tests.support.hooks import make_webhook, signed, token_of
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workers import worker
from tests.support.workflows import asking, make_workflow, node, spec_of

MIA = {"name": "Mia"}


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    with wiring.unit() as uow:
        return make_member(uow)


def client_of(wiring: Wiring) -> TestClient:
    return TestClient(api_over(wiring), raise_server_exceptions=False)


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    with client_of(wiring) as opened:
        yield opened


def make(wiring: Wiring, actor: Actor, workflow: Any = None, **settings: Any) -> MadeWebhook:
    with wiring.unit(actor) as uow:
        return make_webhook(uow, make_workflow(uow, workflow) if workflow else None, **settings)


def path_of(made: MadeWebhook) -> str:
    return f"/api/hooks/{token_of(made)}"


def log_of(wiring: Wiring, actor: Actor, made: MadeWebhook) -> Any:
    with wiring.unit(actor, write=False) as uow:
        return webhooks.list_deliveries(uow, webhook_id=made.detail.row.id).rows


def count_runs(wiring: Wiring, actor: Actor) -> int:
    with wiring.unit(actor, write=False) as uow:
        return len(runs.list_runs(uow).rows)


def assert_sandboxed(answer: Any) -> None:
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"


def test_a_call_is_accepted_with_a_run_and_an_address_to_follow_it(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor)
    answer = client.post(path_of(made), json=MIA)
    assert answer.status_code == 202, answer.text
    assert_sandboxed(answer)
    body = answer.json()
    progress = client.get(body["status_url"].removeprefix(wiring.settings.public_url))
    assert progress.json()["run_id"] == body["run_id"]
    assert progress.json()["status"] == "queued"
    assert "output" not in progress.json()
    (row,) = log_of(wiring, actor, made)
    assert (row.verdict, row.response_status, str(row.run_id), row.run_status) == ("accepted", 202, body["run_id"], "queued")


def test_every_closed_address_answers_with_the_same_bytes(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    paused, deleted, unpublished, testing = (make(wiring, actor) for _ in range(4))
    with wiring.unit(actor) as uow:
        webhooks.pause_webhook(uow, webhook_id=paused.detail.row.id, is_paused=True)
        webhooks.delete_webhook(uow, webhook_id=deleted.detail.row.id)
        uow.load(Workflow, unpublished.detail.row.workflow_id).deleted_at = uow.ports.clock.now()
    paths = [*map(path_of, (paused, deleted, unpublished)), f"{path_of(testing)}/test", f"/api/hooks/{'A' * 43}", "/api/hooks/short"]
    answers = [client.post(path, json=MIA) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, tuple(sorted(answer.headers.items()))) for answer in answers}) == 1
    assert count_runs(wiring, actor) == 0


def test_wrong_inputs_are_a_clear_422_and_a_line_in_the_log(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor)
    answer = client.post(path_of(made), json={"times": "x"})
    assert answer.status_code == 422
    assert set(answer.json()["field_errors"]) == {"name", "times"}
    (row,) = log_of(wiring, actor, made)
    assert (row.verdict, row.response_status, row.run_id) == ("refused", 422, None)
    assert count_runs(wiring, actor) == 0


def test_a_bad_signature_starts_nothing_and_is_logged(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, auth="signature")
    raw = json.dumps(MIA).encode()
    headers = {name.replace("_", "-"): value for name, value in signed(made.secret, raw).items()} | {"content-type": "application/json"}
    assert client.post(path_of(made), content=raw + b" ", headers=headers).status_code == 401
    assert client.post(path_of(made), content=raw, headers=headers).status_code == 202
    replayed = client.post(path_of(made), content=raw, headers=headers)
    assert (replayed.status_code, replayed.json()["error_code"]) == (409, "replayed")
    assert [row.code for row in log_of(wiring, actor, made)] == ["replayed", "", "bad_signature"]
    assert count_runs(wiring, actor) == 1


def test_the_method_is_checked_and_the_right_ones_are_named(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    answer = client.get(path_of(make(wiring, actor, methods=["POST", "PUT"])))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, PUT")


def test_an_announced_large_body_is_refused_before_it_is_read(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, max_bytes=1000)
    answer = client.post(path_of(made), content=b"x", headers={"content-length": "104857600", "content-type": "text/plain"})
    assert answer.status_code == 413
    assert "1,000 bytes" in answer.json()["detail"]


def test_a_body_without_a_length_is_cut_at_the_cap(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, max_bytes=1000)
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1_000_000
            yield b"x" * 1_000_000

    answer = client.post(path_of(made), content=endless(), headers={"content-type": "text/plain"})
    assert answer.status_code == 413
    assert log_of(wiring, actor, made)[0].size == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_is_unpacked_within_the_same_cap(client: TestClient, wiring: Wiring, actor: Actor, encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    made = make(wiring, actor, max_bytes=100_000)
    headers = {"content-type": "application/json", "content-encoding": encoding}
    assert client.post(path_of(made), content=pack(json.dumps(MIA).encode()), headers=headers).status_code == 202
    bomb = pack(b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert client.post(path_of(made), content=bomb, headers=headers).status_code == 413
    cut = pack(json.dumps(MIA).encode())[:-4]
    assert client.post(path_of(made), content=cut, headers=headers).status_code == 400
    assert client.post(path_of(made), content=b"{}", headers=headers | {"content-encoding": "br"}).status_code == 415


async def test_a_body_that_trickles_in_is_given_up() -> None:
    pieces = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def trickle() -> Any:
        return next(pieces, None) or await asyncio.get_running_loop().create_future()

    request = Request({"type": "http", "method": "POST", "headers": []}, trickle)
    with pytest.raises(webhooks.Refused) as refused:
        await read_body(request, max_bytes=1000, timeout_s=0.05)
    assert refused.value.status == 408


def test_a_webhook_is_called_only_so_often(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, rate_per_minute=3)
    statuses = [client.post(path_of(made), json=MIA).status_code for _ in range(5)]
    assert statuses == [202, 202, 202, 429, 429]
    answer = client.post(path_of(made), json=MIA)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert count_runs(wiring, actor) == 3


def test_wrong_secrets_do_not_use_up_what_the_real_sender_may_send(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, auth="secret", rate_per_minute=3)
    proxied = replace(wiring, settings=replace(wiring.settings, trusted_proxies=1))
    with client_of(proxied) as behind:
        for _ in range(6):
            behind.post(path_of(made), json=MIA, headers={"x-forwarded-for": "198.51.100.7"})
        good = {"x-forwarded-for": "203.0.113.9", "x-webhook-secret": made.secret}
        assert behind.post(path_of(made), json=MIA, headers=good).status_code == 202


def test_a_flood_of_refusals_does_not_fill_the_log(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, auth="secret", rate_per_minute=6000)
    for _ in range(80):
        client.post(path_of(made), json=MIA)
    assert sum(1 for _ in log_of(wiring, actor, made)) <= 30  # one page; the count below is the whole
    with wiring.unit(write=False) as uow:
        count = uow.session.connection().exec_driver_sql("SELECT count(*) FROM webhook_delivery").scalar()
    assert count == 60


def test_with_redis_away_calls_are_still_accepted(wiring: Wiring, actor: Actor) -> None:
    nowhere = "unix:///nonexistent/valkey.sock"
    away = replace(wiring, ports=replace(wiring.ports, queue=RqQueue(nowhere), limiter=SlidingRateLimiter(nowhere)))
    made = make(away, actor)
    with client_of(away) as client:
        assert client.post(path_of(made), json=MIA).status_code == 202
    with away.unit(actor, write=False) as uow:
        (row,) = runs.list_runs(uow).rows
        assert row.status == "queued"


def test_the_secret_part_of_an_address_is_in_no_log_line(wiring: Wiring, actor: Actor, caplog: pytest.LogCaptureFixture) -> None:
    made = make(wiring, actor)
    with caplog.at_level(logging.INFO), TestClient(RequestLog(api_over(wiring))) as client:
        client.post(path_of(made), json=MIA)
        client.post(f"{path_of(made)}/test", json=MIA)
    assert "/api/hooks/…" in caplog.text
    assert token_of(made) not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("app"))


# -- with a worker


def test_the_result_comes_back_while_the_caller_waits(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, reply="result")
    with worker(wiring.settings):
        answer = client.post(path_of(made), json=MIA)
    assert answer.status_code == 200, answer.text
    assert answer.json()["output"] == "Hello Mia"
    row = log_of(wiring, actor, made)[0]
    assert (row.response_status, row.run_status) == (200, "succeeded")
    progress = None
    with wiring.unit(write=False) as uow:
        ticket = webhooks.make_ticket(uow, row.id)
        progress = webhooks.read_ticket(uow, ticket=ticket)
    assert progress.output == "Hello Mia"


def test_a_respond_step_answers_while_the_run_goes_on(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    spec = spec_of(
        node("start", "start"),
        node(
            "answer",
            "respond",
            status=201,
            body_type="text",
            body_text="<h1>Hi {{ inputs.name }}</h1><script>alert(1)</script>",
            headers={"Content-Type": "text/html", "X-Mine": "1"},
        ),
        node("ask", "approval", label="Go on?"),
        node("end", "end"),
        edges="start>answer answer>ask ask.approve>end",
    )
    made = make(wiring, actor, spec, reply="result")
    with worker(wiring.settings):
        answer = client.post(path_of(made), json=MIA)
        assert (answer.status_code, answer.headers["x-mine"], answer.headers["content-type"]) == (201, "1", "text/html")
        assert answer.text.startswith("<h1>Hi Mia</h1>")
        assert_sandboxed(answer)
        until(lambda: log_of(wiring, actor, made)[0].run_status == "waiting", what="the run at its approval")


def test_a_run_that_takes_longer_than_the_caller_waits_is_followed_by_its_address(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor, asking(), reply="result", wait_s=1)
    with worker(wiring.settings):
        answer = client.post(path_of(made), json={})
    assert answer.status_code == 202
    assert client.get(answer.json()["status_url"].removeprefix(wiring.settings.public_url)).status_code == 200
    assert log_of(wiring, actor, made)[0].response_status == 202


def test_a_failed_run_tells_the_caller_that_and_no_more(client: TestClient, wiring: Wiring, actor: Actor) -> None:
    adding = {"a": "{{ inputs.x | plus: 'q' }}"}
    spec = spec_of(node("start", "start"), node("boom", "set_variables", values=adding), node("end", "end"), edges="start>boom boom>end")
    made = make(wiring, actor, spec, reply="result")
    with worker(wiring.settings):
        answer = client.post(path_of(made), json={"x": 1})
    assert answer.status_code == 500, answer.text
    assert answer.json()["error"] == {"code": "run_failed", "message": "The workflow failed.", "fields": {}}


def test_two_callers_with_one_key_at_once_share_one_run(wiring: Wiring, actor: Actor) -> None:
    made = make(wiring, actor)
    with client_of(wiring) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(path_of(made), json=MIA, headers={"Idempotency-Key": "k"}), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert sum("duplicate" not in answer.json() for answer in answers) == 1
    assert count_runs(wiring, actor) == 1
