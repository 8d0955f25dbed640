"""Audit trail and usage over HTTP: for whom, filtered, page by page, summed right."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.services.runs import start_run
from app.services.workflows import create_workflow
from app.wiring import Wiring
from models.run import UsageRecord
from models.workspace import Role
from tests.support.api import caller, data_of, person, refusal_of


def test_the_trail_is_read_filtered_page_by_page_and_proved(wiring: Wiring) -> None:
    owner = person(wiring, Role.OWNER)
    client = caller(wiring, owner, "view", "edit", "read_audit")
    data_of(client.post("/api/v1/agents", json={"name": "Greeter"}))
    data_of(client.post("/api/v1/agents", json={"name": "Seller"}))
    first = data_of(client.get("/api/v1/audit", params={"kind": "agent", "limit": 1}))
    assert (first["total"], [row["name"] for row in first["items"]]) == (2, ["Seller"])
    second = data_of(client.get("/api/v1/audit", params={"kind": "agent", "limit": 1, "cursor": first["next_cursor"]}))
    assert ([row["name"] for row in second["items"]], second["next_cursor"]) == (["Greeter"], None)
    assert second["items"][0]["actor_kind"] == "key"
    assert data_of(client.get("/api/v1/audit/verdict"))["problems"] == []
    assert refusal_of(client.get("/api/v1/audit", params={"since": "soon"})) == (422, "invalid")


def test_the_trail_is_not_for_members_nor_for_keys_without_the_scope(wiring: Wiring) -> None:
    assert refusal_of(caller(wiring, person(wiring, Role.MEMBER)).get("/api/v1/audit")) == (403, "not_allowed")
    assert refusal_of(caller(wiring, person(wiring, Role.OWNER), "view").get("/api/v1/audit")) == (403, "scope_missing")


def test_usage_is_summed_by_model_and_workflow_in_its_period_and_workspace(wiring: Wiring) -> None:
    owner, stranger = person(wiring, Role.OWNER), person(wiring, Role.OWNER)
    for actor, day in ((owner, 1), (owner, 2), (stranger, 2)):
        with wiring.unit(actor) as uow:
            workflow = create_workflow(uow, name=f"Day {day}")
            run_id = UUID(str(start_run(uow, workflow_id=workflow.id, inputs={}).id))
            at = datetime(2026, 3, day, 23, 59, tzinfo=UTC)
            counts: dict[str, Any] = {"input_tokens": 10 * day, "output_tokens": day, "cost_micros": 100 * day, "model": "m/x", "at": at}
            for call in (1, 2):
                uow.session.add(UsageRecord(run_id=run_id, node="a", attempt=1, call=call, workspace_id=actor.workspace_id, **counts))
    client = caller(wiring, owner, "view")
    both = data_of(client.get("/api/v1/usage", params={"since": "2026-03-01", "until": "2026-03-02"}))
    assert {name: both["total"][name] for name in ("calls", "input_tokens", "output_tokens", "cost_micros")} == {
        "calls": 4,
        "input_tokens": 60,
        "output_tokens": 6,
        "cost_micros": 600,
    }
    assert [(line["id"], line["calls"]) for line in both["models"]] == [("m/x", 4)]
    assert [line["cost_micros"] for line in both["workflows"]] == [400, 200]
    one = data_of(client.get("/api/v1/usage", params={"since": "2026-03-01", "until": "2026-03-01"}))
    assert (one["total"]["calls"], one["total"]["cost_micros"]) == (2, 200)


@pytest.mark.parametrize("wrong", [{"since": "2026-02-30"}, {"until": "0001-01-01"}, {"since": "2026-03-02", "until": "2026-03-01"}])
def test_a_period_that_is_none_is_refused_by_its_field(wiring: Wiring, wrong: dict[str, str]) -> None:
    answer = caller(wiring, person(wiring), "view").get("/api/v1/usage", params=wrong)
    assert refusal_of(answer) == (422, "invalid")
    assert set(answer.json()["field_errors"]) <= {"since", "until"}
