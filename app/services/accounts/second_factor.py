"""The authenticator app: set up, confirmed by its first code, asked for at every sign-in, taken off; with recovery codes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import Conflict, Invalid, Unavailable
from app.core.ports import SealBroken
from app.core.uow import UnitOfWork
from app.services.accounts import totp
from app.services.accounts.passwords import SharedAccount
from app.services.accounts.profile import current_user
from app.services.accounts.sign_in import Credentials
from app.services.accounts.throttle import throttle_codes
from app.services.accounts.tickets import TicketOver, find_ticket, make_ticket, use_ticket
from app.services.mail import queue_mail
from app.views.accounts import TotpSetup
from models.account import AccountTicket, RecoveryCode, TicketPurpose
from models.user import User

ATTEMPTS = 5  # codes that may be tried after one right password


class WrongCode(Invalid):
    """The code is not right, was used already, or is too old."""

    code = "wrong_code"

    def __init__(self, told: str = "This code is not right. Enter the one your app shows now.") -> None:
        super().__init__("Please mend the marked field.", fields={"code": told})


def begin_totp(uow: UnitOfWork) -> TotpSetup:
    """A fresh secret for the app; it counts once its first code was entered."""
    user = _own(uow)
    if user.totp_since is not None:
        raise Conflict("An authenticator app is set up already. Turn it off first.")
    secret = totp.new_secret()
    user.totp_sealed = uow.ports.box.seal(secret, context=sealed_to(user))
    uow.session.add(user)
    return TotpSetup(totp.as_base32(secret), totp.provisioning_uri(secret, account=user.email))


def enable_totp(uow: UnitOfWork, *, code: object) -> tuple[str, ...]:
    """Confirm the app by its code; returns the recovery codes, told this once. Other sessions stay."""
    user = _own(uow)
    throttle_codes(uow.ports.limiter, user_id=user.id)
    if user.totp_since is not None or not user.totp_sealed:
        raise Conflict("Begin the set-up again.")
    _take_code(uow, user, code)
    user.totp_since = uow.ports.clock.now()
    uow.session.add(user)
    told = "two-factor sign-in of your account at Agent Factory is on: after the password it asks for a code of your authenticator app."
    _tell(uow, user, told, "Two-factor sign-in is on")
    return _fresh_codes(uow, user)


def disable_totp(uow: UnitOfWork, *, code: object) -> None:
    """Turn it off with a code of the app or a recovery code."""
    user = _own(uow)
    throttle_codes(uow.ports.limiter, user_id=user.id)
    if user.totp_since is None:
        raise Conflict("No authenticator app is set up.")
    take_either(uow, user, code)
    user.totp_since, user.totp_sealed = None, None
    uow.session.add(user)
    uow.session.connection().execute(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    told = "two-factor sign-in of your account at Agent Factory is off: the password alone opens it from now on."
    _tell(uow, user, told, "Two-factor sign-in is off")


def renew_recovery_codes(uow: UnitOfWork, *, code: object) -> tuple[str, ...]:
    """Ten fresh recovery codes, told this once; the former ones end."""
    user = _own(uow)
    throttle_codes(uow.ports.limiter, user_id=user.id)
    if user.totp_since is None:
        raise Conflict("No authenticator app is set up.")
    _take_code(uow, user, code)
    return _fresh_codes(uow, user)


def count_recovery_codes(uow: UnitOfWork) -> int:
    """How many are left."""
    user = current_user(uow)
    return len(uow.session.exec(select(RecoveryCode.id).where(RecoveryCode.user_id == user.id, col(RecoveryCode.used_at).is_(None))).all())


def open_second_factor(uow: UnitOfWork, *, credentials: Credentials) -> str:
    """The ticket of a sign-in whose password was right; the browser shows it with the code."""
    user = uow.session.get(User, credentials.user_id) if credentials.user_id else None
    if user is None:
        raise TicketOver()
    return make_ticket(uow, user, TicketPurpose.SECOND_FACTOR)


def note_code_attempt(uow: UnitOfWork, *, token: object) -> None:
    """Count a try before the code is looked at, in a transaction of its own; after five the password is asked again."""
    ticket, user = find_ticket(uow, token, TicketPurpose.SECOND_FACTOR)
    throttle_codes(uow.ports.limiter, user_id=user.id)
    if ticket.attempts >= ATTEMPTS:
        raise TicketOver()
    counted = sa.update(AccountTicket).where(col(AccountTicket.id) == ticket.id).values(attempts=col(AccountTicket.attempts) + 1)
    uow.session.connection().execute(counted)


def pass_second_factor(uow: UnitOfWork, *, token: object, code: object) -> Credentials:
    """Compare the code and use the ticket up; the session may then be opened."""
    ticket, user = find_ticket(uow, token, TicketPurpose.SECOND_FACTOR)
    if ticket.attempts > ATTEMPTS or user.totp_since is None:
        raise TicketOver()
    take_either(uow, user, code)
    use_ticket(uow, ticket)
    return Credentials(user_id=user.id, password_hash=user.password_hash or "", has_second_factor=True)


def _own(uow: UnitOfWork) -> User:
    user = current_user(uow)
    if user.is_demo:
        raise SharedAccount()
    return user


def sealed_to(user: User) -> str:
    """What the secret of the authenticator app is sealed to."""
    return f"totp:{user.id}"


def take_either(uow: UnitOfWork, user: User, code: object) -> None:
    """Use up a code of the app or a recovery code, or WrongCode."""
    text = code if isinstance(code, str) else ""
    if "".join(text.split()).isdigit():
        _take_code(uow, user, code)
    else:
        _take_recovery(uow, user, text)


def _take_code(uow: UnitOfWork, user: User, code: object) -> None:
    """Refuse a code that was used: the step of the last one is written in the same update that compares it."""
    try:
        secret = uow.ports.box.open(user.totp_sealed or "", context=sealed_to(user))
    except SealBroken as error:
        raise Unavailable("The second factor cannot be checked: the installation's secret key has changed.") from error
    now: datetime = uow.ports.clock.now()
    text = code if isinstance(code, str) and len(code) <= 20 else ""
    step = totp.find_step(secret, text, at_s=now.timestamp(), after=user.totp_last_step)
    if step is None:
        raise WrongCode()
    newer = sa.update(User).where(col(User.id) == user.id, col(User.totp_last_step) < step).values(totp_last_step=step)
    if uow.session.connection().execute(newer).rowcount != 1:
        raise WrongCode()
    uow.session.refresh(user, ["totp_last_step"])


def _take_recovery(uow: UnitOfWork, user: User, code: str) -> None:
    digest = totp.recovery_digest(code[:40], owner=user.id)
    unused = sa.update(RecoveryCode).where(
        col(RecoveryCode.user_id) == user.id, col(RecoveryCode.code_hash) == digest, col(RecoveryCode.used_at).is_(None)
    )
    if uow.session.connection().execute(unused.values(used_at=uow.ports.clock.now())).rowcount != 1:
        known = select(RecoveryCode.id).where(RecoveryCode.user_id == user.id, RecoveryCode.code_hash == digest)
        raise WrongCode("This recovery code was used already. Enter another one.") if uow.session.exec(known).first() else WrongCode()
    left = uow.session.exec(select(RecoveryCode.id).where(RecoveryCode.user_id == user.id, col(RecoveryCode.used_at).is_(None))).all()
    _tell(uow, user, f"a recovery code of your account at Agent Factory was used. {len(left)} are left.", "A recovery code was used")
    told = {"action": "accounts.use_recovery_code", "note": "A recovery code was used."}
    record(uow.trail, kind="account", resource_id=user.id, person_id=user.id, is_personal=True, **told)


def _fresh_codes(uow: UnitOfWork, user: User) -> tuple[str, ...]:
    uow.session.connection().execute(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    codes = tuple(totp.new_recovery_code() for _ in range(totp.RECOVERY_CODES))
    uow.session.add_all(RecoveryCode(user_id=user.id, code_hash=totp.recovery_digest(code, owner=user.id)) for code in codes)
    record(uow.trail, kind="account", resource_id=user.id, person_id=user.id, is_personal=True, note="Fresh recovery codes were made.")
    uow.session.flush()  # codes are used by statements of their own
    return codes


def _tell(uow: UnitOfWork, user: User, what: str, subject: str) -> None:
    text = (
        f"Hello {user.name},\n\n{what}\n\n"
        f"If this was not you, somebody else is signed in to your account. Choose a new password at once, which signs every "
        f"browser out: {uow.ports.public_url}/forgot-password\n"
    )
    queue_mail(uow, to=user.email, subject=subject, text=text)
