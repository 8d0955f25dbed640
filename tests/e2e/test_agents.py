"""Journeys of people who shape and test agents: real Chromium, real worker, demo model."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.e2e.test_accounts import sign_up
from tests.support.site import Site
from tests.support.waiting import until

SLOW = 15_000
LONG_ANSWER = "[[say:" + "One two three four five six seven eight nine ten. " * 80 + "]]"


def open_new_agent(page: Page, name: str) -> None:
    page.goto("/agents/new")
    expect(page.locator(".cm-content")).to_be_visible(timeout=SLOW)
    page.get_by_label("Name").fill(name)


def ask(page: Page, text: str) -> None:
    box = page.get_by_label("Message to the agent")
    box.fill(text)
    box.press("Enter")


def create(page: Page) -> None:
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile(r"/agents/[0-9a-f-]{36}$"), timeout=SLOW)
    expect(page.get_by_text("Version 1 ·")).to_be_visible(timeout=SLOW)


@pytest.fixture
def builder(page: Page) -> Page:
    """A page of somebody who has just signed up."""
    sign_up(page)
    return page


@pytest.fixture
def second_tab(browser: Browser, context: BrowserContext, site: Site) -> Iterator[Page]:
    """The same person's other browser window."""
    other = browser.new_context(base_url=site.url, storage_state=context.storage_state(), viewport={"width": 1440, "height": 900})
    yield other.new_page()
    other.close()


def test_an_empty_workspace_offers_ready_made_agents(builder: Page) -> None:
    builder.goto("/agents")
    expect(builder.get_by_role("heading", name="No agents yet")).to_be_visible(timeout=SLOW)
    builder.get_by_role("button", name=re.compile("Support triage")).click()
    expect(builder).to_have_url(re.compile(r"/agents/[0-9a-f-]{36}$"), timeout=SLOW)
    ask(builder, "My card was charged twice, please help me!")
    answer = builder.locator(".af-msg-agent").last
    expect(answer.get_by_text("category")).to_be_visible(timeout=SLOW)
    expect(answer.get_by_text("billing")).to_be_visible()


def test_an_agent_is_created_tested_with_a_tool_and_saved(builder: Page) -> None:
    open_new_agent(builder, "Sums")
    builder.get_by_role("switch", name="Calculator").click()
    expect(builder.get_by_text("tests your unsaved changes")).to_be_visible()
    ask(builder, "What is 17% of 2480?")
    answer = builder.locator(".af-msg-agent").last
    expect(answer).to_contain_text("421.6", timeout=SLOW)
    expect(answer.locator(".af-msg-figures")).to_contain_text("in ·", timeout=SLOW)
    expect(answer.get_by_text("demo model")).to_be_visible()
    answer.locator("summary").click()
    expect(answer.get_by_text("Arguments", exact=True)).to_be_visible()
    expect(answer.get_by_text("Result", exact=True)).to_be_visible()
    create(builder)
    expect(builder.locator(".af-bubble")).to_contain_text("17%")
    builder.get_by_label("Role").fill("Adds up")
    expect(builder.get_by_text("Unsaved changes", exact=True)).to_be_visible(timeout=SLOW)
    builder.keyboard.press("Control+s")
    expect(builder.get_by_text("Version 2 ·")).to_be_visible(timeout=SLOW)
    builder.reload()
    expect(builder.get_by_label("Role")).to_have_value("Adds up", timeout=SLOW)
    expect(builder.locator(".af-msg-agent")).to_contain_text("421.6", timeout=SLOW)


def test_what_was_typed_a_moment_before_is_created_and_saved(builder: Page) -> None:
    """By pointer, by keyboard, and by a click without either, as aids of people who cannot use them send it."""
    open_new_agent(builder, "Quick")
    editor = builder.locator(".cm-content")
    editor.click()
    builder.keyboard.insert_text("Answer in three points.")
    create(builder)
    expect(editor).to_have_text("Answer in three points.")
    save = builder.get_by_role("button", name="Save", exact=True)
    by_keyboard, by_neither = partial(builder.keyboard.press, "Control+s"), partial(save.evaluate, "(one) => one.click()")
    ways = {"pointer": save.click, "keyboard": by_keyboard, "neither": by_neither}
    for version, (way, press) in enumerate(ways.items(), start=2):
        builder.get_by_label("Role").fill(f"Saved by {way}")
        expect(builder.get_by_text("Unsaved changes", exact=True)).to_be_visible(timeout=SLOW)
        editor.click()
        builder.keyboard.press("Control+End")
        builder.keyboard.insert_text(f" By {way}.")
        press()
        expect(builder.get_by_text(f"Version {version} ·")).to_be_visible(timeout=SLOW)
    builder.reload()
    expect(editor).to_have_text("Answer in three points. By pointer. By keyboard. By neither.", timeout=SLOW)


def test_an_answer_can_be_stopped_and_goes_on_after_a_reload(builder: Page) -> None:
    open_new_agent(builder, "Talker")
    create(builder)
    ask(builder, LONG_ANSWER)
    expect(builder.locator(".af-md-writing")).to_contain_text("One two", timeout=SLOW)
    builder.reload()
    expect(builder.locator(".af-md-writing")).to_contain_text("One two", timeout=SLOW)
    builder.get_by_role("button", name="Stop the answer").click()
    answer = builder.locator(".af-msg-agent").last
    expect(answer.get_by_text("Stopped here.")).to_be_visible(timeout=SLOW)
    expect(answer).to_contain_text("One two")
    builder.reload()
    expect(builder.locator(".af-msg-agent").last).to_contain_text("One two", timeout=SLOW)


def test_an_answer_is_written_anew_and_a_question_edited(builder: Page) -> None:
    open_new_agent(builder, "Echo")
    ask(builder, "[[say:First words]]")
    answer = builder.locator(".af-msg-agent")
    expect(answer.locator(".af-msg-figures")).to_contain_text("out", timeout=SLOW)
    builder.get_by_role("button", name="Answer again").click()
    expect(answer).to_contain_text("2 / 2", timeout=SLOW)
    builder.get_by_role("button", name="Edit and send again").click()
    editor = builder.get_by_label("Edit your message")
    editor.fill("[[say:Second words]]")
    editor.press("Enter")
    expect(answer.locator(".af-md")).to_have_text("Second words", timeout=SLOW)
    expect(builder.locator(".af-bubble")).to_have_count(1)


def test_older_answers_and_questions_are_opened_with_the_branch_that_followed_them(builder: Page) -> None:
    open_new_agent(builder, "Branches")
    ask(builder, "[[say:First words]]")
    answers = builder.locator(".af-msg-agent .af-md")
    figures = builder.locator(".af-msg-figures")
    expect(figures).to_contain_text("out", timeout=SLOW)
    builder.get_by_role("button", name="Edit and send again").click()
    editor = builder.get_by_label("Edit your message")
    editor.fill("[[say:Second words]]")
    editor.press("Enter")
    expect(answers).to_have_text("Second words", timeout=SLOW)
    expect(figures).to_contain_text("out", timeout=SLOW)
    ask(builder, "[[say:A follow-up]]")
    expect(answers).to_have_text(["Second words", "A follow-up"], timeout=SLOW)
    expect(figures).to_have_count(2, timeout=SLOW)
    builder.get_by_role("button", name="Earlier question").first.click()
    expect(answers).to_have_text(["First words"], timeout=SLOW)
    create(builder)
    builder.reload()
    expect(answers).to_have_text(["First words"], timeout=SLOW)
    expect(builder.get_by_role("button", name="Earlier question")).to_be_disabled()
    builder.get_by_role("button", name="Later question").click()
    expect(answers).to_have_text(["Second words", "A follow-up"], timeout=SLOW)


def test_a_failed_answer_says_why_and_can_be_retried(builder: Page) -> None:
    open_new_agent(builder, "Unlucky")
    ask(builder, "[[fail:401]]")
    failure = builder.locator(".af-msg-agent").last
    expect(failure).to_contain_text("No answer", timeout=SLOW)
    failure.get_by_role("button", name="Try again").click()
    expect(failure).to_contain_text("2 / 2", timeout=SLOW)


def test_a_stale_save_is_compared_and_merged(builder: Page, context: BrowserContext, second_tab: Page) -> None:
    open_new_agent(builder, "Shared")
    create(builder)
    second_tab.goto(builder.url)
    expect(second_tab.get_by_label("Role")).to_be_visible(timeout=SLOW)
    builder.get_by_label("Role").fill("From the first window")
    builder.get_by_label("Name").fill("Shared by two")
    builder.get_by_role("button", name="Save", exact=True).click()
    expect(builder.get_by_text("Version 2 ·")).to_be_visible(timeout=SLOW)
    second_tab.get_by_label("Role").fill("From the second window")
    second_tab.get_by_label("Time limit").fill("60")
    second_tab.get_by_role("button", name="Save", exact=True).click()
    dialog = second_tab.get_by_role("dialog")
    expect(dialog.get_by_text("both changed it")).to_have_count(1, timeout=SLOW)
    dialog.get_by_role("radio", name=re.compile("From the first window")).click()
    dialog.get_by_role("button", name="Merge and save").click()
    expect(second_tab.get_by_text("Version 3 ·")).to_be_visible(timeout=SLOW)
    expect(second_tab.get_by_label("Role")).to_have_value("From the first window")
    expect(second_tab.get_by_label("Name")).to_have_value("Shared by two")
    expect(second_tab.get_by_label("Time limit")).to_have_value("60")


def test_mistakes_stand_at_their_fields_and_nothing_is_saved(builder: Page) -> None:
    open_new_agent(builder, "Wrong")
    builder.locator(".cm-content").click()
    builder.keyboard.type("Hello {{ inputs.name | shout ")
    expect(builder.locator("#error-instructions")).to_contain_text("line 1", timeout=SLOW)
    builder.get_by_role("button", name="Create").click()
    expect(builder.get_by_text("please mend the marked fields")).to_be_visible(timeout=SLOW)
    expect(builder).to_have_url(re.compile("/agents/new$"))


def test_what_a_model_writes_is_shown_without_html_or_remote_pictures(builder: Page) -> None:
    open_new_agent(builder, "Hostile")
    ask(builder, "[[say:<img src=x onerror=alert(1)> ![p](https://evil.example/?q=1) [a](javascript:alert(1)) **ok**]]")
    words = builder.locator(".af-msg-agent .af-md")
    expect(words.locator("strong")).to_have_text("ok", timeout=SLOW)
    expect(words.locator("img")).to_have_count(0)
    expect(words.locator("a[href^='javascript']")).to_have_count(0)


def test_unsaved_changes_are_not_left_by_accident(builder: Page) -> None:
    open_new_agent(builder, "Precious")
    expect(builder.get_by_text("Unsaved changes", exact=True)).to_be_visible(timeout=SLOW)
    builder.once("dialog", lambda dialog: dialog.dismiss())
    with builder.expect_event("dialog") as asked:
        builder.get_by_role("link", name="All agents").click()
    assert "unsaved changes" in asked.value.message
    expect(builder).to_have_url(re.compile("/agents/new$"))


def test_back_asks_before_unsaved_changes_are_lost(builder: Page) -> None:
    builder.goto("/agents")
    builder.get_by_role("link", name="New agent").first.click()
    builder.get_by_label("Role").fill("Weighs gold")
    with builder.expect_event("dialog", lambda dialog: "unsaved changes" in dialog.message) as kept:
        builder.once("dialog", lambda dialog: dialog.dismiss())
        builder.evaluate("history.back()")
    assert kept.value.type == "confirm"
    expect(builder).to_have_url(re.compile("/agents/new$"))
    expect(builder.get_by_label("Role")).to_have_value("Weighs gold")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    builder.on("dialog", leave)
    builder.evaluate("history.back()")
    expect(builder).to_have_url(re.compile("/agents/?$"))
    assert len(asked) == 1


def test_a_refused_message_comes_back_once_and_what_is_typed_later_is_kept(builder: Page) -> None:
    open_new_agent(builder, "Greeter")
    builder.locator(".cm-content").click()
    builder.keyboard.insert_text("Greet {{ inputs.customer }} warmly.")
    value = builder.get_by_label("Test value of inputs.customer")
    expect(value).to_be_visible(timeout=SLOW)
    box = builder.get_by_label("Message to the agent")
    ask(builder, "REFUSED-1 hello")
    refusal = builder.locator(".af-chat-problem")
    expect(refusal).to_be_visible(timeout=SLOW)
    expect(box).to_have_value("REFUSED-1 hello")
    value.fill("Anna")
    expect(refusal).to_be_hidden(timeout=SLOW)
    create(builder)
    expect(value).to_have_value("Anna")
    expect(box).to_have_value("REFUSED-1 hello")
    box.press("Enter")
    expect(builder.locator(".af-msg-figures")).to_contain_text("out", timeout=SLOW)
    builder.reload()
    expect(builder.locator(".af-bubble")).to_have_text("REFUSED-1 hello", timeout=SLOW)
    expect(box).to_have_value("")
    box.fill("and later")
    builder.reload()
    expect(builder.locator(".af-bubble")).to_be_visible(timeout=SLOW)
    expect(box).to_have_value("and later")
    builder.goto("/agents/new")
    expect(builder.locator(".cm-content")).to_be_visible(timeout=SLOW)
    expect(box).to_have_value("")


def test_escape_stops_an_answer_that_is_written_anew(builder: Page) -> None:
    open_new_agent(builder, "Talker")
    ask(builder, LONG_ANSWER)
    expect(builder.locator(".af-md-writing")).to_contain_text("One two", timeout=SLOW)
    builder.keyboard.press("Escape")
    answer = builder.locator(".af-msg-agent").last
    expect(answer.get_by_text("Stopped here.")).to_be_visible(timeout=SLOW)
    answer.get_by_role("button", name="Answer again").click()
    expect(builder.locator(".af-md-writing")).to_contain_text("One two", timeout=SLOW)
    builder.locator("body").evaluate("() => document.activeElement.blur()")
    builder.keyboard.press("Escape")
    expect(answer).to_contain_text("2 / 2", timeout=SLOW)
    expect(answer.get_by_text("Stopped here.")).to_be_visible(timeout=SLOW)
    bubble = builder.locator(".af-bubble")
    until(lambda: bubble.evaluate("one => one.scrollHeight > one.clientHeight + 1"), timeout_s=20, what="the long bubble")
    builder.get_by_role("button", name="Show all").click()
    until(lambda: bubble.evaluate("one => one.scrollHeight <= one.clientHeight + 1"), timeout_s=20, what="all of it")


def test_a_variable_that_is_not_chosen_leaves_nothing_and_a_new_field_is_named_at_once(builder: Page) -> None:
    open_new_agent(builder, "Names")
    editor = builder.locator(".cm-content")
    editor.click()
    builder.keyboard.insert_text("Hello ")
    builder.get_by_role("button", name="Insert a variable").first.click()
    expect(builder.get_by_role("option", name="New input…")).to_be_visible()
    builder.keyboard.press("Escape")
    expect(editor).to_have_text("Hello ")
    builder.get_by_role("button", name="Insert a variable").first.click()
    builder.get_by_role("option", name="New input…").click()
    builder.keyboard.insert_text("guest")
    expect(editor).to_have_text("Hello {{ inputs.guest }}")
    builder.get_by_role("switch", name="Structured output").click()
    builder.get_by_role("button", name="Add field", exact=True).click()
    expect(builder.get_by_label("Field name").last).to_be_focused(timeout=SLOW)
