"""Sign-ins that were refused, as the audit trails of the person's workspaces tell them: somebody knocked, from where, and why in vain."""

from sqlmodel import select

from app.core.audit import DENIED, record
from app.core.uow import UnitOfWork
from app.services.accounts.identity import email_key
from app.services.accounts.tickets import find_ticket
from models.account import TicketPurpose
from models.user import User


def note_refused_sign_in(uow: UnitOfWork, *, email: str, address: str) -> None:
    """A wrong password; of an address without an account nothing is kept."""
    if len(email) > 320 or "\x00" in email:
        return
    user = uow.session.exec(select(User).where(User.email_key == email_key(email))).first()
    if user is not None:
        why = "The account is closed." if user.disabled_at else "The password was not right."
        _tell(uow, user, address, why if user.password_hash else "The account has no password.")


def note_refused_code(uow: UnitOfWork, *, token: object, address: str) -> None:
    """A right password, followed by a wrong code: whoever it was knows the password."""
    _, user = find_ticket(uow, token, TicketPurpose.SECOND_FACTOR)
    _tell(uow, user, address, "The password was right, the code of the authenticator app was not.")


def _tell(uow: UnitOfWork, user: User, address: str, why: str) -> None:
    told = {"action": "accounts.sign_in", "outcome": DENIED, "actor_kind": "visitor", "address": address, "note": why}
    record(uow.trail, kind="account", resource_id=user.id, name=user.name, person_id=user.id, is_personal=True, **told)
