"""Budgets, event rules, tests and pinned outputs over the API: set by who may, read by who looks, hidden from strangers."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.uow import Actor
from app.wiring import Wiring
from models.workspace import Role, Workspace
from tests.support.api import caller, data_of, person, refusal_of
from tests.support.people import make_member
from tests.support.rules import rule_fields
from tests.support.workflows import make_workflow

UNKNOWN = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    return person(wiring, Role.OWNER)


@pytest.fixture
def program(wiring: Wiring, owner: Actor) -> TestClient:
    return caller(wiring, owner, "view", "run", "edit", "manage_budgets")


@pytest.fixture
def viewer(wiring: Wiring, owner: Actor) -> TestClient:
    with wiring.unit() as uow:
        looking = make_member(uow, Role.VIEWER, workspace=uow.session.get(Workspace, owner.workspace_id))
    return caller(wiring, looking, "view")


@pytest.fixture
def stranger(wiring: Wiring) -> TestClient:
    return caller(wiring, person(wiring))


@pytest.fixture
def workflow_id(wiring: Wiring, owner: Actor) -> str:
    with wiring.unit() as uow:
        uow.actor = owner
        return str(make_workflow(uow).id)


def caps(view: dict[str, Any]) -> dict[str, str]:
    return {cap["name"]: cap["typed"] for cap in view["caps"] if cap["typed"]}


def test_a_budget_is_set_raised_and_lifted_and_what_is_left_out_stays(
    wiring: Wiring, owner: Actor, program: TestClient, viewer: TestClient
):
    assert caps(data_of(program.patch("/api/v1/budgets/day", json={"money": "5.00", "steps": 100}))) == {"money": "5.00", "steps": "100"}
    assert caps(data_of(program.patch("/api/v1/budgets/day", json={"money": 7.5}))) == {"money": "7.50", "steps": "100"}
    assert caps(data_of(program.patch("/api/v1/budgets/day", json={"steps": None}))) == {"money": "7.50"}
    assert [caps(row) for row in data_of(viewer.get("/api/v1/budgets"))["items"]] == [{"money": "7.50"}, {}]
    wrong = program.patch("/api/v1/budgets/month", json={"tokens": "many", "money": "-1"})
    assert (refusal_of(wrong)[0], set(wrong.json()["field_errors"])) == (422, {"tokens", "money"})
    assert refusal_of(viewer.patch("/api/v1/budgets/day", json={"money": 1})) == (403, "not_allowed")
    unscoped = caller(wiring, owner, "view", "edit")
    assert refusal_of(unscoped.delete("/api/v1/budgets/day")) == (403, "scope_missing")
    assert caps(data_of(program.delete("/api/v1/budgets/day"))) == {}


def test_an_agent_has_a_budget_of_its_own(program: TestClient, viewer: TestClient, stranger: TestClient) -> None:
    made = data_of(program.post("/api/v1/agents", json={"name": "Ada", "instructions": "Sort it.", "model": "demo/assistant"}))
    path = f"/api/v1/agents/{made['id']}/budget"
    assert caps(data_of(program.patch(path, json={"tokens": 2_000_000}))) == {"tokens": "2000000"}
    assert caps(data_of(viewer.get(path))) == {"tokens": "2000000"}
    assert refusal_of(viewer.patch(path, json={"tokens": 1}))[0] == 403
    unknown = stranger.get(f"/api/v1/agents/{UNKNOWN}/budget").json()
    for answer in (stranger.get(path), stranger.patch(path, json={"tokens": 1}), stranger.delete(path)):
        assert (answer.status_code, answer.json()) == (404, unknown)
    assert caps(data_of(program.delete(path))) == {}


def test_the_model_policy_is_replaced(program: TestClient, viewer: TestClient) -> None:
    body = {"fallback_models": ["demo/assistant"], "rates": {"demo": {"requests": 30}}}
    assert data_of(program.put("/api/v1/model-policy", json=body))["fallback_models"] == ["demo/assistant"]
    seen = data_of(viewer.get("/api/v1/model-policy"))
    assert {rate["provider"]: rate["requests"] for rate in seen["rates"]}["demo"] == "30"
    assert refusal_of(viewer.put("/api/v1/model-policy", json=body))[0] == 403
    assert refusal_of(program.put("/api/v1/model-policy", json={"fallback_models": ["none/such"]}))[0] == 422


def test_an_event_rule_is_made_once_changed_paused_and_deleted(
    wiring: Wiring, owner: Actor, program: TestClient, viewer: TestClient, stranger: TestClient
) -> None:
    with wiring.unit() as uow:
        uow.actor = owner
        fields = rule_fields(uow)
    once = {"Idempotency-Key": "rule-1"}
    made = data_of(program.post("/api/v1/rules", json=fields, headers=once))
    assert data_of(program.post("/api/v1/rules", json=fields, headers=once))["id"] == made["id"]
    path = f"/api/v1/rules/{made['id']}"
    assert [row["name"] for row in data_of(viewer.get("/api/v1/rules"))["items"]] == ["Tell"]
    assert data_of(viewer.get(path))["mapping"] == fields["mapping"]
    assert data_of(program.put(path, json={**fields, "name": "Told"}))["name"] == "Told"
    assert data_of(program.post(f"{path}/pause"))["is_enabled"] is False
    assert data_of(program.post(f"{path}/resume"))["is_enabled"] is True
    assert set(program.put(path, json={**fields, "kind": "never"}).json()["field_errors"]) == {"kind"}
    for answer in (
        viewer.post("/api/v1/rules", json=fields),
        viewer.put(path, json=fields),
        viewer.delete(path),
        viewer.post(f"{path}/pause"),
    ):
        assert refusal_of(answer) == (403, "not_allowed")
    unknown = stranger.get(f"/api/v1/rules/{UNKNOWN}").json()
    for answer in (stranger.get(path), stranger.put(path, json=fields), stranger.delete(path), stranger.post(f"{path}/pause")):
        assert (answer.status_code, answer.json()) == (404, unknown)
    data_of(program.delete(path))
    assert data_of(program.get("/api/v1/rules"))["items"] == []


def test_tests_are_kept_copied_and_run(program: TestClient, viewer: TestClient, stranger: TestClient, workflow_id: str) -> None:
    path, content = f"/api/v1/workflows/{workflow_id}/tests", {"name": "Greets", "inputs": {"name": "Mia"}}
    made = data_of(program.post(path, json=content))
    assert data_of(program.put(f"{path}/{made['id']}", json={**content, "name": "Greets Mia"}))["name"] == "Greets Mia"
    copied = data_of(program.post(f"{path}/{made['id']}/copy"))
    assert [row["name"] for row in data_of(viewer.get(path))["items"]] == ["Greets Mia", "Greets Mia (copy)"]
    assert [row["verdict"] for row in data_of(program.post(f"{path}/run", json={"test_ids": [copied["id"]]}))["items"]] == ["running"]
    other = data_of(program.post("/api/v1/workflows", json={"name": "Other"}))["id"]
    for answer in (
        program.delete(f"/api/v1/workflows/{other}/tests/{made['id']}"),
        program.post(f"{path}/run", json={"test_ids": [UNKNOWN]}),
    ):
        assert refusal_of(answer) == (404, "not_found")
    changing = [("post", path), ("put", f"{path}/{made['id']}"), ("delete", f"{path}/{made['id']}"), ("post", f"{path}/{made['id']}/copy")]
    for method, address in changing:
        assert refusal_of(viewer.request(method, address, json=content)) == (403, "not_allowed")
        assert refusal_of(stranger.request(method, address, json=content)) == (404, "not_found")
    assert refusal_of(viewer.post(f"{path}/run", json={})) == (403, "not_allowed")
    data_of(program.delete(f"{path}/{made['id']}"))
    assert [row["id"] for row in data_of(program.get(path))["items"]] == [copied["id"]]


def test_an_output_is_pinned_to_a_step_and_let_go(program: TestClient, viewer: TestClient, stranger: TestClient, workflow_id: str) -> None:
    path = f"/api/v1/workflows/{workflow_id}/pins"
    assert data_of(program.put(f"{path}/greet", json={"output": "Hello Mia"}))["output"] == "Hello Mia"
    assert [row["node"] for row in data_of(viewer.get(path))["items"]] == ["greet"]
    assert refusal_of(program.put(f"{path}/nowhere", json={"output": 1})) == (404, "not_found")
    assert refusal_of(viewer.put(f"{path}/greet", json={"output": "x"})) == (403, "not_allowed")
    for answer in (stranger.get(path), stranger.put(f"{path}/greet", json={"output": "x"}), stranger.delete(f"{path}/greet")):
        assert refusal_of(answer) == (404, "not_found")
    data_of(program.delete(f"{path}/greet"))
    assert data_of(program.get(path))["items"] == []
