"""Deleting in the browser: a workspace that is found and restored, and an account whose address is free again."""

from playwright.sync_api import Page, expect

from tests.e2e.test_accounts import PASSWORD, sign_in, sign_up
from tests.e2e.test_agents import create, open_new_agent


def delete_current(page: Page, name: str) -> None:
    page.goto("/settings/workspace")
    page.get_by_role("button", name="Delete workspace", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name of the workspace", exact=True).fill(name)
    page.get_by_role("dialog").get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Delete this workspace", exact=True).click()


def test_a_workspace_is_deleted_found_and_restored_with_what_was_in_it(page: Page) -> None:
    sign_up(page)
    page.goto("/settings/workspace")
    page.get_by_label("Name of the new workspace", exact=True).fill("Sandbox")
    page.get_by_role("button", name="Create workspace", exact=True).click()
    expect(page.get_by_role("button", name="Switch workspace")).to_contain_text("Sandbox")
    open_new_agent(page, "Filing clerk")
    create(page)
    address = page.url
    delete_current(page, "sandbox")
    expect(page.get_by_text("Type the name of the workspace exactly as it is.")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Name of the workspace", exact=True).fill("Sandbox")
    page.get_by_role("dialog").get_by_role("button", name="Delete this workspace", exact=True).click()
    gone = page.get_by_role("list", name="Deleted workspaces")
    expect(gone.get_by_text("Sandbox", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Switch workspace")).to_contain_text("Ada's workspace")
    page.goto(address)
    expect(page.get_by_text("Filing clerk")).to_have_count(0)
    page.goto("/settings")
    gone.get_by_role("button", name="Restore Sandbox", exact=True).click()
    expect(page.get_by_role("button", name="Switch workspace")).to_contain_text("Sandbox")
    page.goto(address)
    expect(page.get_by_label("Name")).to_have_value("Filing clerk", timeout=30_000)


def test_an_account_is_deleted_cannot_sign_in_and_its_address_signs_up_again(page: Page) -> None:
    email = sign_up(page)
    page.goto("/settings")
    page.get_by_role("button", name="Delete account", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("“Ada's workspace”")).to_be_visible()
    dialog.get_by_label("E-mail address of your account", exact=True).fill(email)
    dialog.get_by_label("Your password", exact=True).fill("not my password 1")
    dialog.get_by_role("button", name="Delete my account", exact=True).click()
    expect(dialog.get_by_text("This is not your password.")).to_be_visible()
    dialog.get_by_label("Your password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Delete my account", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    sign_in(page, email)
    expect(page.get_by_text("The e-mail address or the password is not right.")).to_be_visible()
    sign_up(page, "Ada Again", email)
    page.goto("/settings")
    expect(page.get_by_role("list", name="Your workspaces").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_text("Deleted workspaces")).to_have_count(0)
