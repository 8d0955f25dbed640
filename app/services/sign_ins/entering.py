"""Who comes in through a workspace's own provider: members of this workspace, and people of its proved domains; into this workspace alone.

An owner may set up any provider, also one that says whatever the owner likes. So its word opens no account as such: the session
it makes is confined to the workspace, and of addresses outside of it nothing is told, not even whether they have an account.
"""

from sqlmodel import select

from app.core.errors import AppError
from app.core.ports import Claimed
from app.core.uow import UnitOfWork
from app.services.accounts.external import ExternalRefused
from app.services.accounts.identity import clean_name, email_key, email_problem
from app.services.accounts.open_space import hold_open
from app.services.accounts.sign_in import Credentials
from app.services.accounts.sign_up import create_account
from app.services.mail import queue_mail
from app.services.sign_ins.rows import find_enabled
from models.sign_in import SignInDomain, WorkspaceIdentity, WorkspaceSignIn
from models.user import User
from models.workspace import Membership


class NotInvited(AppError):
    """No member, and not of a domain that is proved the workspace's; told alike whether there is an account or not."""

    status = 403
    code = "not_invited"

    def __init__(self) -> None:
        super().__init__("You are not a member of this workspace. Ask one of its admins for an invitation, accept it, then sign in here.")


class AddressUnproved(AppError):
    """The provider does not say that the address is verified, and the owners do not take it without that."""

    status = 403
    code = "address_unproved"

    def __init__(self) -> None:
        super().__init__("Your provider does not say that your e-mail address is verified. Ask an owner of the workspace.")


def enter_workspace(uow: UnitOfWork, *, key: str, claimed: Claimed) -> Credentials:
    """Whose session to open, confined to the provider's workspace."""
    row = find_enabled(uow, key)
    if claimed.issuer != row.issuer:
        raise ExternalRefused()
    known = _known(uow, row, claimed)
    if known is not None:
        user = uow.session.get(User, known.user_id)
        if user is None or not _may_come(user) or not _is_member(uow, row, user):
            raise NotInvited()
        known.last_used_at = uow.ports.clock.now()
        uow.session.add(known)
        return _confined(user, row)
    if email_problem(claimed.email):
        raise ExternalRefused()
    if not claimed.is_email_verified and not row.believes_email:
        raise AddressUnproved()
    user = uow.session.exec(select(User).where(User.email_key == email_key(claimed.email))).first()
    if user is None or not _is_member(uow, row, user):
        user = _bring_in(uow, row, user, claimed)
    elif not _may_come(user):
        raise NotInvited()
    _remember(uow, row, user, claimed)
    return _confined(user, row)


def _bring_in(uow: UnitOfWork, row: WorkspaceSignIn, user: User | None, claimed: Claimed) -> User:
    """A new member, with the role for newcomers; only of a proved domain."""
    domain = email_key(claimed.email).rpartition("@")[2]
    mine = select(SignInDomain.id).where(SignInDomain.workspace_id == row.workspace_id, SignInDomain.held == domain)
    if uow.session.exec(mine).first() is None or (user is not None and not _may_come(user)):
        raise NotInvited()
    if user is None:
        name = clean_name(claimed.name)[:80] or claimed.email.partition("@")[0]
        user = create_account(uow, name=name, email=claimed.email, password_hash="")
    if not hold_open(uow, row.workspace_id, user.id):
        raise NotInvited()
    uow.session.add(Membership(workspace_id=row.workspace_id, user_id=user.id, role=row.default_role))
    uow.session.flush()
    return user


def _remember(uow: UnitOfWork, row: WorkspaceSignIn, user: User, claimed: Claimed) -> None:
    now = uow.ports.clock.now()
    known = WorkspaceIdentity(
        workspace_id=row.workspace_id, sign_in_id=row.id, user_id=user.id, subject=claimed.subject, label=claimed.email, last_used_at=now
    )
    uow.session.add(known)
    uow.session.flush()
    text = (
        f"Hello {user.name},\n\n{row.name} signs you in to a workspace at Agent Factory from now on. It opens this workspace only, "
        f"nothing else of your account.\n\nIf this was not you, tell an owner of the workspace.\n"
    )
    queue_mail(uow, to=user.email, subject="A workspace's sign-in knows you now", text=text)


def _known(uow: UnitOfWork, row: WorkspaceSignIn, claimed: Claimed) -> WorkspaceIdentity | None:
    query = select(WorkspaceIdentity).where(WorkspaceIdentity.sign_in_id == row.id, WorkspaceIdentity.subject == claimed.subject)
    return uow.session.exec(query).first()


def _is_member(uow: UnitOfWork, row: WorkspaceSignIn, user: User) -> bool:
    query = select(Membership.id).where(Membership.workspace_id == row.workspace_id, Membership.user_id == user.id)
    return uow.session.exec(query).first() is not None


def _may_come(user: User) -> bool:
    return user.disabled_at is None and not user.is_demo


def _confined(user: User, row: WorkspaceSignIn) -> Credentials:
    """The code of an authenticator app guards the account, which stays shut; what the provider asks for is its business."""
    return Credentials(user_id=user.id, password_hash="", has_second_factor=True, confined_to=row.workspace_id)
