"""Workflows over HTTP: made, replaced by who knows the newest revision, checked, exported, and never those of others."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.wiring import Wiring
from tests.support.api import caller, data_of, person, refusal_of
from tests.support.workflows import make_workflow

WORKFLOWS = "/api/v1/workflows"


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    return caller(wiring, person(wiring))


def a_definition(wiring: Wiring) -> dict[str, Any]:
    """What a workflow of two steps says, each at its place."""
    with wiring.unit() as uow:
        uow.actor = person(wiring)
        draft = make_workflow(uow).draft
    placed = [node | {"position": {"x": 320.0 * (at + 1), "y": 80.0}} for at, node in enumerate(draft["nodes"])]
    return draft | {"nodes": placed}


def test_the_life_of_a_workflow(client: TestClient, wiring: Wiring) -> None:
    definition = a_definition(wiring)
    made = data_of(client.post(WORKFLOWS, json={"name": "Greeting", "definition": definition}))
    path = f"{WORKFLOWS}/{made['id']}"
    read = client.get(path)
    assert data_of(read)["definition"]["nodes"] == definition["nodes"]
    changed = definition | {"description": "Says hello.", "nodes": [node | {"label": "Changed"} for node in definition["nodes"]]}
    saved = client.put(path, json={"definition": changed}, headers={"If-Match": read.headers["etag"]})
    assert {node["label"] for node in data_of(saved)["definition"]["nodes"]} == {"Changed"}
    assert data_of(saved)["revision"] > data_of(read)["revision"]
    data_of(client.patch(path, json={"name": "Hello"}))
    assert data_of(client.get(WORKFLOWS))["items"][0]["name"] == "Hello"
    assert data_of(client.post(f"{path}/validate")) == {"is_valid": True, "findings": []}
    assert "apiVersion: agentfactory/v1" in data_of(client.get(f"{path}/blueprint"))["text"]
    assert data_of(client.post(f"{path}/duplicate"))["name"] == "Hello (copy)"
    data_of(client.delete(path))
    assert refusal_of(client.get(path)) == (404, "not_found")
    data_of(client.post(f"{path}/restore"))
    data_of(client.get(path))


def test_an_equal_definition_changes_nothing(client: TestClient, wiring: Wiring) -> None:
    made = data_of(client.post(WORKFLOWS, json={"name": "Greeting", "definition": a_definition(wiring)}))
    again = client.put(f"{WORKFLOWS}/{made['id']}", json={"definition": made["definition"]}, headers={"If-Match": '"1"'})
    assert data_of(again)["revision"] == made["revision"]


def test_a_stale_replacement_overwrites_nothing(client: TestClient, wiring: Wiring) -> None:
    made = data_of(client.post(WORKFLOWS, json={"name": "Greeting", "definition": a_definition(wiring)}))
    path, tag = f"{WORKFLOWS}/{made['id']}", {"If-Match": f'"{made["revision"]}"'}
    empty = {"definition": {"nodes": [], "edges": []}}
    data_of(client.put(path, json=empty, headers=tag))
    assert refusal_of(client.put(path, json={"definition": made["definition"]}, headers=tag)) == (412, "stale")
    assert refusal_of(client.put(path, json=empty)) == (428, "if_match_needed")
    assert data_of(client.get(path))["definition"]["nodes"] == []


def test_what_is_wrong_is_found_at_once(client: TestClient) -> None:
    nodes = [{"id": "start", "kind": "start"}, {"id": "say", "kind": "template", "config": {"template": "{{ nobody.text }}"}}]
    made = data_of(client.post(WORKFLOWS, json={"name": "Broken", "definition": {"nodes": nodes, "edges": []}}))
    checked = data_of(client.post(f"{WORKFLOWS}/{made['id']}/validate"))
    assert checked["is_valid"] is False
    assert {finding["node"] for finding in checked["findings"]} >= {"say"}
    assert all(finding["message"] for finding in checked["findings"])


@pytest.mark.parametrize(
    "definition",
    [
        {"nodes": 3},
        {"nodes": [{"id": "A b", "kind": "start"}]},
        {"limits": {"max_parallel": -1}},
        {"edges": [{"source": "x"}]},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_refused_naming_the_place(client: TestClient, definition: dict[str, Any]) -> None:
    made = data_of(client.post(WORKFLOWS, json={"name": "Empty"}))
    answer = client.put(f"{WORKFLOWS}/{made['id']}", json={"definition": definition}, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert all(name.startswith("definition") for name in answer.json()["field_errors"])
    assert client.post(WORKFLOWS, json={"name": "New", "definition": definition}).status_code == 422


def test_fields_that_are_not_the_clients_are_refused(client: TestClient) -> None:
    for field in ("workspace_id", "owner_id", "id", "created_at", "is_public"):
        answer = client.post(WORKFLOWS, json={"name": "New", field: "x"})
        assert set(answer.json()["field_errors"]) == {field}


def test_workflows_of_others_do_not_exist(client: TestClient, wiring: Wiring) -> None:
    path = f"{WORKFLOWS}/{data_of(caller(wiring, person(wiring)).post(WORKFLOWS, json={'name': 'Theirs'}))['id']}"
    absent = f"{WORKFLOWS}/0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
    empty = {"definition": {"nodes": []}}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}),
        ("PUT", "", {"json": empty, "headers": {"If-Match": '"1"'}}),
        ("PATCH", "", {"json": {"name": "Mine"}}),
        ("DELETE", "", {}),
        ("POST", "/restore", {}),
        ("POST", "/duplicate", {}),
        ("POST", "/validate", {}),
        ("POST", "/runs", {"json": {}}),
        ("GET", "/blueprint", {}),
    ]
    for method, end, more in calls:
        foreign, missing = (client.request(method, one + end, **more) for one in (path, absent))
        assert refusal_of(foreign) == refusal_of(missing) == (404, "not_found")
        assert foreign.json() == missing.json()
