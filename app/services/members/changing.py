"""Roles given and taken, ownership handed over, members removed, and leaving; under the workspace's lock, so that an owner remains."""

import uuid
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.permissions import GRANTS, Permission, require, require_person
from app.core.uow import Actor, UnitOfWork
from app.services.members.holdings import count_holdings, count_owned, end_doors, end_shares, hand_over
from app.services.members.homes import ensure_home
from app.services.members.roster import check_may_manage, check_owner_left, find_member, lock_members, read_role, role_of_actor
from app.services.members.telling import tell_removed, tell_role
from models.ids import parse_id
from models.invitation import Invitation
from models.user import UserSession
from models.workspace import Membership, Role

Members = dict[uuid.UUID, Membership]


def change_role(uow: UnitOfWork, *, user_id: object, role: object) -> None:
    """Give a member another role; nobody gives or takes one above their own."""
    require(uow, Permission.MANAGE_MEMBERS)
    members = lock_members(uow)
    member = find_member(members, user_id)
    wanted = read_role(role)
    check_may_manage(role_of_actor(uow, members), Role(member.role), wanted)
    if member.role == Role.OWNER and wanted is not Role.OWNER:
        check_owner_left(members, without=member.user_id)
    before, member.role = Role(member.role), wanted
    uow.session.add(member)
    if before is not wanted:
        tell_role(uow, member.user_id, before=before, role=wanted)
    if Permission.MANAGE_MEMBERS not in GRANTS[wanted]:
        _withdraw_invitations(uow, member.user_id)


def transfer_ownership(uow: UnitOfWork, *, user_id: object) -> None:
    """Make another member an owner and oneself an admin, both at once; no business of API keys."""
    require_person(uow, even_confined=True)
    require(uow, Permission.MANAGE_WORKSPACE)
    members = lock_members(uow)
    heir = find_member(members, user_id)
    if role_of_actor(uow, members) is not Role.OWNER:
        raise NotAllowed("Only an owner may hand the workspace over.")
    assert uow.actor is not None
    if heir.user_id == uow.actor.user_id:
        raise Conflict("You own this workspace already. Choose somebody else.")
    before, heir.role, members[uow.actor.user_id].role = Role(heir.role), Role.OWNER, Role.ADMIN
    uow.session.add_all((heir, members[uow.actor.user_id]))
    if before is not Role.OWNER:
        tell_role(uow, heir.user_id, before=before, role=Role.OWNER)


def remove_member(uow: UnitOfWork, *, user_id: object, heir_id: object = "") -> int:
    """Take somebody out; what they own and what acts in their name goes to the heir (by default who removes). Returns how many things."""
    require(uow, Permission.MANAGE_MEMBERS)
    members = lock_members(uow)
    member = find_member(members, user_id)
    assert uow.actor is not None
    if member.user_id == uow.actor.user_id:
        raise Conflict("This is you. Leave the workspace instead.")
    check_may_manage(role_of_actor(uow, members), Role(member.role))
    moved = _take_out(uow, members, member, heir_id or uow.actor.user_id)
    tell_removed(uow, member.user_id)
    return moved


def leave_workspace(uow: UnitOfWork, *, heir_id: object = "", workspace_id: object = "") -> int:
    """Leave the current workspace; what one owns or what acts in one's name goes to the heir. The last owner has to hand over first.

    Another workspace of the person may be named, one that opens through its own provider alone, too: leaving opens nothing of it.
    """
    actor = require_person(uow, even_confined=True)
    if workspace_id not in ("", None, str(actor.workspace_id)):
        uow.actor = actor = in_other(uow, actor, workspace_id)
    members = lock_members(uow)
    me = members[actor.user_id]
    others = [row for row in members.values() if row.user_id != me.user_id]
    if me.role == Role.OWNER:
        check_owner_left(members, without=me.user_id)
    owner = next(row for row in others if row.role == Role.OWNER)
    return _take_out(uow, members, me, heir_id or owner.user_id)


def in_other(uow: UnitOfWork, actor: Actor, workspace_id: object) -> Actor:
    """The same person as a member of another workspace of theirs; a foreign one does not exist."""
    require_person(uow)  # who came in through a workspace's provider sees that one alone
    mine = select(Membership).where(Membership.user_id == actor.user_id, Membership.workspace_id == parse_id(workspace_id))
    member = uow.session.exec(mine).first()
    if member is None:
        raise NotFound("This workspace")
    return replace(actor, workspace_id=member.workspace_id, role=Role(member.role))


def _take_out(uow: UnitOfWork, members: Members, member: Membership, heir_id: object) -> int:
    if member.role == Role.OWNER:
        check_owner_left(members, without=member.user_id)
    moved = _hand_over(uow, members, member, heir_id)
    end_shares(uow, user_id=member.user_id)
    end_doors(uow, user_id=member.user_id)
    _withdraw_invitations(uow, member.user_id)
    uow.session.delete(member)
    uow.session.flush()
    home = ensure_home(uow, member.user_id)
    sessions = sa.update(UserSession).where(col(UserSession.user_id) == member.user_id, col(UserSession.workspace_id) == uow.workspace_id)
    uow.session.connection().execute(sessions.values(workspace_id=home))
    return moved


def _hand_over(uow: UnitOfWork, members: Members, member: Membership, heir_id: object) -> int:
    if not count_holdings(uow).get(member.user_id) and not count_owned(uow).get(member.user_id):
        return 0
    wanted = parse_id(heir_id)
    heir = members.get(wanted) if wanted else None
    if heir is None or heir.user_id == member.user_id or Permission.RUN not in GRANTS[Role(heir.role)]:
        told = "Choose a member who may start runs: what this person owns, and what acts in their name, goes to that one."
        raise Invalid("Please mend the marked field.", fields={"heir_id": told})
    return hand_over(uow, from_id=member.user_id, to_id=heir.user_id)


def _withdraw_invitations(uow: UnitOfWork, user_id: uuid.UUID) -> None:
    """Who may no longer invite leaves no open door behind."""
    opened = uow.session.exec(
        uow.scoped(Invitation).where(
            Invitation.invited_by == user_id, col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None)
        )
    )
    for row in opened:
        row.revoked_at = uow.ports.clock.now()
        uow.session.add(row)
