"""An invitation from the side of whoever holds its link: what it offers, and taking it, once."""

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from app.core.permissions import GRANTS, Permission, require_person
from app.core.uow import UnitOfWork
from app.services.accounts.entering import closed_door, required_door
from app.services.accounts.open_space import hold_open
from app.services.accounts.tokens import hash_token
from app.services.members.invitations import state_of
from app.services.members.roster import RANK
from app.views.members import InvitationCard, Joined
from models.invitation import Invitation
from models.user import User, UserSession
from models.workspace import Membership, Role, Workspace


class InvitationOver(NotFound):
    """Used, expired, withdrawn, never made, or its author may no longer invite: told alike."""

    code = "invitation_over"

    def __init__(self) -> None:
        super().__init__("This invitation")
        self.message = "This invitation is not valid any more. Ask whoever invited you for a new one."


class WrongAddress(NotAllowed):
    """The invitation is for another address than the one signed in."""

    code = "wrong_address"


def get_invitation(uow: UnitOfWork, *, token: object) -> InvitationCard:
    """What an open invitation offers; who holds its link may see it, signed in or not. Who came in through it may still see it."""
    row, space, inviter = _find(uow, token)
    me = uow.session.get(User, uow.actor.user_id) if uow.actor else None
    door = closed_door(uow, workspace_id=row.workspace_id, role=row.role)
    return InvitationCard(
        workspace=space.name,
        role=row.role,
        invited_by=inviter.name,
        email_hint=_hint(row.email),
        expires=row.expires_at,
        is_member=me is not None and _membership(uow, row, me) is not None,
        is_for_me=me is None or row.email_key in ("", me.email_key),
        opens_through=door.name if door else "",
    )


def accept_invitation(uow: UnitOfWork, *, token: object) -> Joined:
    """Join the workspace with the offered role, and go there unless it opens through its own provider alone.

    Who is a member already keeps role and link.
    """
    actor = require_person(uow)
    row, space, _ = _find(uow, token)
    me = _invited(uow, row)
    member = _membership(uow, row, me)
    if member is None:
        if not hold_open(uow, row.workspace_id, me.id):
            raise InvitationOver()
        _use(uow, row, me)
        member = Membership(workspace_id=row.workspace_id, user_id=me.id, role=row.role)
        uow.session.add(member)
        if row.email_key and me.email_verified_at is None:  # the link came to that mailbox
            me.email_verified_at = uow.ports.clock.now()
            uow.session.add(me)
    door = closed_door(uow, workspace_id=row.workspace_id, role=member.role)
    session = uow.session.get(UserSession, actor.session_id) if actor.session_id else None
    if session is not None and door is None:
        session.workspace_id = row.workspace_id
        uow.session.add(session)
    uow.session.flush()
    return Joined(space.name, required_door(door) if door else "")


def decline_invitation(uow: UnitOfWork, *, token: object) -> None:
    """Turn an invitation to one's own address down: it ends, and the workspace sees that. Who is a member already leaves instead."""
    require_person(uow)
    row, _, _ = _find(uow, token)
    me = _invited(uow, row)
    if not row.email_key:
        raise Conflict("This link is bound to no address, so others may use it. If you do not want it, do nothing.")
    if _membership(uow, row, me) is not None:
        raise Conflict("You belong to this workspace already. Leave it instead.")
    row.revoked_at = uow.ports.clock.now()
    uow.session.add(row)


def _invited(uow: UnitOfWork, row: Invitation) -> User:
    """The actor, whom the invitation has to be for."""
    me = uow.session.get(User, uow.actor.user_id) if uow.actor else None
    if me is None:
        raise NotSignedIn()
    if row.email_key not in ("", me.email_key):
        raise WrongAddress(f"This invitation is for {_hint(row.email)}. Sign in with that address, or ask for an invitation to {me.email}.")
    return me


def _use(uow: UnitOfWork, row: Invitation, me: User) -> None:
    """Only the first of several who come at once gets it."""
    now = uow.ports.clock.now()
    unused = sa.update(Invitation).where(
        col(Invitation.id) == row.id, col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None)
    )
    if uow.session.connection().execute(unused.values(accepted_at=now, accepted_by=me.id)).rowcount != 1:
        raise InvitationOver()


def _find(uow: UnitOfWork, token: object) -> tuple[Invitation, Workspace, User]:
    uow.trail.name_deed()
    if not isinstance(token, str) or not 20 <= len(token) <= 100 or not token.isascii():
        raise InvitationOver()
    query = (
        select(Invitation, Workspace, User, Membership)
        .join(Workspace, col(Workspace.id) == col(Invitation.workspace_id))
        .join(User, col(User.id) == col(Invitation.invited_by))
        .join(Membership, (col(Membership.user_id) == col(User.id)) & (col(Membership.workspace_id) == col(Invitation.workspace_id)))
        .where(Invitation.token_hash == hash_token(token))
    )
    found = uow.session.exec(query).first()
    if found is None:
        raise InvitationOver()
    row, space, inviter, member = found
    mine = Role(member.role)
    may_invite = Permission.MANAGE_MEMBERS in GRANTS[mine] and RANK[Role(row.role)] <= RANK[mine] and inviter.disabled_at is None
    is_open = state_of(row, uow.ports.clock.now()) == "open" and may_invite
    if not is_open and not _came_in(uow, row):
        raise InvitationOver()
    return row, space, inviter


def _came_in(uow: UnitOfWork, row: Invitation) -> bool:
    """Whether the actor used it and is a member: they open the same letter again to get to the workspace."""
    me = uow.session.get(User, uow.actor.user_id) if uow.actor else None
    return me is not None and row.accepted_by == me.id and _membership(uow, row, me) is not None


def _membership(uow: UnitOfWork, row: Invitation, me: User) -> Membership | None:
    query = select(Membership).where(Membership.workspace_id == row.workspace_id, Membership.user_id == me.id)
    return uow.session.exec(query).first()


def _hint(email: str) -> str:
    """The first letter and the domain: enough for its owner, too little for anybody else."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}" if domain else ""
