"""Runs and approvals as a person meets them: the list, a run's page, and deciding."""

import asyncio
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from app.services.home import shell_view
from app.services.runs import decide_approval, get_run, get_run_row, start_run
from app.services.workflows import create_workflow
from app.views.runs import RunRow
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.demo import Demo
from tests.support.proxy import Proxy, proxy_to
from tests.support.site import Site
from tests.support.waiting import until

ASKING = {
    "nodes": [
        {"id": "start", "kind": "start", "config": {"fields": [{"name": "amount", "type": "number"}]}},
        {
            "id": "ask",
            "kind": "approval",
            "label": "Refund?",
            "config": {
                "title": "Refund ${{ inputs.amount }}?",
                "message": "**Careful** <img src=x onerror=alert(1)>",
                "fields": [{"name": "paid", "type": "number", "required": True}],
            },
        },
        {"id": "yes", "kind": "end", "config": {"output": "{{ ask.values.paid }}"}},
        {"id": "no", "kind": "end", "config": {"output": "refused"}},
    ],
    "edges": [
        {"source": "start", "target": "ask"},
        {"source": "ask", "port": "approve", "target": "yes"},
        {"source": "ask", "port": "reject", "target": "no"},
    ],
}
QUICK = {
    "nodes": [{"id": "start", "kind": "start"}, {"id": "end", "kind": "end", "config": {"output": "done"}, "position": {"x": 400, "y": 0}}],
    "edges": [{"source": "start", "target": "end"}],
}
SLOW = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "pause", "kind": "delay", "config": {"duration_s": 3600}},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"source": "start", "target": "pause"}, {"source": "pause", "target": "end"}],
}


def begin(demo: Demo, name: str, spec: Mapping[str, object], **inputs: object) -> RunRow:
    workflow = demo.call(create_workflow, name=name, spec=spec)
    return demo.call(start_run, workflow_id=workflow.id, inputs=inputs)


def test_a_person_decides_on_the_approvals_page_and_the_run_goes_on(signed_in: Page, demo: Demo) -> None:
    run = begin(demo, "Refund check", ASKING, amount=25)
    signed_in.goto("/approvals")
    card = signed_in.locator("[data-approval]").filter(has_text="Refund $25?")
    expect(card).to_be_visible()
    expect(card.locator("img")).to_have_count(0)
    card.get_by_role("button", name="Approve").click()
    expect(card.get_by_role("alert").filter(has_text="Fill this in")).to_be_visible()
    card.get_by_label("Paid").fill("20")
    card.get_by_role("button", name="Approve").click()
    expect(card).to_have_count(0)
    signed_in.goto(f"/runs/{run.id}")
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(signed_in.locator("#run-values")).to_contain_text("20")


def test_the_approvals_page_follows_what_comes_and_tells_what_somebody_else_decided(signed_in: Page, demo: Demo) -> None:
    signed_in.goto("/approvals")
    expect(signed_in.get_by_role("heading", name="Approvals")).to_be_visible()
    begin(demo, "Late refund check", ASKING, amount=71)
    card = signed_in.locator("[data-approval]").filter(has_text="Refund $71?")
    expect(card).to_be_visible(timeout=60_000)
    card.get_by_label("Note").fill("Asked the shop first")
    approval_id = card.get_attribute("data-approval")
    demo.call(decide_approval, approval_id=approval_id, button="approve", values={"paid": 71})
    expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    expect(card.locator(".af-status")).to_have_text("decided")
    begin(demo, "Later refund check", ASKING, amount=72)
    expect(signed_in.locator("[data-approval]").filter(has_text="Refund $72?")).to_be_visible(timeout=60_000)
    expect(card.locator(".af-status")).to_have_text("decided")
    waiting = demo.call(shell_view).pending_approvals
    expect(signed_in.locator(".af-side .af-nav-count")).to_have_text(str(waiting), timeout=60_000)


def test_what_was_typed_into_a_decision_outlives_leaving_and_reloading_and_goes_when_it_is_sent(signed_in: Page, demo: Demo) -> None:
    run = begin(demo, "Kept refund check", ASKING, amount=74)
    signed_in.goto("/approvals")
    card = signed_in.locator("[data-approval]").filter(has_text="Refund $74?")
    card.get_by_label("Note").fill("Asked the shop")
    card.get_by_label("Paid").fill("70")
    signed_in.reload()
    expect(card.get_by_label("Note")).to_have_value("Asked the shop", timeout=60_000)
    expect(card.get_by_label("Paid")).to_have_value("70")
    signed_in.goto(f"/runs/{run.id}")
    expect(card.get_by_label("Paid")).to_have_value("70", timeout=60_000)
    card.get_by_role("button", name="Approve").click()
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    assert demo.call(get_run, run_id=run.id).output == 70
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('af-answers:'))"
    until(lambda: signed_in.evaluate(kept) == [], timeout_s=20, what="the end of what was kept")


def test_a_run_page_follows_the_run_and_shows_each_step(signed_in: Page, demo: Demo) -> None:
    run = begin(demo, "Watched refund", ASKING, amount=7)
    signed_in.goto(f"/runs/{run.id}")
    expect(signed_in.locator("li[data-node=ask]")).to_have_attribute("data-status", "waiting")
    expect(signed_in.get_by_text("“Reject” can be pressed with empty fields.")).to_be_visible()
    signed_in.get_by_role("button", name="Reject").click()
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(signed_in.locator("li[data-node=yes]")).to_have_attribute("data-status", "skipped")
    signed_in.locator("li[data-node=start] button").click()
    expect(signed_in.locator("#step-panel")).to_contain_text("7")


def test_a_waiting_run_says_why_and_stops_when_told(signed_in: Page, demo: Demo) -> None:
    run = begin(demo, "Long pause", SLOW)
    signed_in.goto(f"/runs/{run.id}")
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("waiting", re.IGNORECASE))
    signed_in.get_by_role("button", name="Stop").click()
    expect(signed_in.locator("#run-status")).to_have_text(re.compile("cancelled", re.IGNORECASE))


def test_the_run_list_is_filtered_and_searched(signed_in: Page, demo: Demo) -> None:
    begin(demo, "Needle in the list", SLOW)
    signed_in.goto("/runs")
    signed_in.get_by_placeholder("Search runs").fill("needle")
    expect(signed_in.get_by_role("row")).to_have_count(2)
    signed_in.get_by_role("radio", name="Failed").click()
    expect(signed_in.get_by_text("No run fits")).to_be_visible()


def test_a_run_that_is_not_there_says_so(signed_in: Page) -> None:
    signed_in.goto("/runs/00000000-0000-7000-8000-000000000000")
    expect(signed_in.get_by_text("does not exist, or you have no access")).to_be_visible()


def test_in_the_editor_the_step_that_asks_stays_in_sight_above_its_question(signed_in: Page, demo: Demo) -> None:
    low = [{**node, "position": {"x": 320 * at, "y": 620 if node["id"] == "ask" else 0}} for at, node in enumerate(ASKING["nodes"])]
    workflow = demo.call(create_workflow, name="Low question", spec={**ASKING, "nodes": low})
    signed_in.goto(f"/workflows/{workflow.id}")
    asks = signed_in.locator('.react-flow__node[data-id="ask"]')
    expect(asks).to_be_visible()
    demo.call(start_run, workflow_id=workflow.id, inputs={"amount": 9})
    signed_in.reload()
    card = signed_in.locator("[data-approval]").filter(has_text="Refund $9?")
    expect(card).to_be_visible()
    expect(asks.locator(".af-run-waiting")).to_be_in_viewport(ratio=1)
    signed_in.wait_for_function("""() => {
        const place = (name) => document.querySelector(name).getBoundingClientRect();
        return place('.react-flow__node[data-id="ask"]').bottom < place('[data-approval]').top;
    }""")


def test_the_last_run_is_offered_when_one_comes_back_to_the_editor_and_the_tab_says_which_workflow_it_is(
    signed_in: Page, demo: Demo
) -> None:
    run = begin(demo, "Come back to it", QUICK)
    until(lambda: demo.call(get_run, run_id=run.id).row.status == "succeeded", timeout_s=60, what="the end of the run")
    signed_in.goto(f"/workflows/{run.workflow_id}")
    expect(signed_in.locator(".react-flow__node").first).to_be_visible()
    expect(signed_in).to_have_title("Come back to it · Agent Factory")
    expect(signed_in.locator("#editor-run-status")).to_have_count(0)
    offer = signed_in.locator("#af-lately-last")
    expect(offer).to_contain_text("Last run")
    offer.get_by_role("button", name="Show", exact=True).click()
    expect(signed_in.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))
    expect(signed_in.locator('.react-flow__node[data-id="end"] .af-run-done')).to_be_visible()
    expect(offer).to_have_count(0)
    signed_in.get_by_role("link", name="Open run").click()
    expect(signed_in).to_have_title("Come back to it · Run · Agent Factory")
    signed_in.go_back()
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Do not offer this run").click()
    expect(offer).to_have_count(0)


def test_what_is_decided_while_the_server_is_away_is_told_and_arrives_later(browser: Browser, site: Site, demo: Demo) -> None:
    run = begin(demo, "Refund check", ASKING, amount=73)
    with proxy_to(lambda: asyncio.open_connection("127.0.0.1", site.port)) as line, through(browser, site, line) as page:
        page.goto(f"{site.url}/sign-in")
        page.get_by_role("button", name="Use the demo account").click()
        expect(page.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible()
        page.goto(f"{site.url}/approvals")
        card = page.locator("[data-approval]").filter(has_text="Refund $73?")
        expect(card).to_be_visible(timeout=60_000)
        expect(page.get_by_role("main")).to_have_attribute("aria-busy", "false")
        line.cut()
        notice = page.locator(".af-connection")
        expect(notice).to_contain_text("The server does not answer")
        card.get_by_label("Paid").fill("70")
        card.get_by_role("button", name="Approve").click()
        expect(notice).to_contain_text("What you did last has not arrived yet.")
        expect(card.get_by_label("Paid")).to_have_value("70")
        assert demo.call(get_run_row, run_id=run.id).status == "waiting"
        line.mend()
        expect(notice).to_contain_text("What you did meanwhile has been sent.")
        until(lambda: str(demo.call(get_run, run_id=run.id).output) == "70", timeout_s=60, what="the decision")
        expect(notice).to_have_count(0)


@contextmanager
def through(browser: Browser, site: Site, line: Proxy) -> Generator[Page]:
    """A phone whose connections to the site take this line; the address stays the site's."""
    rule = f"--host-resolver-rules=MAP 127.0.0.1:{site.port} 127.0.0.1:{line.port}"
    own = browser.browser_type.launch(executable_path=chromium_path(), args=[*ARGUMENTS, rule])
    yield own.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    own.close()
