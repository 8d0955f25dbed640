"""Single edits, steps tried out, runs compared, and trails and triggers over the API, as the pages do them."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.services.workflows.edits import MAX_LAG
from app.wiring import Wiring
from models.workflow import Workflow, WorkflowEdit
from models.workspace import Role
from tests.support.api import caller, data_of, person, refusal_of

MANAGES = ("view", "run", "edit", "read_audit", "manage_workspace")
LABEL = [{"op": "set_label", "id": "start", "label": "Begin"}]


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    return caller(wiring, person(wiring, Role.OWNER), *MANAGES)


@pytest.fixture
def path(client: TestClient) -> str:
    return f"/api/v1/workflows/{data_of(client.post('/api/v1/workflows', json={'name': 'Nightly'}))['id']}"


def edit(client: TestClient, path: str, operations: list[dict[str, Any]], revision: int, **headers: str) -> Any:
    return client.post(f"{path}/operations", json={"operations": operations}, headers={"If-Match": f'"{revision}"', **headers})


def test_a_batch_adds_a_step_connects_it_and_names_the_next_revision(client: TestClient, path: str) -> None:
    added = {"id": "check", "kind": "template", "position": {"x": 600, "y": 200}, "config": {"text": "Done"}}
    batch = [{"op": "add_node", "node": added}, {"op": "connect", "source": "start", "port": "out", "target": "check"}]
    saved = edit(client, path, batch, 1)
    assert (data_of(saved)["revision"], data_of(saved)["conflicts"], saved.headers["etag"]) == (2, [], '"2"')
    definition = data_of(client.get(path))["definition"]
    assert [node["id"] for node in definition["nodes"]] == ["start", "check"]
    step = data_of(client.get(f"{path}/nodes/check"))
    assert [row["text"] for row in step["rows"] if row["name"] == "text"] == ["Done"]
    assert client.get(f"{path}/nodes/nothing").status_code == 404
    told = data_of(client.get(f"{path}/operations", params={"since": 1}))
    assert [one["op"] for one in told["operations"]] == ["add_node", "connect"]


def test_an_edit_without_its_revision_or_of_nonsense_changes_nothing(client: TestClient, path: str) -> None:
    assert refusal_of(client.post(f"{path}/operations", json={"operations": LABEL})) == (428, "if_match_needed")
    assert edit(client, path, [{"op": "set_label", "id": "nobody", "label": "x"}], 1).status_code == 422
    assert edit(client, path, [{"op": "explode"}], 1).status_code == 422
    assert data_of(client.get(path))["revision"] == 1


def test_what_contradicts_anothers_edit_is_left_out_and_told(client: TestClient, path: str) -> None:
    assert data_of(edit(client, path, LABEL, 1))["revision"] == 2
    late = data_of(edit(client, path, [{"op": "set_label", "id": "start", "label": "Mine"}], 1))
    assert [(one["mine"], one["theirs"]) for one in late["conflicts"]] == [("Mine", "Begin")]
    assert late["revision"] == 2


def test_the_same_edit_under_a_key_is_made_once(client: TestClient, path: str) -> None:
    answers = [edit(client, path, LABEL, 1, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.headers["etag"] for answer in answers] == ['"2"', '"2"']
    assert refusal_of(edit(client, path, [*LABEL, *LABEL], 1, **{"Idempotency-Key": "k"}))[0] == 409
    assert data_of(client.get(path))["revision"] == 2


def test_a_revision_that_is_still_to_come_is_refused_in_words_of_the_caller(client: TestClient, path: str) -> None:
    assert refusal_of(edit(client, path, LABEL, 7)) == (412, "stale")
    late = client.get(f"{path}/operations", params={"since": 7})
    assert (late.status_code, list(late.json()["field_errors"])) == (422, ["since"])


def test_who_is_too_far_behind_is_told_to_read_again_and_of_no_browser(client: TestClient, path: str, wiring: Wiring) -> None:
    with wiring.unit(write=True) as uow:
        workflow = uow.session.get_one(Workflow, uuid.UUID(path.rsplit("/", 1)[1]))
        shared: dict[str, Any] = {"workspace_id": workflow.workspace_id, "workflow_id": workflow.id, "operations": [], "touched": []}
        uow.session.add_all(WorkflowEdit(**shared, revision=n, client_key=f"other:{n}") for n in range(2, MAX_LAG + 3))
        workflow.revision = MAX_LAG + 2
    for refused in (edit(client, path, LABEL, 1), client.get(f"{path}/operations", params={"since": 1})):
        assert refusal_of(refused) == (409, "too_old")
        assert "Read the workflow again" in refused.json()["detail"]


def test_what_was_said_to_an_agent_that_was_never_saved_is_answered_anew_by_a_definition(client: TestClient) -> None:
    definition = {"name": "Nobody", "model": "demo/assistant"}
    turn = data_of(client.post("/api/v1/agents/try", json={"text": "Hello", "definition": definition}))
    message = f"/api/v1/conversations/{turn['conversation_id']}/messages"
    client.post(f"{message}/{turn['message_id']}/stop")
    for action, body in ((f"{turn['user_message_id']}/edit", {"text": "Hi"}), (f"{turn['message_id']}/regenerate", {})):
        refused = client.post(f"{message}/{action}", json=body)
        assert (refused.status_code, list(refused.json()["field_errors"])) == (422, ["definition"])
    key = {"Idempotency-Key": "again"}
    begun, same = (client.post(f"{message}/{turn['message_id']}/regenerate", json={"definition": definition}, headers=key) for _ in "ab")
    assert (begun.status_code, same.json(), same.headers["location"]) == (202, begun.json(), begun.headers["location"])
    assert data_of(begun)["stream"] == f"{begun.headers['location']}/stream"


def test_a_draft_is_run_whole_in_part_and_compared(client: TestClient, path: str) -> None:
    whole = [data_of(client.post(f"{path}/test-runs", json={"inputs": {}, "is_dry": True}))["id"] for _ in range(2)]
    until = client.post(f"{path}/nodes/start/run-until", json={"inputs": {}})
    assert (until.status_code, data_of(until)["kind"]) == (202, "step")
    assert client.post(f"{path}/nodes/nothing/run", json={}).status_code == 404
    assert client.post(f"{path}/nodes/start/run-from", json={"base_run_id": whole[0][:-2] + "ff"}).status_code == 404
    compared = data_of(client.get(f"/api/v1/runs/{whole[1]}/comparison"))
    assert ([compared["a"]["id"], compared["b"]["id"]], compared["is_same_version"]) == (whole, True)
    assert client.get(f"/api/v1/runs/{whole[0]}/waits").status_code == 200
    assert client.get(f"/api/v1/runs/{whole[0]}/steps/start/attempts/1").status_code in (200, 404)


def test_the_trail_is_taken_along_as_a_file_and_kept_for_as_long_as_said(client: TestClient, path: str) -> None:
    file = data_of(client.post("/api/v1/audit/export", json={"file_format": "json", "search": "Nightly"}))
    assert (file["media_type"], "Nightly" in file["text"]) == ("application/json", True)
    assert refusal_of(client.post("/api/v1/audit/export", json={"file_format": "exe"}))[0] == 422
    assert data_of(client.put("/api/v1/audit/retention", json={"days": 30}))["days"] == 30
    assert data_of(client.get("/api/v1/audit/retention"))["days"] == 30
    assert client.put("/api/v1/audit/retention", json={"days": 7}).status_code == 422
    assert data_of(client.get("/api/v1/audit/filters"))["actions"]


def test_secrets_and_addresses_of_webhooks_and_endpoints_are_turned(client: TestClient, path: str) -> None:
    hook = data_of(client.post("/api/v1/webhooks", json={"workflow_id": path.rsplit("/", 1)[1], "settings": {"name": "In"}}))["detail"]
    here = f"/api/v1/webhooks/{hook['row']['id']}"
    assert data_of(client.post(f"{here}/rotate-address"))["url"] != hook["url"]
    assert data_of(client.post(f"{here}/listening", json={}))["is_on"] is True
    assert data_of(client.delete(f"{here}/listening"))["is_on"] is False
    assert client.post(f"{here}/adopt-fields").status_code == 409
    made = data_of(client.post("/api/v1/endpoints", json={"name": "Out", "url": "https://example.com/x", "events": ["run.succeeded"]}))
    there = f"/api/v1/endpoints/{made['detail']['row']['id']}"
    answer = client.post(f"{there}/rotate-secret")
    turned = data_of(answer)
    assert answer.headers["cache-control"] == "no-store", "it is shown this once"
    assert turned["secret"] not in ("", made["secret"])
    old = next(one for one in turned["detail"]["secrets"] if one["until"])
    assert len(data_of(client.delete(f"{there}/secrets/{old['id']}"))["secrets"]) == 1
    assert data_of(client.post(f"{there}/replay-failed"))["count"] == 0


def test_a_schedule_is_previewed_copied_explained_and_stands_in_the_calendar(client: TestClient, path: str) -> None:
    told = data_of(client.post("/api/v1/schedules/timing", json={"wording": "every day at 9"}))
    assert told["cron"] == "0 9 * * *"
    fields = {"workflow_id": path.rsplit("/", 1)[1], "name": "Daily", "wording": "every day at 9", "time_zone": "UTC"}
    made = data_of(client.post("/api/v1/schedules", json=fields))
    copied = data_of(client.post(f"/api/v1/schedules/{made['id']}/duplicate"))
    assert (copied["is_enabled"], copied["name"]) == (False, "Daily (copy)")
    days = data_of(client.get("/api/v1/schedules/calendar", params={"first": "2026-03-04", "days": 2}))
    assert [entry["name"] for entry in days["items"]] == ["Daily", "Daily"]
    why = data_of(client.get(f"/api/v1/schedules/{made['id']}/why", params={"moment": "2026-03-04T09:00"}))
    assert why["verdict"] == "will_run"


def test_a_conversation_is_renamed_and_a_definition_checked_before_it_is_saved(client: TestClient) -> None:
    assert data_of(client.post("/api/v1/agents/check", json={"name": "", "model": "no/such"}))["is_valid"] is False
    agent = data_of(client.post("/api/v1/agents/starters/support_triage"))
    turn = data_of(client.post(f"/api/v1/agents/{agent['id']}/chat", json={"text": "Hello"}))
    here = f"/api/v1/conversations/{turn['conversation_id']}"
    assert data_of(client.patch(here, json={"title": "Parcels"}))["title"] == "Parcels"
    assert refusal_of(client.post(f"{here}/messages/{turn['message_id']}/regenerate", json={})) == (409, "still_answering")
    client.post(f"{here}/messages/{turn['message_id']}/stop")
    again = data_of(client.post(f"{here}/messages/{turn['user_message_id']}/edit", json={"text": "Good day"}))
    assert again["conversation_id"] == turn["conversation_id"]
    shown = data_of(client.post(f"{here}/messages/{turn['user_message_id']}/show"))
    assert [one["content"] for one in shown["messages"] if one["role"] == "user"] == ["Hello"]
