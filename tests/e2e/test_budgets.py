"""Budgets as people meet them: a run at its cap asks, goes on when the limit is raised, or is stopped; administrators cap the workspace."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from app.services.runs import start_run
from app.services.workflows import create_workflow
from app.views.runs import RunRow
from tests.support.demo import Demo


def begin(demo: Demo, name: str, most_tokens: int) -> RunRow:
    """Two answers of a demo model, of which the cap allows one."""
    call: dict[str, Any] = {"model": "demo/assistant", "prompt": "Say hello.", "max_tokens": 100}
    spec = {
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "first", "kind": "llm", "label": "First answer", "config": call},
            {"id": "second", "kind": "llm", "label": "Second answer", "config": call},
            {"id": "end", "kind": "end", "config": {"output": "{{ second.text }}"}},
        ],
        "edges": [
            {"source": "start", "target": "first"},
            {"source": "first", "target": "second"},
            {"source": "second", "target": "end"},
        ],
        "limits": {"max_tokens": most_tokens},
    }
    workflow = demo.call(create_workflow, name=name, spec=spec)
    return demo.call(start_run, workflow_id=workflow.id, inputs={})


def test_a_run_at_its_cap_asks_and_goes_on_when_the_limit_is_raised(signed_in: Page, demo: Demo) -> None:
    run = begin(demo, "Careful greeting", 113)
    signed_in.goto(f"/runs/{run.id}")
    card = signed_in.locator("[data-approval]").filter(has_text="Budget reached: 113 tokens for this run")
    expect(card).to_be_visible()
    limit = card.get_by_label("New limit in tokens")
    limit.fill("20")
    card.get_by_role("button", name="Raise the limit").click()
    expect(card.get_by_text(re.compile("The next call needs a limit of at least"))).to_be_visible()
    limit.fill("5000")
    card.get_by_role("button", name="Raise the limit").click()
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))


def test_a_run_at_its_cap_is_stopped_from_the_approvals_page(signed_in: Page, demo: Demo) -> None:
    run = begin(demo, "Stopped greeting", 114)
    signed_in.goto("/approvals")
    card = signed_in.locator("[data-approval]").filter(has_text="Budget reached: 114 tokens for this run")
    card.get_by_role("button", name="Stop the run").click()
    expect(card).to_have_count(0)
    signed_in.goto(f"/runs/{run.id}")
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("cancelled|stopped", re.IGNORECASE))


def test_an_administrator_caps_the_workspace_and_a_wrong_amount_is_refused_by_its_field(signed_in: Page) -> None:
    signed_in.goto("/settings/budgets")
    form = signed_in.locator("[data-budget=month]")
    money = form.get_by_label("Money in US dollars")
    money.fill("plenty")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Write an amount in US dollars, such as 5.00, or leave it empty for no limit.")).to_be_visible()
    money.fill("250")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text(re.compile(r"of \$250\.00 used"))).to_be_visible()
    expect(form.get_by_text(re.compile("Counts anew on"))).to_be_visible()
    money.fill("")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text(re.compile(r"of \$250\.00 used"))).to_have_count(0)
