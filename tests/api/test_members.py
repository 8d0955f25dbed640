"""Members over HTTP: seen by everybody, changed by who manages them, within the scopes of the key."""

from app.wiring import Wiring
from models.workspace import Role, Workspace
from tests.support.api import caller, data_of, person, refusal_of
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
