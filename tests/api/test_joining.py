"""Invitations accepted and declined, ownership handed over, leaving: over HTTP, by the people themselves."""

from app.core.uow import Actor
from app.wiring import Wiring
from models.user import User
from models.workspace import Role, Workspace
from tests.support.api import caller, data_of, person, refusal_of, signed_in, visitor
from tests.support.inviting import last_letter, token_in
from tests.support.people import make_member

BELOW = "/api/v1/invitations"


def email_of(wiring: Wiring, actor: Actor) -> str:
    with wiring.unit(write=False) as uow:
        return uow.session.get_one(User, actor.user_id).email


def invited(wiring: Wiring, owner: Actor, email: str) -> str:
    data_of(caller(wiring, owner, "view", "manage_members").post(BELOW, json={"role": "member", "emails": [email]}))
    with wiring.unit(write=False) as uow:
        return token_in(last_letter(uow, email))


def colleague(wiring: Wiring, owner: Actor, role: Role = Role.MEMBER) -> Actor:
    with wiring.unit() as uow:
        return make_member(uow, role, workspace=uow.session.get(Workspace, owner.workspace_id))


def test_an_invitation_is_looked_at_by_anybody_with_its_link_and_accepted_by_its_person_once(wiring: Wiring) -> None:
    owner, mia, eve = person(wiring, Role.OWNER), person(wiring), person(wiring)
    token = {"token": invited(wiring, owner, email_of(wiring, mia))}
    shown = data_of(visitor(wiring).post(f"{BELOW}/show", json=token))
    assert (shown["role"], shown["email_hint"][1:]) == ("member", "…@example.com")
    assert data_of(signed_in(wiring, eve).post(f"{BELOW}/show", json=token))["is_for_me"] is False
    assert refusal_of(visitor(wiring, Authorization="Bearer none").post(f"{BELOW}/show", json=token)) == (401, "not_signed_in")
    assert refusal_of(visitor(wiring).post(f"{BELOW}/accept", json=token)) == (401, "not_signed_in")
    assert refusal_of(signed_in(wiring, eve).post(f"{BELOW}/accept", json=token)) == (403, "wrong_address")
    program = signed_in(wiring, mia)
    data_of(program.post(f"{BELOW}/accept", json=token))
    assert data_of(program.get("/api/v1/users/me"))["workspace_id"] == str(owner.workspace_id)
    data_of(program.post(f"{BELOW}/accept", json=token))  # the same letter leads there again
    assert refusal_of(signed_in(wiring, eve).post(f"{BELOW}/accept", json=token)) == (404, "invitation_over")
    assert refusal_of(visitor(wiring).post(f"{BELOW}/show", json=token)) == (404, "invitation_over")


def test_an_invitation_is_declined_by_its_person_only_and_ends(wiring: Wiring) -> None:
    owner, mia, eve = person(wiring, Role.OWNER), person(wiring), person(wiring)
    token = {"token": invited(wiring, owner, email_of(wiring, mia))}
    assert refusal_of(signed_in(wiring, eve).post(f"{BELOW}/decline", json=token)) == (403, "wrong_address")
    data_of(signed_in(wiring, mia).post(f"{BELOW}/decline", json=token))
    assert refusal_of(signed_in(wiring, mia).post(f"{BELOW}/accept", json=token)) == (404, "invitation_over")
    rows = data_of(caller(wiring, owner, "manage_members").get(f"{BELOW}?only_open=false"))["items"]
    assert [row["state"] for row in rows] == ["revoked"]


def test_a_link_for_anybody_is_not_declined_for_the_others(wiring: Wiring) -> None:
    owner, mia = person(wiring, Role.OWNER), person(wiring)
    made = data_of(caller(wiring, owner, "manage_members").post(BELOW, json={"role": "viewer"}))
    token = {"token": made["url"].partition("token=")[2]}
    assert refusal_of(signed_in(wiring, mia).post(f"{BELOW}/decline", json=token)) == (409, "conflict")
    data_of(signed_in(wiring, mia).post(f"{BELOW}/accept", json=token))


def test_an_invitation_is_sent_again_by_who_manages_members(wiring: Wiring) -> None:
    owner, mia = person(wiring, Role.OWNER), person(wiring)
    first = invited(wiring, owner, email_of(wiring, mia))
    manager = caller(wiring, owner, "manage_members")
    row = data_of(manager.get(BELOW))["items"][0]
    for refused in (caller(wiring, owner, "view"), caller(wiring, colleague(wiring, owner))):
        assert refusal_of(refused.post(f"{BELOW}/{row['id']}/resend"))[0] == 403
    assert refusal_of(caller(wiring, person(wiring, Role.OWNER), "manage_members").post(f"{BELOW}/{row['id']}/resend"))[0] == 404
    data_of(manager.post(f"{BELOW}/{row['id']}/resend"))
    assert refusal_of(visitor(wiring).post(f"{BELOW}/show", json={"token": first})) == (404, "invitation_over")
    with wiring.unit(write=False) as uow:
        fresh = token_in(last_letter(uow, row["email"]))
    data_of(visitor(wiring).post(f"{BELOW}/show", json={"token": fresh}))


def test_who_leaves_hands_over_and_goes_on_in_another_workspace(wiring: Wiring) -> None:
    owner = person(wiring, Role.OWNER)
    mia = colleague(wiring, owner)
    program = signed_in(wiring, mia)
    data_of(program.post("/api/v1/workflows", json={"name": "Mine"}))
    unfit = program.post("/api/v1/workspaces/current/leave", json={"heir_id": str(mia.user_id)})
    assert (refusal_of(unfit)[0], set(unfit.json()["field_errors"])) == (422, {"heir_id"})
    assert data_of(program.post("/api/v1/workspaces/current/leave", json={}))["moved"] == 1
    assert data_of(program.get("/api/v1/users/me"))["workspace_id"] != str(owner.workspace_id)
    assert refusal_of(signed_in(wiring, owner).post("/api/v1/workspaces/current/leave", json={})) == (409, "last_owner")


def test_ownership_is_handed_over_by_an_owner_to_a_member(wiring: Wiring) -> None:
    owner = person(wiring, Role.OWNER)
    mia, viewer = colleague(wiring, owner), colleague(wiring, owner, Role.VIEWER)
    body = {"user_id": str(mia.user_id)}
    path = "/api/v1/workspaces/current/hand-over"
    for refused in (
        caller(wiring, owner, "manage_members"),
        caller(wiring, owner, "manage_workspace"),
        caller(wiring, viewer, "view"),
        signed_in(wiring, mia),
    ):
        assert refusal_of(refused.post(path, json=body))[0] == 403
    program = signed_in(wiring, owner)
    assert refusal_of(program.post(path, json={"user_id": str(person(wiring).user_id)}))[0] == 404
    data_of(program.post(path, json=body))
    roles = {row["user_id"]: row["role"] for row in data_of(program.get("/api/v1/members"))["items"]}
    assert (roles[str(mia.user_id)], roles[str(owner.user_id)]) == ("owner", "admin")


def test_the_table_of_roles_is_told(wiring: Wiring) -> None:
    rows = data_of(caller(wiring, person(wiring, Role.VIEWER), "view").get("/api/v1/roles"))["items"]
    assert {row["permission"]: row["roles"] for row in rows}["manage_workspace"] == ["owner"]
