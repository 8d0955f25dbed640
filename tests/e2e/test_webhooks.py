"""Webhooks as a person meets them: made, called, looked at, listened to, replayed; and endpoints that refuse what must not be called."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.services.webhooks import create_webhook, get_webhook
from app.services.workflows import create_workflow, get_workflow
from app.views.workflows import WorkflowDetail
from tests.support.demo import Demo
from tests.support.drawing import step

SLOW = 15_000
GREETING = {
    "nodes": [
        {"id": "start", "kind": "start", "position": {"x": 0, "y": 0}, "config": {"fields": [{"name": "customer", "type": "text"}]}},
        {"id": "end", "kind": "end", "position": {"x": 320, "y": 0}, "config": {"output": "Hello {{ inputs.customer }}"}},
    ],
    "edges": [{"source": "start", "target": "end"}],
}


@pytest.fixture
def workflow(demo: Demo) -> WorkflowDetail:
    return demo.call(create_workflow, name="Greeting by webhook", spec=GREETING)


def post(url: str, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers={"content-type": "application/json"} | named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def make(page: Page, workflow: WorkflowDetail) -> tuple[str, str]:
    """Make a webhook in the dialog; its address and secret as they are shown, once."""
    page.goto("/triggers/webhooks")
    page.get_by_role("button", name="New webhook").first.click()
    page.get_by_label("Workflow it starts").select_option(str(workflow.id))
    page.get_by_label("Name").fill("Shop")
    page.get_by_role("button", name="Create webhook").click()
    ready = page.get_by_role("dialog", name="The webhook is ready")
    expect(ready.get_by_text(re.compile("^whsec_"))).to_be_visible(timeout=SLOW)
    url, secret = ready.locator(".af-copy-text").all_inner_texts()
    ready.get_by_role("link", name="Open webhook").click()
    expect(page.get_by_role("heading", name="Shop")).to_be_visible(timeout=SLOW)
    return url, secret


def test_a_webhook_is_made_called_and_its_delivery_run_again(signed_in: Page, workflow: WorkflowDetail) -> None:
    page = signed_in
    url, secret = make(page, workflow)
    assert secret not in page.content()
    assert post(url, {"customer": "Ann"})[0] == 401
    status, told = post(url, {"customer": "Ann"}, X_Webhook_Secret=secret)
    assert (status, told["status"]) == (202, "accepted")
    page.get_by_role("button", name="Look again").click()
    log = page.get_by_role("table", name="Deliveries")
    expect(log.get_by_text("refused")).to_be_visible(timeout=SLOW)
    log.get_by_role("row").filter(has_text="taken").get_by_role("button").click()
    delivery = page.get_by_role("dialog", name="Delivery")
    expect(delivery.get_by_text('"customer": "Ann"')).to_be_visible(timeout=SLOW)
    expect(delivery.get_by_text(secret)).to_have_count(0)
    delivery.get_by_role("button", name="Deliver again").click()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}"), timeout=SLOW)
    expect(page.get_by_text("Hello Ann").first).to_be_visible(timeout=SLOW)


def test_the_listener_shows_the_next_request_and_its_fields_become_inputs(signed_in: Page, workflow: WorkflowDetail, demo: Demo) -> None:
    page = signed_in
    url, secret = make(page, workflow)
    assert post(f"{url}/test", {}, X_Webhook_Secret=secret)[0] == 404, "nobody listens yet"
    page.get_by_text("Test", exact=True).click()
    page.get_by_role("button", name="Listen for a request").click()
    expect(page.get_by_text("Listening.")).to_be_visible(timeout=SLOW)
    assert post(f"{url}/test", {"customer": "Ben", "amount": 12, "urgent": True}, X_Webhook_Secret=secret)[0] == 200
    expect(page.get_by_role("heading", name="The last request")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Add its fields to the Start step").click()
    expect(page.get_by_text("Added to the Start step: amount, urgent.")).to_be_visible(timeout=SLOW)
    fields = demo.call(get_workflow, workflow_id=workflow.id).definition["nodes"][0]["config"]["fields"]
    assert {field["name"]: field["type"] for field in fields} == {"customer": "text", "amount": "integer", "urgent": "boolean"}


def test_the_start_step_listens_and_takes_the_fields_of_a_request(signed_in: Page, workflow: WorkflowDetail, demo: Demo) -> None:
    page = signed_in
    made = demo.call(create_webhook, workflow_id=workflow.id, settings={"auth": "none"})
    url = demo.call(get_webhook, webhook_id=made.detail.row.id).test_url
    page.goto(f"/workflows/{workflow.id}")
    step(page, "start").click()
    doors = page.locator("#started-by")
    doors.get_by_text("1 webhook").click()
    doors.get_by_role("button", name="Listen for a request").click()
    expect(doors.get_by_text("Listening.")).to_be_visible(timeout=SLOW)
    assert post(url, {"customer": "Ben", "urgent": True})[0] == 200
    expect(doors.get_by_text('"customer": "Ben"')).to_be_visible(timeout=SLOW)
    doors.get_by_role("button", name="Use its fields as inputs").click()
    expect(page.locator("#inspector [data-entry]")).to_have_count(2, timeout=SLOW)
    fields = demo.call(get_workflow, workflow_id=workflow.id).definition["nodes"][0]["config"]["fields"]
    assert [(field["name"], field["type"]) for field in fields] == [("customer", "text"), ("urgent", "boolean")]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#inspector [data-entry]")).to_have_count(1, timeout=SLOW)
