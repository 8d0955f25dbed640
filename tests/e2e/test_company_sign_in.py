"""A workspace's own provider in the browser: set up by discovery, one comes in by it as a newcomer, and an administrator takes it away."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from app.core.uow import Actor
from app.services.sign_ins import note_domain, read_domain
from models.sign_in import WorkspaceSignIn
from models.workspace import Membership, Role
from tests.e2e.test_accounts import sign_up
from tests.support.demo import Demo
from tests.support.other_oidc import other_oidc
from tests.support.site import Site

DOMAIN = "paula-and-sons.example"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation whose companies have their providers in the same house."""
    running = Site(tmp_path_factory.mktemp("company") / "data", environment={"AF_ALLOW_PRIVATE_NETWORK": "1"}).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def company() -> Iterator[str]:
    """The issuer of a company whose only person is Paula."""
    with other_oidc(sub="815", email=f"paula@{DOMAIN}", email_verified=True, name="Paula Poe") as issuer:
        yield issuer


@pytest.fixture
def paula(browser: Browser, site: Site) -> Iterator[Page]:
    """Her browser; the provider's own page would fetch its looks from afar."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.route(re.compile("^https://"), lambda route: route.abort())
    yield context.new_page()
    context.close()


def set_up(page: Page, issuer: str) -> str:
    """Fill the form in, have the provider asked, and return the address that is passed on to people."""
    page.goto("/settings/sign-in")
    page.get_by_label("Name", exact=True).fill("Poe Ltd")
    page.get_by_label("Issuer", exact=True).fill(issuer)
    page.get_by_label("Client id", exact=True).fill("agent-factory")
    page.get_by_label("Client secret", exact=True).fill("a secret")
    page.get_by_label("Role of newcomers").select_option("viewer")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("The provider answers.")).to_be_visible()
    address = page.locator("code").filter(has_text="/sign-in/workspace").first.inner_text()
    return address.strip()


def prove(demo: Demo, page: Page) -> None:
    """Add the domain in the browser, and say what its name server would: that stands on no machine of ours."""
    page.get_by_label("Domain", exact=True).fill(DOMAIN)
    page.get_by_role("button", name="Add domain").click()
    expect(page.get_by_text("Add this TXT record to the DNS, then confirm.")).to_be_visible()
    with demo.wiring.unit(write=False) as uow:
        owner = uow.session.exec(
            select(Membership)
            .join(WorkspaceSignIn, WorkspaceSignIn.workspace_id == Membership.workspace_id)  # type: ignore[arg-type]
            .where(WorkspaceSignIn.name == "Poe Ltd", Membership.role == Role.OWNER)
        ).one()
        actor = Actor(owner.user_id, owner.workspace_id, Role.OWNER)
    record = demo.wiring.call(read_domain, actor, domain=DOMAIN).record_value
    demo.wiring.call(note_domain, actor, domain=DOMAIN, texts=(record,))
    page.reload()
    expect(page.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)


def come_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Continue with Poe Ltd").click()
    page.get_by_role("button", name="815").click()


def test_a_newcomer_comes_in_by_the_companys_provider_until_an_administrator_takes_it_away(
    page: Page, paula: Page, company: str, demo: Demo
) -> None:
    sign_up(page)
    address = set_up(page, company)
    prove(demo, page)
    come_in(paula, address)
    expect(paula.get_by_role("button", name="Switch workspace")).to_contain_text("Ada's workspace")
    page.goto("/settings/members")
    line = page.locator(".af-member").filter(has_text=f"paula@{DOMAIN}")
    expect(line.get_by_role("combobox")).to_have_value("viewer")
    paula.goto("/workflows")
    expect(paula.get_by_role("heading", name="Workflows", exact=True)).to_be_visible()
    expect(paula.get_by_role("button", name="New workflow")).to_have_count(0)
    page.goto("/settings/sign-in")
    page.get_by_role("button", name="Take the sign-in off").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Take off").click()
    expect(page.get_by_text("The sign-in is taken off.")).to_be_visible()
    paula.goto("/workflows")
    expect(paula.get_by_role("heading", name=re.compile("Sign in"))).to_be_visible()
    paula.goto(address)
    expect(paula.get_by_text("This sign-in address is not valid any more.")).to_be_visible()
