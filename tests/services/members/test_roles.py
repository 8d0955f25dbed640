"""Roles: nobody gives or takes one above their own, an owner always remains, and what acts in a name goes to another."""

import threading
from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.errors import AppError, Conflict, Invalid, NotAllowed, NotFound
from app.core.permissions import GRANTS, Permission
from app.core.uow import Actor, UnitOfWork
from app.services import members
from app.services.accounts import hash_token, resolve_actor
from app.wiring import Wiring
from models.ids import new_id
from models.schedule import Schedule
from models.user import UserSession
from models.workspace import Membership, Role, Workspace
from tests.support.people import make_member
from tests.support.schedules import make_schedule
from tests.support.workflows import make_workflow


def team(uow: UnitOfWork, *roles: Role) -> list[Actor]:
    first = make_member(uow, roles[0], name="First Person")
    space = uow.session.get(Workspace, first.workspace_id)
    return [first, *(make_member(uow, role, workspace=space, name=f"Person {number}") for number, role in enumerate(roles[1:]))]


def role_of(uow: UnitOfWork, actor: Actor) -> str | None:
    uow.session.flush()
    found = uow.session.exec(
        select(Membership.role).where(Membership.workspace_id == actor.workspace_id, Membership.user_id == actor.user_id)
    )
    return found.first()


def test_an_admin_gives_roles_up_to_admin(uow: UnitOfWork) -> None:
    uow.actor, mia = team(uow, Role.ADMIN, Role.VIEWER)
    for role in (Role.MEMBER, Role.ADMIN):
        members.change_role(uow, user_id=str(mia.user_id), role=role)
        assert role_of(uow, mia) == role


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_who_does_not_manage_members_changes_no_role_not_even_their_own(uow: UnitOfWork, role: Role) -> None:
    owner, uow.actor = team(uow, Role.OWNER, role)
    for target in (owner, uow.actor):
        with pytest.raises(NotAllowed):
            members.change_role(uow, user_id=str(target.user_id), role=Role.OWNER)
    assert role_of(uow, uow.actor) == role


def test_an_admin_neither_becomes_owner_nor_touches_one(uow: UnitOfWork) -> None:
    owner, admin = team(uow, Role.OWNER, Role.ADMIN)
    uow.actor = admin
    for act in (
        lambda: members.change_role(uow, user_id=str(admin.user_id), role=Role.OWNER),
        lambda: members.change_role(uow, user_id=str(owner.user_id), role=Role.VIEWER),
        lambda: members.remove_member(uow, user_id=str(owner.user_id)),
        lambda: members.transfer_ownership(uow, user_id=str(admin.user_id)),
        lambda: members.invite_by_link(uow, role=Role.OWNER),
        lambda: members.invite_by_email(uow, emails="x@example.com", role=Role.OWNER),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert (role_of(uow, owner), role_of(uow, admin)) == (Role.OWNER, Role.ADMIN)


@pytest.mark.parametrize("role", ["boss", "", None, [], "OWNER", 1])
def test_a_role_that_does_not_exist_is_named_as_the_mistake(uow: UnitOfWork, role: object) -> None:
    uow.actor, mia = team(uow, Role.OWNER, Role.MEMBER)
    with pytest.raises(Invalid) as refused:
        members.change_role(uow, user_id=str(mia.user_id), role=role)
    assert set(refused.value.fields) == {"role"}


def test_a_person_of_another_workspace_is_no_member(uow: UnitOfWork) -> None:
    foreign = make_member(uow, Role.MEMBER)
    uow.actor = make_member(uow, Role.OWNER)
    for act in (members.remove_member, members.transfer_ownership):
        with pytest.raises(NotFound):
            act(uow, user_id=str(foreign.user_id))
    with pytest.raises(NotFound):
        members.change_role(uow, user_id=str(foreign.user_id), role="viewer")


def test_the_last_owner_can_neither_leave_nor_step_down(uow: UnitOfWork) -> None:
    uow.actor, _ = team(uow, Role.OWNER, Role.ADMIN)
    with pytest.raises(members.LastOwner):
        members.leave_workspace(uow)
    with pytest.raises(members.LastOwner):
        members.change_role(uow, user_id=str(uow.actor.user_id), role=Role.ADMIN)
    assert role_of(uow, uow.actor) == Role.OWNER


def test_handing_over_makes_one_an_owner_and_the_other_an_admin(uow: UnitOfWork) -> None:
    uow.actor, heir = team(uow, Role.OWNER, Role.VIEWER)
    members.transfer_ownership(uow, user_id=str(heir.user_id))
    assert (role_of(uow, uow.actor), role_of(uow, heir)) == (Role.ADMIN, Role.OWNER)
    with pytest.raises(NotAllowed):  # the actor of this unit still says owner; the row under the lock does not
        members.transfer_ownership(uow, user_id=str(heir.user_id))


def test_what_a_removed_person_set_up_goes_on_in_the_name_of_the_heir(uow: UnitOfWork) -> None:
    owner, leaver, heir = team(uow, Role.OWNER, Role.MEMBER, Role.MEMBER)
    uow.actor = leaver
    schedule_id = make_schedule(uow, workflow_id=str(make_workflow(uow).id)).id
    uow.actor = owner
    assert [row.acts_for for row in members.list_members(uow, search="Person 0").rows] == [1]
    assert members.remove_member(uow, user_id=str(leaver.user_id), heir_id=str(heir.user_id)) == 1
    uow.session.flush()
    schedule = uow.session.exec(select(Schedule).where(Schedule.id == schedule_id)).one()
    assert (schedule.owner_id, role_of(uow, leaver)) == (heir.user_id, None)


def test_an_heir_must_be_a_member_who_may_start_runs(uow: UnitOfWork) -> None:
    owner, leaver, viewer = team(uow, Role.OWNER, Role.MEMBER, Role.VIEWER)
    uow.actor = leaver
    make_schedule(uow, workflow_id=str(make_workflow(uow).id))
    uow.actor = owner
    for heir in (viewer.user_id, leaver.user_id, new_id(), "x"):
        with pytest.raises(Invalid) as refused:
            members.remove_member(uow, user_id=str(leaver.user_id), heir_id=str(heir))
        assert set(refused.value.fields) == {"heir_id"}
    assert role_of(uow, leaver) == Role.MEMBER


def test_who_is_removed_finds_another_workspace_and_no_trace_of_this_one(uow: UnitOfWork) -> None:
    owner, leaver = team(uow, Role.OWNER, Role.MEMBER)
    session = UserSession(
        user_id=leaver.user_id,
        workspace_id=leaver.workspace_id,
        token_hash=hash_token("t"),
        expires_at=uow.ports.clock.now().replace(year=2099),
    )
    uow.session.add(session)
    uow.session.flush()
    uow.actor = owner
    members.remove_member(uow, user_id=str(leaver.user_id))
    uow.session.flush()
    uow.session.expire_all()
    found = resolve_actor(uow, token="t")
    assert found is not None
    assert found.workspace_id != owner.workspace_id
    assert found.role is Role.OWNER


def test_leaving_is_refused_to_nobody_but_the_last_owner(uow: UnitOfWork) -> None:
    owner, *others = team(uow, Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER)
    for actor in others:
        uow.actor = actor
        members.leave_workspace(uow)
        assert role_of(uow, actor) is None
    assert role_of(uow, owner) == Role.OWNER


def test_one_removes_oneself_by_leaving(uow: UnitOfWork) -> None:
    uow.actor, _ = team(uow, Role.OWNER, Role.OWNER)
    with pytest.raises(Conflict):
        members.remove_member(uow, user_id=str(uow.actor.user_id))


@pytest.mark.parametrize("act", ["leave", "step down", "remove each other"])
def test_two_owners_who_go_at_once_leave_one_behind(wiring: Wiring, act: str) -> None:
    with wiring.unit() as uow:
        pair = team(uow, Role.OWNER, Role.OWNER)
    begin, outcomes = threading.Barrier(2), list[str]()

    def go(actor: Actor, other: Actor) -> None:
        begin.wait(60)
        try:
            if act == "leave":
                wiring.call(members.leave_workspace, actor)
            elif act == "step down":
                wiring.call(members.change_role, actor, user_id=str(actor.user_id), role="viewer")
            else:
                wiring.call(members.remove_member, actor, user_id=str(other.user_id))
            outcomes.append("done")
        except AppError as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=go, args=order) for order in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with wiring.unit(write=False) as uow:
        owners = uow.session.exec(
            select(Membership).where(Membership.workspace_id == pair[0].workspace_id, Membership.role == Role.OWNER)
        ).all()
    assert len(owners) == 1
    assert sorted(outcomes)[-1] == "done"
    assert len(set(outcomes)) == 2


def test_a_demoted_admin_has_no_power_left_even_with_an_actor_read_before(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        owner, admin, mia = team(uow, Role.OWNER, Role.ADMIN, Role.MEMBER)
    wiring.call(members.change_role, owner, user_id=str(admin.user_id), role="viewer")
    with pytest.raises(NotAllowed):
        wiring.call(members.change_role, admin, user_id=str(mia.user_id), role="viewer")


def test_the_permission_table_says_what_is_enforced(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    table = members.describe_roles(uow)
    assert {line.permission for line in table} == {permission.value for permission in Permission}
    for line in table:
        assert set(line.roles) == {role.value for role in Role if Permission(line.permission) in GRANTS[role]}
        assert line.label
        assert line.help


def test_members_are_found_by_name_and_address(uow: UnitOfWork) -> None:
    uow.actor, *_ = team(uow, Role.VIEWER, Role.OWNER, Role.MEMBER)
    everybody = members.list_members(uow)
    assert (len(everybody.rows), everybody.total, everybody.can_manage, everybody.owners) == (3, 3, False, 1)
    assert [row.name for row in members.list_members(uow, search="first").rows] == ["First Person"]
    assert members.list_members(uow, search="nobody").rows == ()
    assert all(not row.can_remove and row.roles == () for row in everybody.rows)


def test_a_member_of_two_workspaces_sees_one_at_a_time(uow: UnitOfWork) -> None:
    uow.actor, _ = team(uow, Role.OWNER, Role.MEMBER)
    elsewhere = make_member(uow, Role.OWNER)
    uow.actor = replace(uow.actor, workspace_id=elsewhere.workspace_id)
    assert str(elsewhere.user_id) in {row.user_id for row in members.list_members(uow).rows}
