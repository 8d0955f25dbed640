"""Proof that an address belongs to its person: a letter with a link."""

from sqlmodel import select

from app.core.errors import LimitReached
from app.core.uow import Actor, UnitOfWork
from app.services.accounts.profile import current_user
from app.services.accounts.tickets import find_ticket, make_ticket, use_ticket
from app.services.mail import queue_mail
from app.views.accounts import AccountDetail
from models.account import TicketPurpose
from models.sign_in import WorkspaceSignIn
from models.user import User

LETTERS_PER_HOUR = 5
_HOUR_S = 3600


def get_account(uow: UnitOfWork) -> AccountDetail:
    """What the security and profile pages show of one's own account."""
    if uow.actor is not None and uow.actor.is_confined:
        return _seen_from_inside(uow, uow.actor)
    user = current_user(uow)
    return AccountDetail(
        email=user.email,
        is_verified=user.email_verified_at is not None,
        has_password=bool(user.password_hash),
        has_totp=user.totp_since is not None,
        is_demo=user.is_demo,
        sends_mail=uow.ports.mailer.kind != "none",
    )


def _seen_from_inside(uow: UnitOfWork, actor: Actor) -> AccountDetail:
    """Nothing of the account but its address, which every member of the workspace sees."""
    user = uow.session.get(User, actor.user_id)
    name = uow.session.exec(select(WorkspaceSignIn.name).where(WorkspaceSignIn.workspace_id == actor.workspace_id)).first()
    return AccountDetail(
        email=user.email if user else "",
        is_verified=True,
        has_password=False,
        has_totp=False,
        is_demo=False,
        sends_mail=False,
        managed_by=name or "the workspace's own sign-in",
    )


def send_verification(uow: UnitOfWork) -> None:
    """Send oneself the letter; nothing happens for an address that is verified already."""
    user = current_user(uow)
    if user.email_verified_at or user.is_demo:
        return
    if uow.ports.limiter.hit(f"verify:{user.id}", allowed=LETTERS_PER_HOUR, window_s=_HOUR_S) > 0:
        raise LimitReached("Several letters are on their way already. Look into your mailbox, or try again in an hour.")
    write_verification(uow, user)


def write_verification(uow: UnitOfWork, user: User) -> None:
    """The letter itself."""
    token = make_ticket(uow, user, TicketPurpose.VERIFY_EMAIL)
    text = (
        f"Hello {user.name},\n\nopen this link to confirm that {user.email} is your address. It works for three days:\n\n"
        f"{uow.ports.public_url}/verify-email?token={token}\n\nIf you have no account at Agent Factory, ignore this letter.\n"
    )
    queue_mail(uow, to=user.email, subject="Confirm your e-mail address", text=text)


def verify_email(uow: UnitOfWork, *, token: object) -> str:
    """Note that the address is its owner's; returns it. Whoever holds the letter may do it, signed in or not."""
    ticket, user = find_ticket(uow, token, TicketPurpose.VERIFY_EMAIL)
    use_ticket(uow, ticket)
    user.email_verified_at = uow.ports.clock.now()
    uow.session.add(user)
    return user.email
