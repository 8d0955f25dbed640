"""Two people in two browsers: invited, let in, demoted, removed; and what one does for the safety of one's own account."""

import re
import time
from base64 import b32decode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.services.accounts import totp
from tests.e2e.test_accounts import PASSWORD, sign_in, sign_out, sign_up
from tests.support.site import Site

FRESH = "a wholly other phrase 7"


@pytest.fixture
def other(browser: Browser, site: Site) -> Iterator[Page]:
    """A second person's browser."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def follow_letter(page: Page, subject: str, to: str, *, number: int = 1) -> None:
    """Open the link of the newest letter of this kind, as its receiver would; `number` of them have come by now."""
    page.goto("/outbox")
    letters = page.get_by_role("article").filter(has_text=subject).filter(has_text=to)
    expect(letters).to_have_count(number)
    letters.first.get_by_role("link", name="Open the link").click()
    expect(page).not_to_have_url(re.compile("/outbox"))


def invite(page: Page, email: str, role: str) -> None:
    page.goto("/settings/members")
    page.get_by_role("button", name="Invite people").click()
    page.get_by_label("E-mail addresses").fill(email)
    page.get_by_label("Role", exact=True).select_option(role)
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_text("1 invitation on the way.")).to_be_visible()


def line_of(page: Page, email: str):  # type: ignore[no-untyped-def] - a locator
    return page.locator(".af-member").filter(has_text=email)


def join(page: Page, other: Page, role: str) -> str:
    """Grace, in the other browser, joins the workspace of the first; returns her address."""
    email = sign_up(other, "Grace Hopper")
    invite(page, email, role)
    follow_letter(other, "invites you", email)
    expect(other.get_by_text("Ada's workspace").first).to_be_visible()
    other.get_by_role("button", name="Accept and join").click()
    expect(other.get_by_role("button", name="Switch workspace")).to_contain_text("Ada's workspace")
    return email


def test_who_is_invited_joins_with_the_offered_role_and_loses_power_when_demoted_and_removed(page: Page, other: Page) -> None:
    sign_up(page)
    email = join(page, other, "admin")
    other.goto("/settings/members")
    expect(other.get_by_role("button", name="Invite people")).to_be_visible()
    page.goto("/settings/members")
    line_of(page, email).get_by_role("combobox").select_option("viewer")
    expect(page.get_by_text("The role is changed.")).to_be_visible()
    other.get_by_role("button", name="Invite people").click()  # the page is still open, and knows nothing of it
    other.get_by_label("E-mail addresses").fill("somebody@example.com")
    other.get_by_role("button", name="Send invitations").click()
    expect(other.get_by_text("may not do this").first).to_be_visible()
    line_of(page, email).get_by_role("button", name=re.compile("More about")).click()
    page.get_by_role("menuitem", name="Remove from workspace").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Grace Hopper is removed.")).to_be_visible()
    expect(line_of(page, email)).to_have_count(0)
    other.goto("/")
    expect(other.get_by_role("button", name="Switch workspace")).to_contain_text("Grace's workspace")


def test_an_invitation_is_declined_and_a_workspace_is_left_from_the_profile(page: Page, other: Page) -> None:
    sign_up(page)
    email = sign_up(other, "Grace Hopper")
    invite(page, email, "member")
    follow_letter(other, "invites you", email)
    other.get_by_role("button", name="Decline", exact=True).click()
    other.get_by_role("alertdialog").get_by_role("button", name="Decline", exact=True).click()
    expect(other.get_by_text("You declined.")).to_be_visible()
    invite(page, email, "member")
    follow_letter(other, "invites you", email, number=2)
    other.get_by_role("button", name="Accept and join").click()
    expect(other.get_by_role("button", name="Switch workspace")).to_contain_text("Ada's workspace")
    other.goto("/settings")
    mine = other.get_by_role("list", name="Your workspaces")
    mine.get_by_role("button", name="Leave Ada's workspace", exact=True).click()
    other.get_by_role("alertdialog").get_by_role("button", name="Leave", exact=True).click()
    expect(other.get_by_role("button", name="Switch workspace")).to_contain_text("Grace's workspace")
    other.goto("/settings")
    expect(mine.get_by_role("listitem")).to_have_count(1)


def test_a_letter_for_somebody_else_lets_nobody_in(page: Page, other: Page) -> None:
    sign_up(page)
    invite(page, "the.receiver@example.com", "member")
    sign_up(other, "Eve Other")
    follow_letter(other, "invites you", "the.receiver@example.com")
    expect(other.get_by_text("This invitation is for")).to_be_visible()
    expect(other.get_by_role("button", name="Accept and join")).to_have_count(0)


def test_a_visitor_comes_from_a_link_through_sign_up_into_the_workspace_once(page: Page, other: Page) -> None:
    sign_up(page)
    page.goto("/settings/invitations")
    page.get_by_role("button", name="Invite people").first.click()
    page.get_by_role("radio", name="By link").click()
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_role("dialog").locator("code").inner_text()
    other.goto(link)
    other.get_by_role("link", name="Create an account").click()
    expect(other.get_by_text("Ada Lovelace invites you to Ada's workspace.")).to_be_visible()
    other.get_by_label("Name").fill("Linus Link")
    other.get_by_label("E-mail").fill(f"linus-{time.time_ns()}@example.com")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Create account").click()
    other.get_by_role("button", name="Accept and join").click()
    expect(other.get_by_role("button", name="Switch workspace")).to_contain_text("Ada's workspace")
    other.goto(link)
    expect(other.get_by_role("heading", name="You are in already")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link opens nothing")).to_be_visible()


def test_the_workspace_is_handed_over_and_left(page: Page, other: Page) -> None:
    sign_up(page)
    email = join(page, other, "member")
    page.goto("/settings/members")
    line_of(page, email).get_by_role("button", name=re.compile("More about")).click()
    page.get_by_role("menuitem", name="Hand the workspace over").click()
    page.get_by_role("dialog").get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Grace Hopper owns the workspace now.")).to_be_visible()
    page.locator(".af-member").filter(has_text="You").get_by_role("button", name=re.compile("More about")).click()
    page.get_by_role("menuitem", name="Leave workspace").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_role("button", name="Switch workspace")).to_be_visible()
    other.goto("/settings/members")
    expect(other.locator(".af-member")).to_have_count(1)


def test_a_forgotten_password_is_reset_by_its_letter(page: Page) -> None:
    email = sign_up(page)
    sign_out(page)
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("button", name="Send the link")).to_be_visible()  # the sign-in page has an e-mail field, too
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("No mail server is set up here")).to_be_visible()
    expect(page.get_by_role("link", name="outbox")).to_have_attribute("href", "/outbox")
    follow_letter(page, "Choose a new password", email)
    page.get_by_label("New password", exact=True).fill(FRESH)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    sign_in(page, email, FRESH)
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()


def test_an_authenticator_app_is_set_up_and_asked_for(page: Page) -> None:
    email = sign_up(page)
    page.goto("/settings/security")
    page.get_by_role("button", name="Set up an authenticator app").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    secret = base32(dialog.locator("code").inner_text())
    dialog.get_by_label("Code").fill(totp.code_at(secret, int(time.time()) // 30))
    dialog.get_by_role("button", name="Turn on").click()
    codes = page.get_by_role("dialog").locator("li code")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    sign_out(page)
    sign_in(page, email)
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This code is not right.")).to_be_visible()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()


def base32(shown: str) -> bytes:
    text = shown.replace(" ", "")
    return b32decode(text + "=" * (-len(text) % 8))
