"""What a workspace is connected to, in the browsers of an admin who connects and disconnects, and of a viewer who may only look."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.services.accounts import resolve_actor
from app.session import token_from_cookies
from tests.e2e.test_members import join, sign_up
from tests.support.demo import Demo
from tests.support.endpoints import make_endpoint
from tests.support.site import Site

SECRET = "canary-connections-5d81f0"
CONNECTIONS = "/settings/connections"


@pytest.fixture
def others(browser: Browser, site: Site) -> Iterator[tuple[Page, Page]]:
    """Two more browsers."""
    contexts = [browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce") for _ in range(2)]
    first, second = (context.new_page() for context in contexts)
    yield first, second
    for context in contexts:
        context.close()


def connect_key(admin: Page) -> None:
    """Save the key of a service, on the page that an empty list of connections leads to."""
    admin.goto(CONNECTIONS)
    expect(admin.get_by_role("heading", name="Connected to nothing yet", exact=True)).to_be_visible()
    admin.get_by_role("main").get_by_role("link", name="Credentials", exact=True).last.click()
    admin.get_by_role("button", name="New credential").first.click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Customer records")
    dialog.locator("[name=secret]").fill(SECRET)
    dialog.get_by_label("Allowed hosts").fill("crm.example.com")
    dialog.get_by_role("button", name="Save credential").click()
    expect(admin.get_by_text("Credential saved.")).to_be_visible()


def connect_endpoint(demo: Demo, admin: Page) -> None:
    """A receiver of the workspace's events; its form has a journey of its own."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in admin.context.cookies())  # type: ignore[typeddict-item]
    actor = demo.wiring.call(resolve_actor, None, token=token_from_cookies(cookies))
    demo.wiring.call(make_endpoint, actor, name="Warehouse")


def lines(page: Page) -> tuple[Locator, Locator]:
    """The saved key and the receiver, as lines of the list."""
    key, receiver = (page.get_by_role("row").filter(has_text=name) for name in ("Customer records", "Warehouse"))
    return key, receiver


def look_and_change_nothing(viewer: Page) -> None:
    """Everything is seen but the secret; nothing can be pressed."""
    viewer.goto(CONNECTIONS)
    key, receiver = lines(viewer)
    expect(key).to_contain_text("Not tested")
    expect(receiver).to_contain_text("Nothing sent yet")
    expect(viewer.get_by_text("The provider of sign-ins and the payout account are shown to owners.")).to_be_visible()
    key.get_by_role("link", name="Customer records").click()
    expect(viewer.get_by_role("row").filter(has_text="Customer records")).to_contain_text("crm.example.com")
    expect(viewer.get_by_role("button", name="Delete Customer records")).to_have_count(0)
    expect(viewer.get_by_role("button", name="New credential")).to_have_count(0)
    assert SECRET not in viewer.content()
    viewer.goto(CONNECTIONS)
    receiver.get_by_role("link", name="Warehouse").click()
    expect(viewer.get_by_role("heading", name="Warehouse")).to_be_visible()
    expect(viewer.get_by_role("button", name="Pause")).to_have_count(0)


def disconnect(admin: Page) -> None:
    """From the list to where each is managed."""
    admin.goto(CONNECTIONS)
    admin.get_by_role("link", name="Warehouse").click()
    admin.get_by_role("button", name="Pause").click()
    expect(admin.get_by_text("Paused. Messages wait for a day at most.")).to_be_visible()
    admin.goto(CONNECTIONS)
    expect(admin.get_by_role("row").filter(has_text="Warehouse")).to_contain_text("Paused")
    admin.get_by_role("link", name="Customer records").click()
    admin.get_by_role("button", name="Delete Customer records").click()
    asked = admin.get_by_role("dialog")
    expect(asked).to_contain_text("No workflow and no agent uses it.")
    asked.get_by_role("button", name="Delete credential").click()
    expect(admin.get_by_text("'Customer records' was deleted.")).to_be_visible()


def test_an_admin_disconnects_what_a_viewer_only_sees(page: Page, others: tuple[Page, Page], demo: Demo) -> None:
    admin, viewer = others
    sign_up(page)
    join(page, admin, "admin")
    join(page, viewer, "viewer")
    connect_key(admin)
    connect_endpoint(demo, admin)
    look_and_change_nothing(viewer)
    disconnect(admin)
    viewer.goto(CONNECTIONS)
    key, receiver = lines(viewer)
    expect(receiver).to_contain_text("Paused")
    expect(key).to_have_count(0)
    page.goto("/settings/audit")
    expect(page.get_by_role("table", name="Audit trail").get_by_role("row").filter(has_text="Customer records").first).to_contain_text(
        "Grace"
    )
