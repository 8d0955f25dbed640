"""What a person does at the door: sign up, sign in, come back, sign out everywhere, try the demo."""

import re
import uuid

import pytest
from playwright.sync_api import BrowserContext, Page, expect

PASSWORD = "engine of analysis 9"


def sign_up(page: Page, name: str = "Ada Lovelace", email: str = "") -> str:
    email = email or f"ada-{uuid.uuid4().hex[:8]}@example.com"
    page.goto("/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name=f"Welcome, {name.split()[0]}")).to_be_visible(timeout=20_000)
    return email


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your account").first.click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_up_tells_mistakes_beside_the_fields_then_opens_home(page: Page) -> None:
    page.goto("/sign-up")
    page.get_by_label("E-mail").fill("ada")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Enter your name.")).to_be_visible()
    expect(page.get_by_text("It should look like name@example.com.")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    sign_up(page)
    expect(page.get_by_text("Ada's workspace").first).to_be_visible()
    expect(page.get_by_text("0 of 5")).to_be_visible()


def test_a_wrong_password_is_refused_and_the_right_one_leads_where_the_person_wanted_to_go(page: Page) -> None:
    email = sign_up(page)
    sign_out(page)
    page.goto("/settings")
    expect(page).to_have_url(re.compile(r"/sign-in/?\?next=/settings"))
    sign_in(page, email, "not the password")
    expect(page.get_by_text("The e-mail address or the password is not right.")).to_be_visible()
    sign_in(page, email.upper())
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()


def test_signing_out_signs_every_tab_out(page: Page, context: BrowserContext) -> None:
    sign_up(page)
    other = context.new_page()
    other.goto("/settings")
    expect(other.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    sign_out(page)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_browser_whose_session_was_ended_elsewhere_loses_power_with_its_next_click(page: Page, context: BrowserContext) -> None:
    email = sign_up(page)
    assert context.browser is not None
    elsewhere = context.browser.new_context(base_url=page.url)
    second = elsewhere.new_page()
    second.goto("/sign-in")
    sign_in(second, email)
    expect(second.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    page.goto("/settings/sessions")
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_role("button", name="Sign out the others").click()
    expect(page.get_by_text("Signed out 1 other browser.")).to_be_visible()
    second.get_by_role("link", name="Home", exact=True).first.click()
    expect(second.get_by_role("heading", name="Sign in")).to_be_visible()
    elsewhere.close()


def test_the_demo_account_opens_without_a_password(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Use the demo account").click()
    expect(page.get_by_role("heading", name="Welcome, Demo")).to_be_visible()
    expect(page.get_by_text("This is the shared demo account.")).to_be_visible()


def test_a_second_person_in_the_same_tab_sees_nothing_of_the_first(page: Page) -> None:
    sign_up(page, "Grace Hopper")
    sign_out(page)
    sign_up(page, "Ada Lovelace")
    assert "Grace" not in page.content()


def test_what_a_person_typed_is_not_shown_to_the_next_when_the_session_ended_by_itself(page: Page, context: BrowserContext) -> None:
    first = sign_up(page, "Grace Hopper")
    box = page.get_by_label("Message to the agent")
    page.goto("/agents/new")
    box.fill("Only for my eyes")
    end_session(page, context, first)
    sign_in(page, first)
    expect(box).to_have_value("Only for my eyes")
    end_session(page, context, first)
    sign_up(page, "Ada Lovelace")
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    page.wait_for_function("!JSON.stringify({...sessionStorage}).includes('eyes')")
    page.goto("/agents/new")
    expect(box).to_have_value("")


def end_session(page: Page, context: BrowserContext, email: str) -> None:
    """End it from another browser; the next click here leads to the sign-in page."""
    assert context.browser is not None
    elsewhere = context.browser.new_context(base_url=page.url)
    second = elsewhere.new_page()
    second.goto("/sign-in")
    sign_in(second, email)
    expect(second.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible()
    second.goto("/settings/sessions")
    second.get_by_role("button", name="Sign out everywhere else").click()
    second.get_by_role("button", name="Sign out the others").click()
    expect(second.get_by_text(re.compile(r"^Signed out \d other browsers?\.$"))).to_be_visible()
    elsewhere.close()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_session_cookie_is_out_of_reach_of_scripts(page: Page) -> None:
    sign_up(page)
    token = next(cookie.get("value", "") for cookie in page.context.cookies() if cookie.get("name") == "af_session")
    reachable = page.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage}) + document.documentElement.outerHTML")
    assert token not in reachable


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)"])
def test_a_crafted_sign_in_link_leads_home(page: Page, wanted: str) -> None:
    email = sign_up(page)
    sign_out(page)
    page.goto(f"/sign-in?next={wanted}")
    sign_in(page, email)
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
