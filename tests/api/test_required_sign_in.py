"""A workspace that opens through its own provider alone tells people so, where they come by another way: with a password, or invited."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlmodel import col

from app.core.destinations import OWN_ACCOUNT
from app.core.permissions import OwnSignInNeeded
from app.core.uow import Actor
from app.services import accounts
from app.services.members import accept_invitation, get_invitation, invite_by_link, leave_workspace
from app.session import COOKIE
from app.wiring import Wiring
from models.user import User
from models.workspace import Membership, Role
from tests.api.test_auth import post
from tests.api.test_workspace_sign_in import (
    PATH,
    VICTIM,
    account,
    actor_of,
    admin,
    browser,
    dns,
    fake,
    go,
    owner,
    set_up,
    settings,
    there,
)
from tests.support.api import data_of, refusal_of, visitor
from tests.support.fake_oidc import FakeOidc

PROOF = {"email": VICTIM, "password": "engine of analysis 9"}
__all__ = ["admin", "browser", "dns", "fake", "owner", "settings", "there"]


def require_own_way(there: Wiring, admin: TestClient, browser: TestClient, fake: FakeOidc, owner: Actor) -> str:
    """Somebody has come in by it, and it is the only way from now on; returns the door's page."""
    account(there, "first@example.com", colleague_of=owner)
    fake.email, email = "first@example.com", fake.email
    key = set_up(admin, fake)
    go(browser, fake, key)
    browser.cookies.clear()
    fake.email, fake.subject = email, "another"
    data_of(admin.put(f"{PATH}/required", json={"is_required": True}))
    return f"/sign-in/workspace?door={key.removeprefix('ws-')}&required=1"


def test_who_has_no_other_workspace_is_led_to_its_provider_after_the_right_password_and_told_over_the_api(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = account(there, colleague_of=owner)
    with there.unit() as uow:
        user = uow.session.get_one(User, ada.user_id)
        user.password_hash = there.ports.hasher.hash("engine of analysis 9")
    proof = {"email": VICTIM, "password": "engine of analysis 9"}
    door = require_own_way(there, admin, browser, fake, owner)
    assert post(browser, "sign-in", **proof).json()["next"] == "/"  # to the workspace of her own
    browser.cookies.clear()
    with there.unit() as uow:
        uow.session.connection().execute(sa.delete(Membership).where(col(Membership.workspace_id) == ada.workspace_id))
    assert post(browser, "sign-in", **proof | {"password": "not the password"}).status_code == 401  # and nothing about any workspace
    assert post(browser, "sign-in", **proof).json()["next"] == door
    assert COOKIE not in browser.cookies
    refused = visitor(there).post("/api/v1/auth/login", json=proof)
    assert refusal_of(refused) == (403, "workspace_sign_in_needed")
    assert "Corp" in refused.text
    go(browser, fake, f"ws-{door.partition('door=')[2].partition('&')[0]}")
    found = actor_of(there, browser)
    assert found is not None
    assert (found.user_id, found.workspace_id) == (ada.user_id, owner.workspace_id)


def shut_in(there: Wiring, admin: TestClient, browser: TestClient, fake: FakeOidc, owner: Actor) -> Actor:
    """Ada has a password, and belongs to nothing but a workspace that opens through its own provider."""
    ada = account(there, colleague_of=owner)
    with there.unit() as uow:
        uow.session.get_one(User, ada.user_id).password_hash = there.ports.hasher.hash(PROOF["password"])
    require_own_way(there, admin, browser, fake, owner)
    with there.unit() as uow:
        uow.session.connection().execute(sa.delete(Membership).where(col(Membership.workspace_id) == ada.workspace_id))
    browser.cookies.clear()
    return ada


def test_who_belongs_only_there_reaches_the_own_account_and_nothing_of_the_workspace(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = shut_in(there, admin, browser, fake, owner)
    assert post(browser, "sign-in", **PROOF).json()["next"].startswith("/sign-in/workspace?door=")
    assert COOKIE not in browser.cookies
    assert post(browser, "sign-in", **PROOF, next=OWN_ACCOUNT).json()["next"] == OWN_ACCOUNT
    found = actor_of(there, browser)
    assert found is not None
    assert (found.user_id, found.is_confined, found.role) == (ada.user_id, False, Role.OWNER)
    assert found.workspace_id != owner.workspace_id
    with there.unit() as uow:
        uow.actor = found
        assert accounts.get_account(uow).has_password
        with pytest.raises(accounts.WorkspaceSignInNeeded):
            accounts.switch_workspace(uow, workspace_id=owner.workspace_id)
    assert post(browser, "sign-in", **PROOF).json()["next"] == "/", "from now on there is a workspace that opens"
    again = actor_of(there, browser)
    assert again is not None
    assert again.workspace_id == found.workspace_id


def test_a_program_reaches_the_own_account_when_it_asks_for_that_and_leaves_the_closed_workspace(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    shut_in(there, admin, browser, fake, owner)
    program = visitor(there)
    assert refusal_of(program.post("/api/v1/auth/login", json=PROOF)) == (403, "workspace_sign_in_needed")
    wrong = {**PROOF, "password": "not the password", "own_account": True}
    assert refusal_of(program.post("/api/v1/auth/login", json=wrong)) == (401, "sign_in_refused")
    pair = data_of(program.post("/api/v1/auth/login", json={**PROOF, "own_account": True}))
    program.headers["Authorization"] = f"Bearer {pair['access_token']}"
    closed = str(owner.workspace_id)
    assert data_of(program.get("/api/v1/users/me"))["workspace_id"] != closed
    assert data_of(program.get("/api/v1/members"))["total"] == 1
    data_of(program.get("/api/v1/users/me/sessions"))
    assert refusal_of(program.post(f"/api/v1/workspaces/{closed}/select")) == (403, "workspace_sign_in_needed")
    assert closed in {row["id"] for row in data_of(program.get("/api/v1/workspaces"))["items"]}
    assert refusal_of(program.post(f"/api/v1/workspaces/{owner.user_id}/leave", json={})) == (404, "not_found")
    data_of(program.post(f"/api/v1/workspaces/{closed}/leave", json={}))
    assert closed not in {row["id"] for row in data_of(program.get("/api/v1/workspaces"))["items"]}
    assert refusal_of(program.post(f"/api/v1/workspaces/{closed}/leave", json={})) == (404, "not_found")
    data_of(program.get("/api/v1/users/me"))


def test_who_came_in_through_a_provider_leaves_no_other_workspace(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = account(there, colleague_of=owner)
    with there.unit() as uow:
        uow.actor = replace(ada, workspace_id=owner.workspace_id, is_confined=True)
        with pytest.raises(OwnSignInNeeded):
            leave_workspace(uow, workspace_id=str(ada.workspace_id))


def test_an_invitation_into_a_workspace_that_opens_through_its_provider_leads_there(
    there: Wiring, owner: Actor, admin: TestClient, browser: TestClient, fake: FakeOidc
) -> None:
    ada = account(there)
    door = require_own_way(there, admin, browser, fake, owner)
    token = there.call(invite_by_link, owner, role="member").url.partition("token=")[2]
    with there.unit() as uow:
        uow.actor = ada
        assert get_invitation(uow, token=token).opens_through == "Corp"
        assert accept_invitation(uow, token=token).door == door
    go(browser, fake, f"ws-{door.partition('door=')[2].partition('&')[0]}")
    found = actor_of(there, browser)
    assert found is not None
    assert (found.user_id, found.workspace_id, found.role, found.is_confined) == (ada.user_id, owner.workspace_id, Role.MEMBER, True)
