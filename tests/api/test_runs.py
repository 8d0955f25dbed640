"""Starting runs over HTTP: with a session of this site only, once per key, with errors that name the field."""

import uuid

import pytest
from fastapi.testclient import TestClient

from app.services.accounts import resolve_actor
from app.services.runs import get_run_row
from app.session import COOKIE
from app.wiring import Wiring
from tests.support.api import api_over, caller, data_of, person, refusal_of
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    opened = TestClient(api_over(wiring), headers={"Origin": wiring.settings.public_url})
    opened.post("/api/v1/auth/sign-up", json={"name": "Ada", "email": "ada@example.com", "password": "engine of analysis 9"})
    return opened


@pytest.fixture
def path(client: TestClient, wiring: Wiring) -> str:
    with wiring.unit() as uow:
        uow.actor = resolve_actor(uow, token=client.cookies[COOKIE])
        return f"/api/v1/workflows/{make_workflow(uow).id}/runs"


def test_a_run_is_started_and_read(client: TestClient, path: str, wiring: Wiring) -> None:
    answer = client.post(path, json={"inputs": {"name": "Ada"}})
    run = data_of(answer)
    assert (answer.status_code, run["status"]) == (202, "queued")
    assert data_of(client.get(answer.headers["location"]))["inputs"]["name"] == "Ada"
    with wiring.unit(write=False) as uow:
        uow.actor = resolve_actor(uow, token=client.cookies[COOKIE])
        assert get_run_row(uow, run_id=run["id"]).trigger == "api"


def test_the_same_key_starts_one_run(client: TestClient, path: str) -> None:
    answers = [client.post(path, json={"inputs": {"name": name}}, headers={"Idempotency-Key": "k1"}) for name in ("Ada", "Ada", "Eve")]
    assert [answer.status_code for answer in answers] == [202, 202, 409]
    assert data_of(answers[0])["id"] == data_of(answers[1])["id"]


def test_wrong_inputs_name_the_field(client: TestClient, path: str) -> None:
    answer = client.post(path, json={"inputs": {"name": 3}})
    assert answer.status_code == 422
    assert "name" in answer.json()["field_errors"]
    assert client.post(path, json={"input": {}}).status_code == 422


def test_a_foreign_page_or_nobody_starts_nothing(client: TestClient, path: str, wiring: Wiring) -> None:
    assert client.post(path, json={"inputs": {"name": "Ada"}}, headers={"Origin": "https://evil.example"}).status_code == 403
    client.cookies.clear()
    assert client.post(path, json={"inputs": {"name": "Ada"}}).status_code == 401


def test_foreign_things_are_not_found(client: TestClient, wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        foreign = make_workflow(uow).id
    assert client.post(f"/api/v1/workflows/{foreign}/runs", json={"inputs": {"name": "Ada"}}).status_code == 404
    assert client.get(f"/api/v1/runs/{uuid.uuid4()}").status_code == 404


def a_run(wiring: Wiring) -> tuple[TestClient, str]:
    """A program and the address of a run it has started."""
    actor = person(wiring)
    with wiring.unit() as uow:
        uow.actor = actor
        workflow = make_workflow(uow).id
    program = caller(wiring, actor)
    return program, program.post(f"/api/v1/workflows/{workflow}/runs", json={"inputs": {"name": "Ada"}}).headers["location"]


def test_a_program_follows_cancels_and_repeats_a_run(wiring: Wiring) -> None:
    program, path = a_run(wiring)
    events = data_of(program.get(f"{path}/events"))
    assert [(event["seq"], event["type"]) for event in events["items"]] == [(1, "run_started")]
    assert data_of(program.get(f"{path}/events", params={"after": events["next_cursor"]}))["items"] == []
    assert data_of(program.get(f"{path}/steps"))["total"] == 0
    assert data_of(program.post(f"{path}/cancel"))["status"] == "cancelled"
    assert data_of(program.post(f"{path}/cancel"))["status"] == "cancelled"
    again = program.post(f"{path}/retry")
    assert (again.status_code, data_of(again)["origin_run_id"]) == (202, path.rpartition("/")[2])
    assert [run["status"] for run in data_of(program.get("/api/v1/runs"))["items"]] == ["queued", "cancelled"]
    assert len(data_of(program.get("/api/v1/runs", params={"status": "queued"}))["items"]) == 1


def test_a_key_without_the_scope_starts_repeats_and_cancels_nothing(wiring: Wiring) -> None:
    actor = person(wiring)
    with wiring.unit() as uow:
        uow.actor = actor
        workflow = make_workflow(uow).id
    run = caller(wiring, actor).post(f"/api/v1/workflows/{workflow}/runs", json={"inputs": {"name": "Ada"}}).headers["location"]
    looking = caller(wiring, actor, "view")
    for path in (f"/api/v1/workflows/{workflow}/runs", f"{run}/cancel", f"{run}/retry", f"{run}/fork", "/api/v1/signals"):
        assert refusal_of(looking.post(path, json={"key": "x"} if path.endswith("signals") else {})) == (403, "scope_missing")
    assert data_of(looking.get(run))["status"] == "queued"


def test_runs_of_others_do_not_exist(wiring: Wiring) -> None:
    _, theirs = a_run(wiring)
    program, _ = a_run(wiring)
    absent = f"/api/v1/runs/{uuid.uuid4()}"
    reads, writes = ("", "/steps", "/steps/start", "/events"), ("/cancel", "/retry", "/fork")
    for method, end in [*(("GET", end) for end in reads), *(("POST", end) for end in writes)]:
        foreign, missing = (program.request(method, one + end, json={} if method == "POST" else None) for one in (theirs, absent))
        assert refusal_of(foreign) == refusal_of(missing) == (404, "not_found")


def test_a_signal_is_kept_for_who_waits_and_sent_once(wiring: Wiring) -> None:
    program, _ = a_run(wiring)
    signal = {"key": "paid", "value": {"amount": 3}, "message_id": "m1"}
    ids = {data_of(program.post("/api/v1/signals", json=signal))["id"] for _ in range(2)}
    assert len(ids) == 1
