"""Schedules and event rules as a person meets them: made in plain words, seen in the calendar, paused, run, asked about."""

import re

from playwright.sync_api import Page, expect

from app.services.runs import list_runs
from app.services.workflows import create_workflow
from tests.support.demo import Demo
from tests.support.waiting import until

SLOW = 20_000
GREETING = {
    "nodes": [
        {"id": "start", "kind": "start", "config": {"fields": [{"name": "who", "type": "text", "title": "Who"}]}},
        {"id": "end", "kind": "end", "config": {"output": "Hello {{ inputs.who }}"}},
    ],
    "edges": [{"source": "start", "target": "end"}],
}


def test_a_schedule_is_made_in_plain_words_watched_paused_and_deleted(signed_in: Page, demo: Demo) -> None:
    workflow = demo.call(create_workflow, name="Greet by the clock", spec=GREETING)
    page = signed_in
    page.goto(f"/triggers?workflow={workflow.id}")
    page.get_by_role("link", name="New schedule").click()
    expect(page.locator("#field-workflow-id")).to_have_value(str(workflow.id), timeout=SLOW)
    page.get_by_label("Name").fill("Morning greeting")
    page.get_by_label("Times").fill("every blue moon")
    expect(page.get_by_role("alert").filter(has_text="was not understood")).to_be_visible(timeout=SLOW)
    page.get_by_label("Times").fill("every weekday at 9")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    expect(page.get_by_text("At 09:00, Monday through Friday")).to_be_visible(timeout=SLOW)
    expect(page.locator(".af-moments li")).to_have_count(10)
    page.locator("#save-schedule").click()
    expect(page.get_by_role("alert").filter(has_text="Fill this in")).to_be_visible(timeout=SLOW)
    page.get_by_label("Who").fill("Mia")
    page.locator("#save-schedule").click()

    expect(page.get_by_role("heading", name="Morning greeting", level=1)).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("row").filter(has_text="Run by hand")).to_contain_text("Succeeded", timeout=SLOW)
    page.get_by_label("A moment").fill("2020-01-06T09:00")
    page.locator("#ask-why").click()
    expect(page.locator("#why-answer")).to_contain_text("did not exist yet", timeout=SLOW)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=SLOW)
    page.get_by_label("A moment").fill("2120-01-01T09:00")
    page.locator("#ask-why").click()
    expect(page.locator("#why-answer")).to_contain_text("paused", timeout=SLOW)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=SLOW)

    find_in_the_calendar_and_delete(page)


def find_in_the_calendar_and_delete(page: Page) -> None:
    page.goto("/triggers/calendar")
    expect(page.locator(".af-calendar-item").filter(has_text="Morning greeting").first).to_be_visible(timeout=SLOW)
    page.goto("/triggers")
    page.get_by_placeholder("Search schedules").fill("morning greeting")
    line = page.locator("[data-schedule]")
    expect(line).to_have_count(1, timeout=SLOW)
    line.get_by_role("button", name="More about Morning greeting").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0, timeout=SLOW)


def test_an_event_rule_starts_a_workflow_when_a_run_ends(signed_in: Page, demo: Demo) -> None:
    first = demo.call(create_workflow, name="First of the chain", spec=GREETING)
    second = demo.call(create_workflow, name="Second of the chain", spec=GREETING)
    page = signed_in
    page.goto("/triggers/events/new")
    page.get_by_label("Name").fill("Pass it on")
    page.get_by_label("What happens").select_option("run_succeeded")
    page.get_by_label("Where").select_option(str(first.id))
    page.get_by_label("Workflow to start").select_option(str(second.id))
    page.get_by_label("Who").fill("{{ event.run.nothing }}")
    page.locator("#save-rule").click()
    expect(page.get_by_role("alert").filter(has_text="event.run.nothing is not known")).to_be_visible(timeout=SLOW)
    page.get_by_label("Who").fill("{{ event.run.output }}!")
    page.locator("#save-rule").click()
    expect(page.get_by_role("link", name="Pass it on")).to_be_visible(timeout=SLOW)

    page.goto(f"/workflows/{first.id}")
    page.locator("#run-workflow").click()
    page.get_by_label("Who").fill("Mia")
    page.locator("#start-run").click()
    expect(page.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE), timeout=SLOW)
    started = until(lambda: demo.call(list_runs, workflow_id=second.id).rows, timeout_s=60, what="the run of the second workflow")
    page.goto(f"/runs/{started[0].id}")
    expect(page.locator("#run-values")).to_contain_text("Hello Hello Mia!", timeout=SLOW)
    page.goto("/triggers/events")
    expect(page.locator("[data-rule]").filter(has_text="Pass it on")).to_contain_text("Succeeded", timeout=SLOW)
