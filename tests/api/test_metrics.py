"""/metrics of the web process: the backlog as SQL has it, requests by pattern, and a door that only a token opens in production."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from app.adapters.metrics import WebMetrics
from app.api.metrics import get_metrics
from app.api.request_log import RequestLog
from app.api.server import build_api
from app.services.runs import start_run
from app.wiring import Wiring, get_wiring
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


def client_of(wiring: Wiring) -> TestClient:
    api = build_api()
    shown = WebMetrics(wiring.database, wiring.ports.queue.waiting_messages)
    api.dependency_overrides |= {get_wiring: lambda: wiring, get_metrics: lambda: shown}
    return TestClient(RequestLog(api, observe=shown.observe), raise_server_exceptions=False)


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    with client_of(wiring) as opened:
        yield opened


def test_queued_runs_are_counted_and_aged(wiring: Wiring, client: TestClient) -> None:
    with wiring.unit() as uow:
        actor = make_member(uow)
    with wiring.unit(actor) as uow:
        workflow = make_workflow(uow, spec_of(node("start", "start"), node("end", "end", output="x"), edges="start>end"))
        start_run(uow, workflow_id=workflow.id, inputs={})
    text = client.get("/metrics").text
    assert 'agent_factory_open_runs{status="queued"} 1.0' in text
    assert 'agent_factory_open_runs{status="waiting"} 0.0' in text
    assert "agent_factory_oldest_queued_seconds" in text
    assert "agent_factory_database_up 1.0" in text


def test_requests_are_counted_by_pattern(client: TestClient) -> None:
    client.get("/healthz")
    client.get("/api/v1/nothing-of-that-name")
    text = client.get("/metrics").text
    assert 'agent_factory_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert "nothing-of-that-name" not in text


def test_production_shows_them_to_the_bearer_of_the_token_alone(wiring: Wiring) -> None:
    closed = replace(wiring, settings=replace(wiring.settings, environment="production"))
    assert client_of(closed).get("/metrics").status_code == 404
    guarded = client_of(replace(wiring, settings=replace(wiring.settings, environment="production", metrics_token="t" * 20)))
    assert guarded.get("/metrics").status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer " + "x" * 20}).status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer " + "t" * 20}).status_code == 200
