"""A workspace's own provider opens this workspace and nothing else, however much it lies; over real HTTP and a real name server."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.core.config import Settings
from app.core.uow import Actor
from app.services.accounts import resolve_actor
from app.session import COOKIE
from app.wiring import Wiring
from models.sign_in import WorkspaceIdentity
from models.user import User
from models.workspace import Membership, Role, Workspace
from tests.api.test_auth import client_of, post
from tests.api.test_external import begin, come_back
from tests.support.api import caller, data_of, person, refusal_of, visitor
from tests.support.fake_dns import FakeDns
from tests.support.fake_oidc import CLIENT_ID, CLIENT_SECRET, FakeOidc
from tests.support.people import make_member

PATH = "/api/v1/workspaces/current/sign-in"
MANAGES = ("view", "manage_workspace")
VICTIM = "ada@example.com"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The provider of these tests stands on this machine."""
    return replace(settings, allow_private_network=True)


@pytest.fixture
def fake() -> Iterator[FakeOidc]:
    provider = FakeOidc()
    provider.email = VICTIM
    yield provider
    provider.close()


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    server = FakeDns()
    yield server
    server.close()


@pytest.fixture
def there(wiring: Wiring, dns: FakeDns) -> Wiring:
    return replace(wiring, domains=dns.records_of)


@pytest.fixture
def owner(there: Wiring) -> Actor:
    """Mallory: owns a workspace and the provider of it."""
    return person(there, Role.OWNER)


@pytest.fixture
def admin(there: Wiring, owner: Actor) -> TestClient:
    return caller(there, owner, *MANAGES)


@pytest.fixture
def browser(there: Wiring) -> Iterator[TestClient]:
    with client_of(there) as opened:
        yield opened


def settings_for(fake: FakeOidc, **changed: Any) -> dict[str, Any]:
    return {"name": "Corp", "issuer": fake.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | changed


def set_up(admin: TestClient, fake: FakeOidc, **changed: Any) -> str:
    """The key of the provider, as its door names it."""
    found = data_of(admin.put(PATH, json=settings_for(fake, **changed)))
    return f"ws-{found['address'].rpartition('=')[2]}"


def prove(admin: TestClient, dns: FakeDns, domain: str = "example.com") -> None:
    (row,) = data_of(admin.post(f"{PATH}/domains", json={"domain": domain}))["domains"]
    dns.records[row["record_name"]] = ["v=spf1 -all", row["record_value"]]
    data_of(admin.post(f"{PATH}/domains/{domain}/confirm"))


def account(wiring: Wiring, email: str = VICTIM, **member_of: Actor) -> Actor:
    """Somebody with an account and a workspace of their own; `colleague_of` makes them a member there, too."""
    with wiring.unit() as uow:
        made = make_member(uow, Role.OWNER, name="Ada")
        user = uow.session.get_one(User, made.user_id)
        user.email = user.email_key = email
        for colleague in member_of.values():
            uow.session.add(Membership(workspace_id=colleague.workspace_id, user_id=made.user_id, role=Role.MEMBER))
    return made


def go(browser: TestClient, fake: FakeOidc, key: str) -> str:
    return come_back(browser, key, **fake.consent(begin(browser, key)))


def actor_of(wiring: Wiring, browser: TestClient) -> Actor | None:
    with wiring.unit(write=False) as uow:
        return resolve_actor(uow, token=browser.cookies.get(COOKIE) or "")


def count_people(wiring: Wiring) -> int:
    with wiring.unit(write=False) as uow:
        return len(uow.session.exec(select(User.id)).all())


def test_a_member_comes_in_with_the_role_held_there_and_into_this_workspace_alone(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = account(there, colleague_of=owner)
    key = set_up(admin, fake)
    for _ in range(2):
        assert go(browser, fake, key) == "/"
        actor = actor_of(there, browser)
        assert actor is not None
        assert (actor.user_id, actor.workspace_id, actor.role, actor.is_confined) == (ada.user_id, owner.workspace_id, Role.MEMBER, True)
    spaces = data_of(browser.get("/api/v1/workspaces"))["items"]
    assert [space["id"] for space in spaces] == [str(owner.workspace_id)]
    assert refusal_of(browser.post(f"/api/v1/workspaces/{ada.workspace_id}/select")) == (403, "own_sign_in_needed")
    assert len(data_of(browser.get("/api/v1/users/me/sessions"))["items"]) == 1


@pytest.mark.parametrize("has_account", [True, False])
@pytest.mark.parametrize("is_disabled", [True, False])
def test_of_an_address_outside_nothing_is_told_and_nothing_is_made(
    there: Wiring, admin: TestClient, browser: TestClient, fake: FakeOidc, has_account: bool, is_disabled: bool
) -> None:
    """Mallory's provider says that she is Ada: known or unknown, the answer is one and the same."""
    key = set_up(admin, fake, believes_email=True)
    if has_account:
        ada = account(there)
        with there.unit() as uow:
            user = uow.session.get_one(User, ada.user_id)
            user.disabled_at = uow.ports.clock.now() if is_disabled else None
    before = count_people(there)
    assert go(browser, fake, key) == "/sign-in?failed=not_invited"
    assert COOKIE not in browser.cookies
    assert count_people(there) == before


def test_an_address_that_the_provider_does_not_call_verified_is_taken_only_where_the_owners_say_so(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    account(there, colleague_of=owner)
    fake.verified = False
    assert go(browser, fake, set_up(admin, fake)) == "/sign-in?failed=address_unproved"
    assert go(browser, fake, set_up(admin, fake, believes_email=True)) == "/"


def test_a_proved_domain_brings_newcomers_in_with_the_role_for_them(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc, dns: FakeDns
) -> None:
    key = set_up(admin, fake, default_role="viewer")
    assert go(browser, fake, key) == "/sign-in?failed=not_invited"
    prove(admin, dns)
    assert go(browser, fake, key) == "/"
    actor = actor_of(there, browser)
    assert actor is not None
    assert (actor.workspace_id, actor.role) == (owner.workspace_id, Role.VIEWER)
    with there.unit(write=False) as uow:
        user = uow.session.exec(select(User).where(User.email_key == VICTIM)).one()
        assert (user.email_verified_at, user.password_hash) == (None, None)


@pytest.mark.parametrize("email", ["ada@sub.example.com", "ada@notexample.com", "ada@example.com.evil.example"])
def test_a_proved_domain_speaks_for_itself_alone(admin: TestClient, browser: TestClient, fake: FakeOidc, dns: FakeDns, email: str) -> None:
    key = set_up(admin, fake)
    prove(admin, dns)
    fake.email = email
    assert go(browser, fake, key) == "/sign-in?failed=not_invited"


def test_who_was_removed_does_not_come_back_by_it(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc, dns: FakeDns
) -> None:
    key = set_up(admin, fake)
    prove(admin, dns)
    go(browser, fake, key)
    ada = actor_of(there, browser)
    assert ada is not None
    manager = caller(there, owner, "view", "manage_members")
    data_of(manager.delete(f"/api/v1/members/{ada.user_id}"))
    assert actor_of(there, browser) is None
    assert go(browser, fake, key) == "/sign-in?failed=not_invited"


def test_a_domain_is_proved_by_its_own_record_alone(admin: TestClient, fake: FakeOidc, dns: FakeDns) -> None:
    set_up(admin, fake)
    data_of(admin.post(f"{PATH}/domains", json={"domain": "Example.COM."}))
    confirm = f"{PATH}/domains/example.com/confirm"
    assert refusal_of(admin.post(confirm)) == (409, "domain_not_proved")
    dns.records["_agent-factory.example.com"] = ["agent-factory=somebody else's"]
    assert refusal_of(admin.post(confirm)) == (409, "domain_not_proved")
    dns.is_down = True
    assert refusal_of(admin.post(confirm))[0] == 503


def test_a_domain_belongs_to_one_workspace(there: Wiring, admin: TestClient, fake: FakeOidc, dns: FakeDns) -> None:
    set_up(admin, fake)
    prove(admin, dns)
    other = caller(there, person(there, Role.OWNER), *MANAGES)
    set_up(other, fake)
    (row,) = data_of(other.post(f"{PATH}/domains", json={"domain": "example.com"}))["domains"]
    dns.records[row["record_name"]].append(row["record_value"])
    assert refusal_of(other.post(f"{PATH}/domains/example.com/confirm"))[0] == 409
    data_of(admin.delete(f"{PATH}/domains/example.com"))
    data_of(other.post(f"{PATH}/domains/example.com/confirm"))


def test_a_work_address_leads_to_the_provider_of_its_proved_domain_alone(
    admin: TestClient, browser: TestClient, fake: FakeOidc, dns: FakeDns
) -> None:
    set_up(admin, fake)
    data_of(admin.post(f"{PATH}/domains", json={"domain": "example.com"}))
    assert post(browser, "workspace", email=VICTIM).status_code == 422  # not proved: nobody is led to a stranger's page
    prove(admin, dns)
    assert post(browser, "workspace", email=VICTIM).json()["next"].startswith(f"{fake.issuer}/authorize?")
    assert post(browser, "workspace", email="x@other.example").status_code == 422


def test_where_it_is_required_members_come_in_by_no_other_way_and_owners_do(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = account(there, colleague_of=owner)
    key = set_up(admin, fake)
    assert refusal_of(admin.put(f"{PATH}/required", json={"is_required": True})) == (409, "conflict")  # nobody has come in by it yet
    own = visitor(there)
    with there.unit() as uow:
        user = uow.session.get_one(User, ada.user_id)
        user.password_hash = there.ports.hasher.hash("engine of analysis 9")
    pair = data_of(own.post("/api/v1/auth/login", json={"email": VICTIM, "password": "engine of analysis 9"}))
    own.headers["Authorization"] = f"Bearer {pair['access_token']}"
    data_of(own.post(f"/api/v1/workspaces/{owner.workspace_id}/select"))
    assert data_of(own.get("/api/v1/users/me"))["workspace_id"] == str(owner.workspace_id)
    go(browser, fake, key)
    data_of(admin.put(f"{PATH}/required", json={"is_required": True}))
    assert data_of(own.get("/api/v1/users/me"))["workspace_id"] == str(ada.workspace_id)  # the open session has lost it at once
    assert refusal_of(own.post(f"/api/v1/workspaces/{owner.workspace_id}/select")) == (403, "workspace_sign_in_needed")
    assert actor_of(there, browser) is not None
    data_of(admin.get(PATH))  # the owner is in as before
    data_of(admin.put(PATH, json=settings_for(fake, is_enabled=False)))
    data_of(own.post(f"/api/v1/workspaces/{owner.workspace_id}/select"))
    assert actor_of(there, browser) is None


@pytest.mark.parametrize("end", ["remove", "disable", "another issuer"])
def test_sessions_end_with_the_provider_that_opened_them(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc, end: str
) -> None:
    account(there, colleague_of=owner)
    go(browser, fake, set_up(admin, fake))
    assert actor_of(there, browser) is not None
    if end == "remove":
        data_of(admin.delete(PATH))
    elif end == "disable":
        set_up(admin, fake, is_enabled=False)
    else:
        set_up(admin, fake, issuer=f"{fake.issuer}/other")
        with there.unit(write=False) as uow:
            assert uow.session.exec(select(WorkspaceIdentity)).first() is None
    assert actor_of(there, browser) is None


def test_an_account_with_an_authenticator_app_is_entered_for_this_workspace_and_never_as_such(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = account(there, colleague_of=owner)
    with there.unit() as uow:
        user = uow.session.get_one(User, ada.user_id)
        user.totp_since = uow.ports.clock.now()
    assert go(browser, fake, set_up(admin, fake)) == "/"
    assert "af_second_factor" not in browser.cookies  # a ticket would open the whole account
    actor = actor_of(there, browser)
    assert actor is not None
    assert actor.is_confined


def test_a_workspaces_provider_cannot_be_linked_to_an_account(
    there: Wiring, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    key = set_up(admin, fake)
    post(browser, "sign-up", name="Ada", email=VICTIM, password="engine of analysis 9")
    assert browser.post(f"/api/v1/auth/external/{key}", json={"links": "1"}).status_code == 401


def test_a_state_of_one_workspaces_provider_is_refused_at_anothers(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    """Both use the same honest issuer; what was begun for one is worth nothing for the other."""
    account(there, colleague_of=owner)
    mine = set_up(admin, fake)
    theirs = set_up(caller(there, person(there, Role.OWNER), *MANAGES), fake)
    back = fake.consent(begin(browser, mine))
    assert come_back(browser, theirs, **back) == "/sign-in?failed=external_refused"
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("key", ["ws-", "ws-" + "0" * 32, "ws-nonsense", "ws-../../x"])
def test_a_door_that_is_not_there_opens_nothing(browser: TestClient, key: str) -> None:
    assert browser.post(f"/api/v1/auth/external/{key}", json={}).status_code in (401, 404)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_who_is_no_owner_neither_sees_nor_sets_it(there: Wiring, owner: Actor, admin: TestClient, fake: FakeOidc, role: Role) -> None:
    set_up(admin, fake)
    with there.unit() as uow:
        space = uow.session.get(Workspace, owner.workspace_id)
        other = make_member(uow, role, workspace=space)
    program = caller(there, other, "view")
    for answer in (program.get(PATH), program.put(PATH, json=settings_for(fake)), program.delete(PATH), program.post(f"{PATH}/test")):
        assert answer.status_code == 403


def test_the_secret_is_sealed_and_never_told(there: Wiring, admin: TestClient, fake: FakeOidc) -> None:
    answer = admin.put(PATH, json=settings_for(fake))
    assert CLIENT_SECRET not in answer.text
    assert data_of(answer)["last_four"] == CLIENT_SECRET[-4:]
    assert CLIENT_SECRET not in admin.get("/api/v1/audit").text
    kept = data_of(admin.put(PATH, json=settings_for(fake, client_secret="", name="Corp again")))
    assert (kept["name"], kept["last_four"]) == ("Corp again", CLIENT_SECRET[-4:])
    other = admin.put(PATH, json=settings_for(fake, client_secret="", issuer=f"{fake.issuer}/x"))  # our secret is not for a stranger
    assert other.json()["field_errors"].keys() == {"client_secret"}


def test_the_test_says_whether_anybody_could_sign_in(admin: TestClient, fake: FakeOidc) -> None:
    set_up(admin, fake)
    assert data_of(admin.post(f"{PATH}/test"))["test_ok"] is True
    fake.issuer_says = "https://somebody.example"
    found = data_of(admin.post(f"{PATH}/test"))
    assert (found["test_ok"], "issuer" in found["test_message"]) == (False, True)


@pytest.mark.parametrize(
    "issuer", ["", "corp", "http://corp.example", "ftp://corp.example", "https://corp.example?x=1", "https://corp.example#x"]
)
def test_an_issuer_that_cannot_be_one_is_refused_at_its_field(admin: TestClient, fake: FakeOidc, issuer: str) -> None:
    answer = admin.put(PATH, json=settings_for(fake, issuer=issuer))
    assert (answer.status_code, set(answer.json()["field_errors"])) == (422, {"issuer"})


@pytest.mark.parametrize("role", ["owner", "root", ""])
def test_newcomers_are_never_owners(admin: TestClient, fake: FakeOidc, role: str) -> None:
    assert set(admin.put(PATH, json=settings_for(fake, default_role=role)).json()["field_errors"]) == {"default_role"}
