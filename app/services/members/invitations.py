"""Invitations as the workspace makes, sees and withdraws them: by e-mail (bound to the address) or as a link; single use, expiring."""

import re
import uuid
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from app.core.errors import Conflict, Invalid, LimitReached, Unavailable
from app.core.permissions import Permission, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.accounts.identity import email_key, email_problem
from app.services.accounts.tokens import hash_token, new_token
from app.services.mail import queue_mail
from app.services.members.roster import check_may_manage, read_role
from app.views import words
from app.views.members import InvitationRow, MadeInvitation
from models.ids import parse_id
from models.invitation import Invitation
from models.user import User
from models.workspace import Membership, Workspace

LIFETIME = timedelta(days=7)
MOST_AT_ONCE = 20
MOST_OPEN = 200
MAILS_PER_HOUR = 100
SHOWN = 200
_HOUR_S = 3600


def invite_by_email(uow: UnitOfWork, *, emails: object, role: object) -> tuple[InvitationRow, ...]:
    """Invite up to 20 addresses (separated by commas, semicolons or white space); a new invitation replaces an open one."""
    require(uow, Permission.MANAGE_MEMBERS)
    _require_mail(uow)
    addresses = _read_addresses(uow, emails)
    wanted = _role_to_give(uow, role)
    _check_room(uow, len(addresses))
    for _ in addresses:
        if uow.ports.limiter.hit(f"invite:{uow.workspace_id}", allowed=MAILS_PER_HOUR, window_s=_HOUR_S) > 0:
            raise LimitReached("This workspace sent many invitations lately. Try again in an hour, or use a link.")
    _withdraw(uow, [email_key(address) for address in addresses])
    made = [_make(uow, role=wanted, email=address) for address in addresses]
    for row, token in made:
        _send(uow, row, token)
    uow.session.flush()
    return tuple(_to_rows(uow, [row for row, _ in made]))


def invite_by_link(uow: UnitOfWork, *, role: object) -> MadeInvitation:
    """Make a link that lets one person in, whoever opens it first; it is told this once."""
    require(uow, Permission.MANAGE_MEMBERS)
    wanted = _role_to_give(uow, role)
    _check_room(uow, 1)
    row, token = _make(uow, role=wanted, email="")
    uow.session.flush()
    return MadeInvitation(_to_rows(uow, [row])[0], invite_url(uow, token))


def resend_invitation(uow: UnitOfWork, *, invitation_id: object) -> InvitationRow:
    """Send an open or expired invitation again, with a fresh link; the former link ends."""
    require(uow, Permission.MANAGE_MEMBERS)
    _require_mail(uow)
    row = _load(uow, invitation_id)
    if not row.email or row.accepted_at or row.revoked_at:
        raise Conflict("Only an invitation by e-mail that nobody accepted can be sent again.")
    return invite_by_email(uow, emails=row.email, role=row.role)[0]


def revoke_invitation(uow: UnitOfWork, *, invitation_id: object) -> None:
    """End an open invitation; its link says so. Twice does no harm."""
    require(uow, Permission.MANAGE_MEMBERS)
    row = _load(uow, invitation_id)
    if row.accepted_at:
        raise Conflict("This invitation was accepted already. Remove the member instead.")
    row.revoked_at = row.revoked_at or uow.ports.clock.now()
    uow.session.add(row)


def list_invitations(uow: UnitOfWork, *, search: object = "", only_open: bool = True) -> tuple[InvitationRow, ...]:
    """Invitations, the newest first: those still open, or all."""
    require(uow, Permission.MANAGE_MEMBERS)
    query = uow.scoped(Invitation)
    if only_open is True:
        query = query.where(col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None))
    found = uow.session.exec(query.order_by(col(Invitation.created_at).desc(), col(Invitation.id)).limit(SHOWN)).all()
    text = search_words(search).casefold()
    return tuple(row for row in _to_rows(uow, list(found)) if text in f"{row.email} {row.role} {row.invited_by}".casefold())


def invite_url(uow: UnitOfWork, token: str) -> str:
    """The address that accepts an invitation."""
    return f"{uow.ports.public_url}/invite?token={token}"


def state_of(row: Invitation, now: datetime) -> str:
    """open, accepted, expired or revoked."""
    if row.accepted_at:
        return "accepted"
    if row.revoked_at:
        return "revoked"
    return "expired" if row.expires_at <= now else "open"


def _load(uow: UnitOfWork, invitation_id: object) -> Invitation:
    return uow.load(Invitation, parse_id(invitation_id), what="This invitation")


def _require_mail(uow: UnitOfWork) -> None:
    if uow.ports.mailer.kind == "none":
        raise Unavailable("This installation sends no e-mail. Create an invitation link and pass it on yourself.", code="no_mail")


def _role_to_give(uow: UnitOfWork, role: object) -> str:
    assert uow.actor is not None
    wanted = read_role(role)
    check_may_manage(uow.actor.role, wanted)
    return wanted


def _read_addresses(uow: UnitOfWork, emails: object) -> list[str]:
    parts = emails if isinstance(emails, list) else [emails]
    texts = [one for part in parts if isinstance(part, str) for one in re.split(r"[\s,;]+", part[:20_000]) if one]
    addresses = list({email_key(one): one for one in texts}.values())
    if not addresses:
        raise _wrong("Enter at least one e-mail address.")
    if len(addresses) > MOST_AT_ONCE:
        raise _wrong(f"Invite at most {MOST_AT_ONCE} people at once.")
    if bad := [one[:80] for one in addresses if email_problem(one)]:
        raise _wrong(f"Not an e-mail address: {', '.join(bad[:3])}. It should look like name@example.com.")
    query = select(User.email).join(Membership, col(Membership.user_id) == col(User.id)).where(Membership.workspace_id == uow.workspace_id)
    if known := uow.session.exec(query.where(col(User.email_key).in_([email_key(one) for one in addresses]))).all():
        raise _wrong(f"Already a member: {', '.join(known[:3])}.")
    return addresses


def _wrong(told: str) -> Invalid:
    return Invalid("Please mend the marked field.", fields={"emails": told})


def _check_room(uow: UnitOfWork, wanted: int) -> None:
    opened = uow.session.exec(select(func.count()).select_from(_open_rows(uow).subquery())).one()
    if opened + wanted > MOST_OPEN:
        raise LimitReached(f"A workspace has at most {MOST_OPEN} open invitations. Withdraw some first.")


def _open_rows(uow: UnitOfWork):  # type: ignore[no-untyped-def] - a select of the library's own long type
    now = uow.ports.clock.now()
    return uow.scoped(Invitation).where(
        col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None), Invitation.expires_at > now
    )


def _withdraw(uow: UnitOfWork, keys: list[str]) -> None:
    unused = uow.scoped(Invitation).where(col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None))
    for row in uow.session.exec(unused.where(col(Invitation.email_key).in_(keys))):
        row.revoked_at = uow.ports.clock.now()
        uow.session.add(row)


def _make(uow: UnitOfWork, *, role: str, email: str) -> tuple[Invitation, str]:
    token, now = new_token(), uow.ports.clock.now()
    row = Invitation(
        workspace_id=uow.workspace_id,
        role=role,
        email=email,
        email_key=email_key(email) if email else "",
        token_hash=hash_token(token),
        expires_at=now + LIFETIME,
        invited_by=uow.actor.user_id if uow.actor else None,
        created_at=now,
    )
    uow.session.add(row)
    return row, token


def _send(uow: UnitOfWork, row: Invitation, token: str) -> None:
    space = uow.session.get(Workspace, uow.workspace_id)
    inviter = uow.session.get(User, row.invited_by) if row.invited_by else None
    where, who = space.name if space else "a workspace", inviter.name if inviter else "Somebody"
    text = (
        f"{who} invites you to the workspace “{where}” in Agent Factory, with the role {row.role}.\n\n"
        f"Open this link to accept. It works once, for {row.email}, until {words.long_day(row.expires_at)}:\n\n{invite_url(uow, token)}\n\n"
        "If you do not know who this is, ignore this letter: nothing happens.\n"
    )
    queue_mail(uow, to=row.email, subject=f"{who} invites you to {where}", text=text)


def _to_rows(uow: UnitOfWork, rows: list[Invitation]) -> list[InvitationRow]:
    people = {user_id for row in rows for user_id in (row.invited_by, row.accepted_by) if user_id}
    names: dict[uuid.UUID, str] = dict(uow.session.exec(select(User.id, User.name).where(col(User.id).in_(people))).all())
    now = uow.ports.clock.now()
    return [
        InvitationRow(
            id=str(row.id),
            email=row.email,
            role=row.role,
            state=state_of(row, now),
            invited_by=names.get(row.invited_by, "") if row.invited_by else "",
            created=row.created_at,
            expires=row.expires_at,
            accepted_by=names.get(row.accepted_by, "") if row.accepted_by else "",
        )
        for row in rows
    ]
