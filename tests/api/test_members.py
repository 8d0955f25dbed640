"""Members over HTTP: seen by everybody, changed by who manages them, within the scopes of the key."""

import pytest
from sqlmodel import col, select

from app.core.uow import Actor
from app.services import members
from app.services.access import list_api_keys
from app.services.accounts import hash_token
from app.session import COOKIE
from app.wiring import Wiring
from models.audit import AuditEntry
from models.user import UserSession
from models.workspace import Membership, Role, Workspace
from tests.support.api import caller, data_of, person, refusal_of, visitor
from tests.support.people import make_member


def test_members_are_listed_invited_demoted_and_removed(wiring: Wiring) -> None:
    owner = person(wiring, Role.OWNER)
    with wiring.unit() as uow:
        mia = make_member(uow, workspace=uow.session.get(Workspace, owner.workspace_id))
    client = caller(wiring, owner, "view", "manage_members")
    assert {row["role"] for row in data_of(client.get("/api/v1/members"))["items"]} == {"owner", "member"}
    made = data_of(client.post("/api/v1/invitations", json={"role": "viewer"}))
    assert made["url"].startswith(wiring.settings.public_url)
    assert [row["role"] for row in data_of(client.get("/api/v1/invitations"))["items"]] == ["viewer"]
    data_of(client.delete(f"/api/v1/invitations/{made['invitations'][0]['id']}"))
    program = caller(wiring, mia)
    data_of(client.patch(f"/api/v1/members/{mia.user_id}", json={"role": "viewer"}))
    assert refusal_of(program.post("/api/v1/agents", json={"name": "A"})) == (403, "not_allowed")
    data_of(client.delete(f"/api/v1/members/{mia.user_id}"))
    assert refusal_of(program.get("/api/v1/agents")) == (401, "not_signed_in")


def test_a_key_without_the_scope_and_a_member_change_nobody(wiring: Wiring) -> None:
    owner = person(wiring, Role.OWNER)
    looking = caller(wiring, owner, "view", "edit")
    assert refusal_of(looking.post("/api/v1/invitations", json={"role": "viewer"})) == (403, "scope_missing")
    member = caller(wiring, person(wiring))
    assert refusal_of(member.post("/api/v1/invitations", json={"role": "viewer"})) == (403, "not_allowed")
    assert refusal_of(member.delete(f"/api/v1/members/{owner.user_id}"))[0] in (403, 404)


def let_back_in(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit() as uow:
        uow.session.add(Membership(workspace_id=actor.workspace_id, user_id=actor.user_id, role=Role.MEMBER))


@pytest.mark.parametrize("how", ["removed", "left"])
def test_a_key_and_a_confined_session_of_a_former_member_stay_dead_when_they_come_back(wiring: Wiring, how: str) -> None:
    owner = person(wiring, Role.OWNER)
    with wiring.unit() as uow:
        mia = make_member(uow, workspace=uow.session.get(Workspace, owner.workspace_id))
        until = uow.ports.clock.now().replace(year=2099)
        inside = UserSession(user_id=mia.user_id, token_hash=hash_token("inside"), confined_to=mia.workspace_id, expires_at=until)
        uow.session.add(inside)
    program = caller(wiring, mia)
    browser = visitor(wiring, Cookie=f"{COOKIE}=inside")
    data_of(program.get("/api/v1/agents"))
    data_of(browser.get("/api/v1/agents"))
    if how == "removed":
        wiring.call(members.remove_member, owner, user_id=str(mia.user_id))
    else:
        wiring.call(members.leave_workspace, mia)
    let_back_in(wiring, mia)
    for client in (program, browser):
        assert refusal_of(client.get("/api/v1/agents")) == (401, "not_signed_in")
    with wiring.unit(write=False) as uow:
        uow.actor = owner
        assert [row.status for row in list_api_keys(uow, everyone=True)] == ["revoked"]
        told = uow.session.exec(select(AuditEntry).where(AuditEntry.kind == "API key").order_by(col(AuditEntry.seq))).all()
        assert "revoked_at" in told[-1].changes
