"""Agents over HTTP: made once per key, edited only by who knows the newest version, and never those of others."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.wiring import Wiring
from tests.support.api import caller, data_of, person, refusal_of

AGENTS = "/api/v1/agents"
AGENT: dict[str, Any] = {"name": "Triage", "instructions": "Sort {{ inputs.mail }}.", "temperature": 0.2}


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    return caller(wiring, person(wiring))


def test_the_life_of_an_agent(client: TestClient) -> None:
    made = data_of(client.post(AGENTS, json=AGENT))
    path = f"{AGENTS}/{made['id']}"
    assert made["definition"]["instructions"] == AGENT["instructions"]
    read = client.get(path)
    saved = client.put(path, json=AGENT | {"role": "Sorter"}, headers={"If-Match": read.headers["etag"]})
    assert (data_of(saved)["version"], saved.headers["etag"]) == (2, '"2"')
    versions = data_of(client.get(f"{path}/versions"))["items"]
    assert [(row["number"], row["changes"]) for row in versions] == [(2, ["Role"]), (1, [])]
    restored = data_of(client.post(f"{path}/versions/1/restore", headers={"If-Match": '"2"'}))
    assert (restored["version"], restored["definition"]["role"]) == (3, "")
    assert data_of(client.get(f"{path}/versions/2"))["definition"]["role"] == "Sorter"
    copy = data_of(client.post(f"{path}/duplicate"))
    assert copy["name"] == "Triage (copy)"
    assert [row["name"] for row in data_of(client.get(AGENTS, params={"sort": "name"}))["items"]] == ["Triage", "Triage (copy)"]
    assert data_of(client.delete(path))["used_by"] == []
    assert refusal_of(client.get(path)) == (404, "not_found")
    assert data_of(client.post(f"{path}/restore"))["version"] == 3


def test_a_reader_that_knows_the_version_is_told_so(client: TestClient) -> None:
    path = f"{AGENTS}/{data_of(client.post(AGENTS, json=AGENT))['id']}"
    tag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"77", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    client.put(path, json=AGENT | {"role": "Sorter"}, headers={"If-Match": tag})
    assert data_of(client.get(path, headers={"If-None-Match": tag}))["version"] == 2


def test_a_stale_edit_overwrites_nothing(client: TestClient) -> None:
    path = f"{AGENTS}/{data_of(client.post(AGENTS, json=AGENT))['id']}"
    data_of(client.put(path, json=AGENT | {"role": "First"}, headers={"If-Match": '"1"'}))
    assert refusal_of(client.put(path, json=AGENT | {"role": "Second"}, headers={"If-Match": '"1"'})) == (412, "stale")
    assert refusal_of(client.put(path, json=AGENT | {"role": "Second"})) == (428, "if_match_needed")
    for tag in ("*", "1", '"x"', '"1', "", '"1", "2"'):
        assert refusal_of(client.put(path, json=AGENT, headers={"If-Match": tag}))[0] == 412
    assert data_of(client.get(path))["definition"]["role"] == "First"


def test_the_same_key_makes_one_agent(client: TestClient) -> None:
    once = {"Idempotency-Key": "order-1"}
    first, second = (client.post(AGENTS, json=AGENT, headers=once) for _ in range(2))
    assert (first.json(), second.status_code, second.headers["idempotent-replayed"]) == (second.json(), 201, "true")
    assert refusal_of(client.post(AGENTS, json=AGENT | {"name": "Other"}, headers=once)) == (409, "idempotency_key_reused")
    path = f"{AGENTS}/{data_of(first)['id']}/duplicate"
    assert refusal_of(client.post(path, headers=once)) == (409, "idempotency_key_reused")
    assert data_of(client.get(AGENTS))["total"] == 1


def test_a_refused_request_uses_no_key_up(client: TestClient) -> None:
    once = {"Idempotency-Key": "order-2"}
    assert client.post(AGENTS, json={"name": ""}, headers=once).status_code == 422
    data_of(client.post(AGENTS, json=AGENT, headers=once))


def test_keys_of_two_people_are_two_keys(client: TestClient, wiring: Wiring) -> None:
    other = caller(wiring, person(wiring))
    ids = {data_of(one.post(AGENTS, json=AGENT, headers={"Idempotency-Key": "same"}))["id"] for one in (client, other)}
    assert len(ids) == 2


def test_every_wrong_field_is_named_with_its_remedy(client: TestClient) -> None:
    answer = client.post(AGENTS, json={"name": "", "model": "nope/none", "tools": ["rm"], "temperature": 9, "workspace_id": "x"})
    assert refusal_of(answer) == (422, "invalid")
    assert set(answer.json()["field_errors"]) >= {"name", "model", "tools", "temperature"}
    for body in ("[]", "null", "3", '"x"'):
        assert client.post(AGENTS, content=body, headers={"Content-Type": "application/json"}).status_code == 422


def test_agents_are_listed_page_by_page(client: TestClient) -> None:
    names = [f"Agent {number}" for number in range(5)]
    for name in names:
        data_of(client.post(AGENTS, json=AGENT | {"name": name}))
    seen, cursor = [], ""
    while True:
        page = data_of(client.get(AGENTS, params={"sort": "name", "limit": 2, "cursor": cursor}))
        seen += [row["name"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == names
    assert client.get(AGENTS, params={"cursor": "nonsense"}).status_code == 422
    assert client.get(AGENTS, params={"limit": 1000}).status_code == 422
    assert client.get(AGENTS, params={"sort": "password"}).status_code == 422


def test_agents_of_others_do_not_exist(client: TestClient, wiring: Wiring) -> None:
    path = f"{AGENTS}/{data_of(caller(wiring, person(wiring)).post(AGENTS, json=AGENT))['id']}"
    absent = f"{AGENTS}/0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}),
        ("PUT", "", {"json": AGENT, "headers": {"If-Match": '"1"'}}),
        ("DELETE", "", {}),
        ("POST", "/restore", {}),
        ("POST", "/duplicate", {}),
        ("GET", "/uses", {}),
        ("GET", "/versions", {}),
        ("GET", "/versions/1", {}),
        ("POST", "/versions/1/restore", {"headers": {"If-Match": '"1"'}}),
    ]
    for method, end, more in calls:
        foreign, missing = (client.request(method, one + end, **more) for one in (path, absent))
        assert refusal_of(foreign) == refusal_of(missing) == (404, "not_found")
        assert foreign.json() == missing.json()
