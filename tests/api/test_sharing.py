"""Sharing over the API, the Python client's calls included: who sees what, who may change it, and what a stranger learns."""

from dataclasses import replace

import pytest

from app.services import workflows
from app.wiring import Wiring
from models.workspace import Role, Workspace
from tests.support.api import caller, data_of, person, refusal_of
from tests.support.people import make_member
from tests.support.workflows import greeting


@pytest.fixture
def shared(wiring: Wiring) -> tuple[Wiring, str, object, object]:
    owner = person(wiring)
    with wiring.unit() as uow:
        colleague = make_member(uow, Role.MEMBER, workspace=uow.session.get(Workspace, owner.workspace_id))
        uow.actor = replace(owner)
        workflow = str(workflows.create_workflow(uow, name="Payroll", spec=greeting()).id)
    return wiring, workflow, owner, colleague


def test_a_private_workflow_is_not_found_by_a_colleague_until_it_is_shared(shared) -> None:  # type: ignore[no-untyped-def]
    wiring, workflow, owner, colleague = shared
    mine, theirs = caller(wiring, owner), caller(wiring, colleague)
    at = f"/api/v1/workflows/{workflow}"
    assert data_of(mine.patch(f"{at}/sharing", json={"everyone": "private"}))["everyone"] == "private"
    for method, path in [("get", at), ("get", f"{at}/sharing"), ("delete", at), ("get", f"{at}/blueprint"), ("post", f"{at}/runs")]:
        body = {"json": {"inputs": {}}} if method == "post" else {}
        assert refusal_of(getattr(theirs, method)(path, **body)) == (404, "not_found")
    assert data_of(theirs.get("/api/v1/workflows"))["total"] == 0
    seen = data_of(mine.put(f"{at}/sharing/{colleague.user_id}", json={"access": "view"}))
    assert [one["access"] for one in seen["people"]] == ["view"]
    assert data_of(theirs.get(at))["id"] == workflow
    assert refusal_of(theirs.delete(at)) == (403, "not_shared")
    assert refusal_of(theirs.post(f"{at}/runs", json={"inputs": {"name": "Mia"}})) == (403, "not_shared")
    assert data_of(mine.delete(f"{at}/sharing/{colleague.user_id}"))["people"] == []
    assert refusal_of(theirs.get(at)) == (404, "not_found")


def test_a_wrong_share_names_the_field_and_only_agents_and_workflows_are_shared(shared) -> None:  # type: ignore[no-untyped-def]
    wiring, workflow, owner, colleague = shared
    mine = caller(wiring, owner)
    refused = mine.put(f"/api/v1/workflows/{workflow}/sharing/{colleague.user_id}", json={"access": "own"})
    assert (refused.status_code, refused.json()["field_errors"]) == (422, {"access": "Choose one of: view, run, edit."})
    assert mine.get(f"/api/v1/runs/{workflow}/sharing").status_code in (404, 422)
