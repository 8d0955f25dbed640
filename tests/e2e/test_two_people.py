"""Two people in two browsers at once: one shares and takes back, ends a browser, and reads what happened; a third signs in elsewhere."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from app.core.uow import Actor
from app.services.accounts import resolve_actor
from app.services.runs import cancel_run, start_run
from app.services.workflows import create_workflow
from app.session import token_from_cookies
from tests.e2e.test_accounts import sign_in, sign_out
from tests.e2e.test_agents import ask, create, open_new_agent
from tests.e2e.test_members import join, sign_up
from tests.e2e.test_runs import ASKING, SLOW
from tests.e2e.test_workflows import EDITOR
from tests.support.demo import Demo
from tests.support.site import Site

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1"

WITHIN_MS = 5000.0


class Team(NamedTuple):
    """An owner and a member of one workspace, each in a browser of their own."""

    ada: Page
    grace: Page
    email: str  # of Grace
    owner: str  # the address of Ada


@pytest.fixture(scope="module")
def team(browser: Browser, site: Site) -> Iterator[Team]:
    """Joined once for all the tests of this file."""
    wide = ViewportSize(width=1440, height=900)
    contexts = [browser.new_context(base_url=site.url, viewport=wide, reduced_motion="reduce") for _ in range(2)]
    ada, grace = (context.new_page() for context in contexts)
    owner = sign_up(ada)
    yield Team(ada, grace, join(ada, grace, "member"), owner)
    for context in contexts:
        context.close()


def person(demo: Demo, page: Page) -> Actor | None:
    """Who is signed in on a page, as the services see them."""
    token = token_from_cookies("; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies()))  # type: ignore[typeddict-item]
    return demo.wiring.call(resolve_actor, None, token=token)


def share(page: Page, everyone: str) -> Locator:
    """Open the dialog and set what everybody may do."""
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Owner", exact=True)).to_be_visible()
    dialog.get_by_label("Everybody in the workspace").select_option(everyone)
    return dialog


def name_grace(dialog: Locator, access: str) -> Locator:
    """Add her with this access; gives the field that changes it."""
    dialog.get_by_label("Access to give").select_option(access)
    dialog.get_by_placeholder("Add people by name or e-mail").fill("Grace")
    dialog.get_by_role("button", name="Add Grace Hopper").click()
    chosen = dialog.get_by_label("Access of Grace Hopper")
    expect(chosen).to_have_value(access)
    return chosen


def test_a_private_agent_is_shared_by_name_to_view_to_run_to_edit_and_taken_back(team: Team) -> None:
    ada, grace, *_ = team
    open_new_agent(ada, "Private adviser")
    create(ada)
    dialog = share(ada, "private")
    expect(dialog.get_by_text("Only its owner, the people above, and the workspace's owners and admins see it.")).to_be_visible()
    grace.goto(ada.url)
    expect(grace.get_by_role("heading", name="No such agent")).to_be_visible()
    access = name_grace(dialog, "view")
    grace.reload()
    expect(grace.get_by_text("view only", exact=True)).to_be_visible()
    expect(grace.get_by_label("Message to the agent")).to_be_disabled()
    access.select_option("run")
    grace.reload()
    expect(grace.get_by_label("Message to the agent")).to_be_enabled()
    expect(grace.get_by_text("view only", exact=True)).to_be_visible()
    ask(grace, "[[say:Two words]]")
    expect(grace.locator(".af-msg-agent").last).to_contain_text("Two words")
    access.select_option("edit")
    grace.reload()
    grace.get_by_label("Name").fill("Adviser of both")
    grace.get_by_role("button", name="Save", exact=True).click()
    expect(grace.get_by_text("Version 2 ·")).to_be_visible()
    access.select_option("none")
    expect(access).to_have_count(0)
    grace.get_by_label("Name").fill("Still mine")  # the page is open, and knows nothing of it
    grace.get_by_role("button", name="Save", exact=True).click()
    expect(grace.get_by_text("does not exist").first).to_be_visible()
    ada.reload()
    expect(ada.get_by_role("heading", name="Adviser of both")).to_be_visible()


def test_a_workflow_that_everybody_may_view_is_run_by_nobody_but_whom_the_owner_names(team: Team) -> None:
    ada, grace, *_ = team
    ada.goto("/workflows")
    ada.get_by_role("button", name="New workflow").first.click()
    expect(ada).to_have_url(EDITOR)
    dialog = share(ada, "view")
    grace.goto(ada.url)
    expect(grace.get_by_text("View only", exact=True)).to_be_visible()
    expect(grace.locator("#run-workflow")).to_be_disabled()
    name_grace(dialog, "run")
    grace.reload()
    expect(grace.get_by_text("View and run", exact=True)).to_be_visible()
    grace.locator("#run-workflow").click()
    expect(grace.locator("#editor-run-status")).to_have_text(re.compile("succeeded", re.IGNORECASE))


def test_an_open_editor_follows_what_the_person_may_do_without_a_reload(team: Team) -> None:
    ada, grace, *_ = team
    ada.goto("/workflows")
    ada.get_by_role("button", name="New workflow").first.click()
    expect(ada).to_have_url(EDITOR)
    everyone = share(ada, "edit").get_by_label("Everybody in the workspace")
    grace.goto(ada.url)
    notice, saved = grace.locator(".af-notice"), grace.locator("[data-save]")
    expect(grace.locator(".react-flow__node")).to_be_visible()  # what she opened she may change
    expect(grace.locator("#run-workflow")).to_be_enabled()
    expect(saved).to_have_text("Saved")
    everyone.select_option("view")
    grace.evaluate("dispatchEvent(new Event('focus'))")
    expect(notice).to_contain_text("You may only look at this workflow now.")
    expect(saved).to_have_text("View only")
    expect(grace.locator("#run-workflow")).to_be_disabled()
    expect(grace.locator("#af-open-palette")).to_have_count(0)
    everyone.select_option("private")  # whoever only looks is told, too, without doing anything
    expect(notice).to_contain_text("This workflow is no longer shared with you, or it was deleted.", timeout=WITHIN_MS)
    everyone.select_option("edit")
    grace.evaluate("dispatchEvent(new Event('focus'))")
    expect(notice).to_contain_text("You may change this workflow again.")
    expect(saved).to_have_text("Saved")
    expect(grace.locator("#run-workflow")).to_be_enabled()
    expect(grace.locator("#af-open-palette")).to_be_visible()
    everyone.select_option("private")
    grace.reload()
    expect(grace.get_by_text("Check the address, or ask who sent it to share it with you.")).to_be_visible()
    expect(grace.locator("#content .af-state").get_by_role("link", name="All workflows", exact=True)).to_be_visible()


def test_who_looks_at_a_workflow_is_told_that_a_colleague_started_a_run_and_watches_it(team: Team, demo: Demo) -> None:
    ada, grace, *_ = team
    made = demo.wiring.call(create_workflow, person(demo, ada), name="Drawn by Ada", spec=SLOW)
    ada.goto(f"/workflows/{made.id}")
    share(ada, "view")
    grace.goto(ada.url)
    expect(grace.locator(".react-flow__node").first).to_be_visible()
    run = demo.wiring.call(start_run, person(demo, ada), workflow_id=made.id, inputs={})
    told = grace.locator("#af-lately-other")
    expect(told).to_contain_text("started a run")
    told.get_by_role("button", name="Watch", exact=True).click()
    expect(grace.locator("#editor-run-status")).to_have_text(re.compile("waiting", re.IGNORECASE))
    expect(told).to_have_count(0)
    demo.wiring.call(cancel_run, person(demo, ada), run_id=run.id)
    expect(grace.locator("#editor-run-status")).to_have_text(re.compile("cancelled|stopped", re.IGNORECASE))


def test_a_page_that_follows_a_run_goes_blank_soon_after_the_share_is_taken_back(team: Team, demo: Demo) -> None:
    ada, grace, *_ = team
    made = demo.wiring.call(create_workflow, person(demo, ada), name="Long pause", spec=SLOW)
    ada.goto(f"/workflows/{made.id}")
    access = name_grace(share(ada, "private"), "run")
    grace.goto(ada.url)
    grace.locator("#run-workflow").click()
    grace.get_by_role("link", name="Open run").click()
    expect(grace.locator("#run-status")).to_have_text(re.compile("waiting", re.IGNORECASE))
    access.select_option("none")
    expect(access).to_have_count(0)
    expect(grace.get_by_role("heading", name="This run cannot be shown")).to_be_visible(timeout=WITHIN_MS)


def test_one_browser_is_signed_out_by_name_and_the_others_stay(team: Team, browser: Browser, site: Site) -> None:
    grace = team.grace
    phone, tablet = (browser.new_context(base_url=site.url, user_agent=agent).new_page() for agent in (PHONE, None))
    for page in (phone, tablet):
        page.goto("/sign-in")
        sign_in(page, team.email)
        expect(page.get_by_role("heading", name="Welcome, Grace")).to_be_visible()
    grace.goto("/settings/sessions")
    grace.get_by_role("button", name=re.compile("Sign out Safari on iPhone")).click()
    expect(grace.get_by_text("That browser is signed out.")).to_be_visible()
    expect(grace.get_by_text("iPhone")).to_have_count(0)
    phone.evaluate("() => document.querySelector('a[href^=\"/agents\"]')?.click()")  # a busy page may have noticed by itself
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
    tablet.get_by_role("link", name="Agents", exact=True).first.click()
    expect(tablet.get_by_role("heading", name="Agents", exact=True)).to_be_visible()
    for page in (phone, tablet):
        page.context.close()


def test_what_one_person_typed_into_a_decision_is_hers_alone_in_a_browser_that_both_use(
    team: Team, demo: Demo, browser: Browser, site: Site
) -> None:
    grace_herself = person(demo, team.grace)
    made = demo.wiring.call(create_workflow, grace_herself, name="Refund", spec=ASKING)
    demo.wiring.call(start_run, grace_herself, workflow_id=made.id, inputs={"amount": 21})
    shared = browser.new_context(base_url=site.url).new_page()
    card = shared.locator("[data-approval]").filter(has_text="Refund $21?")
    for email, typed in ((team.email, ""), (team.owner, ""), (team.email, "19")):
        shared.goto("/sign-in?next=/approvals")
        sign_in(shared, email)
        expect(card).to_be_visible(timeout=60_000)
        expect(card.get_by_label("Paid")).to_have_value(typed)
        if email == team.email and not typed:
            card.get_by_label("Paid").fill("19")
        sign_out(shared)
    shared.context.close()


def test_the_trail_tells_who_shared_what_with_whom_and_is_taken_along_as_it_is_filtered(team: Team) -> None:
    ada, grace, *_ = team
    open_new_agent(ada, "Watched")
    create(ada)
    dialog = share(ada, "private")
    name_grace(dialog, "view").select_option("edit")
    expect(dialog.get_by_label("Access of Grace Hopper")).to_have_value("edit")
    ada.goto("/settings/audit")
    ada.get_by_placeholder("Search names, actions and addresses").fill("Watched")
    trail = ada.get_by_role("table", name="Audit trail")
    expect(trail.get_by_role("row")).to_have_count(5)  # the head, made, made private, shared, shared further
    trail.get_by_role("row").nth(1).get_by_role("button").click()
    entry = ada.get_by_role("dialog")
    expect(entry.get_by_text("agent “Watched”")).to_be_visible()
    expect(entry.get_by_role("table", name="Changes").get_by_role("row").nth(1)).to_have_text("accessviewedit")
    ada.keyboard.press("Escape")
    entries = json.loads(taken(ada, "JSON"))
    assert [one["action"].split(".")[1] for one in entries] == ["create_agent", "change_sharing", "share_with", "share_with"]
    assert [one["seq"] for one in csv.DictReader(taken(ada, "CSV").splitlines())] == [str(one["seq"]) for one in entries]
    ada.get_by_role("button", name="Verify").click()
    expect(ada.get_by_text("entries, unbroken.")).to_be_visible()
    grace.goto("/settings/audit")
    expect(grace.get_by_role("heading", name="Not for your role")).to_be_visible()


def taken(page: Page, kind: str) -> str:
    """The text of an export."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=kind, exact=True).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


@pytest.fixture
def elsewhere(browser: Browser, site: Site) -> Iterator[Page]:
    """The browser of somebody who signs in at a provider, whose own page would fetch its looks from afar."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    context.route(re.compile("^https://"), lambda route: route.abort())
    yield context.new_page()
    context.close()


def at_the_provider(page: Page, answer: str) -> None:
    """Set out from the sign-in page and answer the provider's question."""
    page.goto("/sign-in?next=/settings/security")
    page.get_by_role("button", name="Continue with Acme").click()
    page.get_by_role("button", name=answer).click()


def test_a_person_signs_in_at_a_provider_once_declined_and_twice_as_the_same(elsewhere: Page) -> None:
    page = elsewhere
    at_the_provider(page, "Deny")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for _ in range(2):
        at_the_provider(page, "4711")
        expect(page.get_by_role("heading", name="Security", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Unlink")).to_have_count(1)
        sign_out(page)
