"""Invitations: single use, expiring, bound to the address they were sent to, and worthless once their author may not invite."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.errors import AppError, Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services import members
from app.services.members.invitations import LIFETIME, MOST_AT_ONCE
from app.wiring import Wiring
from models.invitation import Invitation
from models.user import User
from models.workspace import Membership, Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.inviting import last_letter, letters_to, token_in
from tests.support.people import make_member


def address_of(uow: UnitOfWork, actor: Actor) -> str:
    user = uow.session.get(User, actor.user_id)
    assert user is not None
    return user.email


def roles_of(uow: UnitOfWork, actor: Actor, workspace: Actor) -> list[str]:
    uow.session.flush()
    query = select(Membership.role).where(Membership.user_id == actor.user_id, Membership.workspace_id == workspace.workspace_id)
    return list(uow.session.exec(query))


def invited(uow: UnitOfWork, email: str, role: str = "member") -> str:
    members.invite_by_email(uow, emails=email, role=role)
    return token_in(last_letter(uow, email))


def test_an_invitation_by_letter_lets_its_receiver_in_once(uow: UnitOfWork) -> None:
    owner, mia, eve = make_member(uow, Role.OWNER, name="Olga Owner"), make_member(uow), make_member(uow)
    uow.actor = owner
    token = invited(uow, address_of(uow, mia), "admin")
    assert "Olga Owner invites you" in last_letter(uow, address_of(uow, mia))
    uow.actor = mia
    card = members.get_invitation(uow, token=token)
    assert (card.workspace, card.role, card.invited_by, card.is_for_me, card.is_member) == ("Acme", "admin", "Olga Owner", True, False)
    assert members.accept_invitation(uow, token=token).workspace == "Acme"
    assert roles_of(uow, mia, owner) == ["admin"]
    assert uow.session.get_one(User, mia.user_id).email_verified_at is not None
    uow.actor = eve
    with pytest.raises(members.InvitationOver):
        members.accept_invitation(uow, token=token)


def test_the_token_is_kept_as_a_hash_and_the_letter_sealed(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    token = invited(uow, "mia@example.com")
    assert len(token) >= 43  # 256 bits
    rows = uow.session.connection().exec_driver_sql("SELECT token_hash FROM invitation").all()
    sealed = uow.session.connection().exec_driver_sql("SELECT sealed, subject FROM mail").all()
    assert token not in str(rows) + str(sealed)


def test_a_letter_is_no_good_for_another_address(uow: UnitOfWork) -> None:
    owner, eve = make_member(uow, Role.OWNER), make_member(uow)
    uow.actor = owner
    token = invited(uow, "mia.real@example.com")
    uow.actor = eve
    card = members.get_invitation(uow, token=token)
    assert (card.is_for_me, card.email_hint) == (False, "m…@example.com")
    with pytest.raises(members.WrongAddress) as refused:
        members.accept_invitation(uow, token=token)
    assert "mia.real" not in refused.value.message
    assert roles_of(uow, eve, owner) == []


def test_a_link_is_good_for_whoever_comes_first(uow: UnitOfWork) -> None:
    owner, mia, eve = make_member(uow, Role.OWNER), make_member(uow), make_member(uow)
    uow.actor = owner
    token = token_in(members.invite_by_link(uow, role="viewer").url)
    uow.actor = mia
    members.accept_invitation(uow, token=token)
    assert roles_of(uow, mia, owner) == ["viewer"]
    assert uow.session.get_one(User, mia.user_id).email_verified_at is None  # a link proves no mailbox
    uow.actor = eve
    with pytest.raises(members.InvitationOver):
        members.accept_invitation(uow, token=token)


def test_two_who_open_a_link_at_once_are_not_both_let_in(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = owner = make_member(uow, Role.OWNER)
        pair = [make_member(uow), make_member(uow)]
        token = token_in(members.invite_by_link(uow, role="member").url)
    begin, outcomes = threading.Barrier(2), list[str]()

    def accept(actor: Actor) -> None:
        begin.wait(60)
        try:
            outcomes.append(wiring.call(members.accept_invitation, actor, token=token).workspace)
        except AppError as refused:
            outcomes.append(refused.error_code)

    threads = [threading.Thread(target=accept, args=(actor,)) for actor in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["Acme", "invitation_over"]
    with wiring.unit(write=False) as uow:
        assert len(uow.session.exec(select(Membership).where(Membership.workspace_id == owner.workspace_id)).all()) == 2


def test_an_invitation_ends_by_time_by_hand_and_with_its_author(uow: UnitOfWork, clock: FrozenClock) -> None:
    owner, mia = make_member(uow, Role.OWNER), make_member(uow)
    space = uow.session.get(Workspace, owner.workspace_id)
    admin = make_member(uow, Role.ADMIN, workspace=space)
    tokens = []
    for actor in (owner, owner, admin):
        uow.actor = actor
        made = members.invite_by_link(uow, role="member")
        tokens.append((token_in(made.url), made.row.id))
    uow.actor = owner
    members.revoke_invitation(uow, invitation_id=tokens[1][1])
    members.change_role(uow, user_id=str(admin.user_id), role="viewer")
    uow.session.flush()
    uow.actor = mia
    for token, _ in tokens[1:]:
        with pytest.raises(members.InvitationOver):
            members.accept_invitation(uow, token=token)
    clock.advance(seconds=LIFETIME.total_seconds() + 1)
    with pytest.raises(members.InvitationOver):
        members.accept_invitation(uow, token=tokens[0][0])
    assert roles_of(uow, mia, owner) == []


def test_who_came_in_opens_the_same_letter_again_and_nobody_else_does(uow: UnitOfWork) -> None:
    uow.actor = owner = make_member(uow, Role.OWNER)
    token = token_in(members.invite_by_link(uow, role="member").url)
    uow.actor = mia = make_member(uow)
    members.accept_invitation(uow, token=token)
    assert members.get_invitation(uow, token=token).is_member
    members.accept_invitation(uow, token=token)
    assert roles_of(uow, mia, owner) == ["member"]
    for stranger in (owner, make_member(uow), None):
        uow.actor = stranger
        with pytest.raises(members.InvitationOver):
            members.get_invitation(uow, token=token)


@pytest.mark.parametrize("token", [None, "", [], {}, 0, True, "x", "x" * 43, "x" * 5000, "\x00" * 43, "\ud800" * 43, "é" * 43])
def test_whatever_is_no_token_is_answered_alike(uow: UnitOfWork, token: object) -> None:
    uow.actor = make_member(uow)
    for act in (members.get_invitation, members.accept_invitation):
        with pytest.raises(members.InvitationOver) as refused:
            act(uow, token=token)
        assert (refused.value.status, refused.value.message) == (404, members.InvitationOver().message)


def test_a_new_invitation_to_the_same_address_replaces_the_former(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    first = invited(uow, "mia@example.com")
    again = members.resend_invitation(uow, invitation_id=members.list_invitations(uow)[0].id)
    second = token_in(last_letter(uow, "mia@example.com"))
    assert letters_to(uow, "mia@example.com") == 2
    assert [row.id for row in members.list_invitations(uow)] == [again.id]
    with pytest.raises(members.InvitationOver):
        members.get_invitation(uow, token=first)
    assert members.get_invitation(uow, token=second).role == "member"


def test_several_addresses_are_invited_at_once_and_each_mistake_is_named(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    made = members.invite_by_email(uow, emails="a@example.com, B@example.com;c@example.com\nb@example.com", role="viewer")
    assert len(made) == 3
    for emails in (
        "",
        None,
        [],
        "not an address",
        address_of(uow, uow.actor),
        " ".join(f"p{n}@example.com" for n in range(MOST_AT_ONCE + 1)),
    ):
        with pytest.raises(Invalid) as refused:
            members.invite_by_email(uow, emails=emails, role="viewer")
        assert set(refused.value.fields) == {"emails"}
    assert letters_to(uow, "a@example.com") == 1


def test_a_header_cannot_be_smuggled_into_a_letter(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER, name="Eve\r\nBcc: all@example.com")
    with pytest.raises(Invalid):
        members.invite_by_email(uow, emails=["mia@example.com\r\nBcc:x@example.com\x00"], role="viewer")
    members.invite_by_email(uow, emails="mia@example.com", role="viewer")
    uow.session.flush()
    subject = uow.session.connection().exec_driver_sql("SELECT subject FROM mail").scalar_one()
    assert "\n" not in subject
    assert "\r" not in subject


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_who_does_not_manage_members_sees_and_makes_no_invitation(uow: UnitOfWork, role: Role) -> None:
    uow.actor = make_member(uow, role)
    for act in (
        lambda: members.list_invitations(uow),
        lambda: members.invite_by_link(uow, role="viewer"),
        lambda: members.invite_by_email(uow, emails="x@example.com", role="viewer"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_invitation_of_another_workspace_does_not_exist(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    foreign = members.invite_by_link(uow, role="viewer").row.id
    uow.actor = make_member(uow, Role.OWNER)
    for act in (members.revoke_invitation, members.resend_invitation):
        with pytest.raises(NotFound):
            act(uow, invitation_id=foreign)
    assert members.list_invitations(uow) == ()


def test_who_is_a_member_already_uses_nothing_up(uow: UnitOfWork) -> None:
    owner, mia = make_member(uow, Role.OWNER), make_member(uow)
    uow.actor = owner
    token = token_in(members.invite_by_link(uow, role="viewer").url)
    members.accept_invitation(uow, token=token)
    assert roles_of(uow, owner, owner) == ["owner"]
    uow.actor = mia
    members.accept_invitation(uow, token=token)
    assert roles_of(uow, mia, owner) == ["viewer"]


def test_accepted_invitations_can_be_looked_up_but_not_withdrawn(uow: UnitOfWork, clock: FrozenClock) -> None:
    owner, mia = make_member(uow, Role.OWNER), make_member(uow, name="Mia Member")
    uow.actor = owner
    made = members.invite_by_link(uow, role="viewer")
    uow.actor = mia
    members.accept_invitation(uow, token=token_in(made.url))
    uow.actor = owner
    uow.session.expire_all()
    assert members.list_invitations(uow) == ()
    seen = members.list_invitations(uow, only_open=False)[0]
    assert (seen.state, seen.accepted_by) == ("accepted", "Mia Member")
    with pytest.raises(Conflict):
        members.revoke_invitation(uow, invitation_id=made.row.id)
    row = uow.session.get(Invitation, uow.session.exec(select(Invitation.id)).one())
    assert row is not None
    assert row.expires_at - clock.now() == timedelta(days=7)
