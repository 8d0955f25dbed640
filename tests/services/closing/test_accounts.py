"""Deleting an account: what is the person's goes, what is others' stays under no name, and the address is free for somebody new."""

from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from app import ending
from app.core.errors import AppError, Invalid, NotSignedIn
from app.core.uow import Actor
from app.services import closing
from app.services.access import Credential, create_api_key, resolve_caller
from app.services.accounts import create_account, resolve_actor
from app.services.audit import list_entries, list_filters
from app.services.closing import HasObstacles, get_account_deletion, purge_some
from app.services.closing.erasing import GOES, STAYS
from app.services.members import accept_invitation, change_role, invite_by_link
from app.services.workspaces import rename_workspace
from app.wiring import Wiring
from models.account import Mail
from models.user import User
from models.workflow import Workflow
from models.workspace import Membership, Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.deleting import sign_in
from tests.support.filling import RARE, tables_with_the_word
from tests.support.inviting import last_letter
from tests.support.people import make_member, make_workspace
from tests.support.racing import meet
from tests.support.workflows import make_workflow


class Person:
    """Somebody with an address of their own, an own workspace, and membership in another one."""

    def __init__(self, wiring: Wiring, role: Role = Role.MEMBER) -> None:
        self.wiring, self.email = wiring, f"{RARE}@example.com"
        with wiring.unit() as uow:
            user = create_account(uow, name=f"Ada {RARE}", email=self.email, password_hash="")
            self.own = uow.session.exec(select(Membership.workspace_id).where(Membership.user_id == user.id)).one()
            self.team = make_workspace(uow, "Team").id
            self.boss = make_member(uow, Role.OWNER, workspace=uow.session.get_one(Workspace, self.team), name="Olga Owner")
            uow.session.add(Membership(workspace_id=self.team, user_id=user.id, role=role))
            uow.session.flush()
            self.actor, self.token = sign_in(uow, Actor(user_id=user.id, workspace_id=self.own, role=Role.OWNER))
            self.in_team = Actor(user_id=user.id, workspace_id=self.team, role=role)

    def call(self, service: Any, actor: Actor | None = None, **arguments: Any) -> Any:
        return self.wiring.call(service, actor or self.actor, **arguments)

    def delete(self, email: str | None = None) -> None:
        def run(service: Any, **arguments: Any) -> Any:
            return self.call(service, **arguments)

        proof = self.call(closing.find_proof)
        ending.delete_account(self.wiring, run, email=self.email if email is None else email, proof=proof, code="")


@pytest.fixture
def ada(wiring: Wiring) -> Person:
    return Person(wiring)


def test_every_table_that_ends_with_a_person_has_one_fate() -> None:
    named = {
        mapper.class_
        for mapper in SQLModel._sa_registry.mappers
        for key in mapper.local_table.foreign_keys  # type: ignore[attr-defined]
        if key.column.table.name == "user" and key.ondelete == "CASCADE"
    }
    assert named == {*GOES, *STAYS}
    assert not set(GOES) & set(STAYS)


def test_nothing_signs_in_any_more_and_no_name_is_left(ada: Person) -> None:
    with ada.wiring.unit() as uow:
        uow.actor = ada.in_team
        key = create_api_key(uow, name="k", scopes=["view"]).secret
    ada.delete(f" {ada.email.upper()} ")
    with ada.wiring.unit() as uow:
        assert resolve_actor(uow, token=ada.token) is None
        with pytest.raises(NotSignedIn):
            resolve_caller(uow, credential=Credential(bearer=key))
        user = uow.session.get_one(User, ada.actor.user_id)
        assert (user.name, user.password_hash, user.deleted_at is not None) == ("Deleted account", None, True)
        assert not uow.session.exec(select(Membership).where(col(Membership.user_id) == user.id)).all()


def test_the_workspace_of_its_own_is_destroyed_and_the_name_stands_nowhere_but_in_sealed_trails_of_others(ada: Person) -> None:
    ada.delete()
    while ada.wiring.call(purge_some, None):
        pass
    with ada.wiring.unit() as uow:
        assert uow.session.get(Workspace, ada.own) is None
        for letter in uow.session.exec(select(Mail).where(col(Mail.to) == ada.email)):
            uow.session.delete(letter)  # the farewell, which is on its way
        uow.session.flush()
        assert tables_with_the_word(uow) <= {"audit_entry"}


def test_what_it_owned_in_a_workspace_of_others_goes_to_an_owner(ada: Person) -> None:
    with ada.wiring.unit() as uow:
        uow.actor = ada.in_team
        workflow = make_workflow(uow)
        workflow.owner_id, workflow_id = ada.actor.user_id, workflow.id
    ada.delete()
    with ada.wiring.unit() as uow:
        assert uow.session.get_one(Workflow, workflow_id).owner_id == ada.boss.user_id


def test_the_address_is_free_for_somebody_who_is_not_the_former_one(ada: Person) -> None:
    ada.delete()
    with ada.wiring.unit() as uow:
        assert "is deleted" in last_letter(uow, ada.email)
        again = create_account(uow, name="Ada", email=ada.email, password_hash="")
        assert again.id != ada.actor.user_id
        spaces = uow.session.exec(select(Membership.workspace_id).where(Membership.user_id == again.id)).all()
        assert not {ada.team, ada.own} & set(spaces)


def test_the_trail_of_others_tells_it_under_no_name(ada: Person) -> None:
    with ada.wiring.unit() as uow:
        uow.session.exec(
            select(Membership).where(Membership.user_id == ada.actor.user_id, Membership.workspace_id == ada.team)
        ).one().role = "admin"
    ada.call(invite_by_link, Actor(ada.actor.user_id, ada.team, Role.ADMIN), role="member")
    ada.delete()
    with ada.wiring.unit() as uow:
        uow.actor = ada.boss
        told = [(row.action, row.actor_name) for row in list_entries(uow).rows]
        assert ("members.invite_by_link", "Deleted account") in told
        assert RARE not in str(told)
        assert RARE not in str(list_filters(uow).people)


def test_the_only_owner_of_a_team_hands_over_first(ada: Person) -> None:
    with ada.wiring.unit() as uow:
        uow.actor = Actor(ada.boss.user_id, ada.team, Role.OWNER)
        change_role(uow, user_id=str(ada.actor.user_id), role="owner")
    ada.call(change_role, ada.in_team.__class__(ada.actor.user_id, ada.team, Role.OWNER), user_id=str(ada.boss.user_id), role="member")
    assert [one.code for one in ada.call(get_account_deletion).obstacles] == ["sole_owner"]
    with pytest.raises(HasObstacles) as refused:
        ada.delete()
    assert "“Team”" in refused.value.message
    with ada.wiring.unit() as uow:
        assert uow.session.get_one(User, ada.actor.user_id).deleted_at is None


def test_what_goes_is_told_before(ada: Person) -> None:
    told = ada.call(get_account_deletion)
    assert (told.email, told.deletes, told.leaves, told.obstacles) == (ada.email, ("Ada's workspace",), ("Team",), ())


@pytest.mark.parametrize("typed", ["", "other@example.com", "\x00"])
def test_its_address_has_to_be_typed(ada: Person, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        ada.delete(typed)
    assert set(refused.value.fields) == {"email"}


def test_a_second_deletion_finds_nobody(ada: Person) -> None:
    ada.delete()
    with pytest.raises((NotSignedIn, Invalid)):
        ada.delete()


def test_who_belongs_to_workspaces_of_others_alone_leaves_no_empty_one_behind(ada: Person, clock: FrozenClock) -> None:
    ada.call(rename_workspace, name="Mine")
    with ada.wiring.unit() as uow:
        guest = make_member(uow, Role.VIEWER, workspace=uow.session.get_one(Workspace, ada.team))
        email = uow.session.get_one(User, guest.user_id).email
        guest, _ = sign_in(uow, guest)

    def run(service: Any, **arguments: Any) -> Any:
        return ada.wiring.call(service, guest, **arguments)

    ending.delete_account(ada.wiring, run, email=email, proof=run(closing.find_proof), code="")
    while ada.wiring.call(purge_some, None):
        pass
    with ada.wiring.unit() as uow:
        assert {space.name for space in uow.session.exec(select(Workspace))} == {"Mine", "Team"}


def test_an_invitation_that_is_accepted_meanwhile_makes_no_member_of_nobody(ada: Person) -> None:
    with ada.wiring.unit() as uow:
        uow.actor = owner = make_member(uow, Role.OWNER)
        link = invite_by_link(uow, role="member").url
    proof = ada.call(closing.find_proof)
    begun = ada.call(closing.begin_account_deletion, email=ada.email, proof=proof)
    refused: list[AppError] = []

    def accept(uow: Any) -> None:
        try:
            accept_invitation(uow, token=link.split("token=")[1])
        except AppError as error:
            refused.append(error)

    meet(ada.wiring, (ada.actor, lambda uow: closing.delete_account(uow, ending=begun)), (ada.actor, accept))
    with ada.wiring.unit() as uow:
        there = select(Membership.user_id).where(Membership.workspace_id == owner.workspace_id)
        assert uow.session.exec(there).all() == [owner.user_id]
    assert len(refused) == 1
