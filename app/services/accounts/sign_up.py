"""Sign-up: a person and their personal workspace. Hashing happens between the two steps, outside any transaction."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.accounts.identity import clean_name, email_key, email_problem, password_problem
from app.services.accounts.verifying import write_verification
from models.user import User
from models.workspace import Membership, Role, Workspace

NAME_MAX = 80


class AddressTaken(Invalid):
    """There is an account with this address already; the edge counts how often somebody asks."""

    code = "address_taken"


def check_sign_up(uow: UnitOfWork, *, name: str, email: str, password: str) -> None:
    """Raise Invalid naming every wrong field at once. Anyone may call it.

    AddressTaken is raised only where accounts open at once; where a letter comes first, the letter tells (app.services.accounts.pending).
    """
    fields: dict[str, str] = {}
    if not clean_name(name):
        fields["name"] = "Enter your name."
    elif len(clean_name(name)) > NAME_MAX:
        fields["name"] = f"Use at most {NAME_MAX} characters."
    if problem := email_problem(email):
        fields["email"] = problem
    if problem := password_problem(password, email=email, name=name):
        fields["password"] = problem
    if fields:
        raise Invalid("Please mend the marked fields.", fields=fields)
    if not uow.ports.mailer.proves_addresses:
        _refuse_taken(uow, email)


def create_account(
    uow: UnitOfWork,
    *,
    name: str,
    email: str,
    password_hash: str,
    is_demo: bool = False,
    workspace_name: str = "",
    is_verified: bool = False,
) -> User:
    """Create the person, a personal workspace and the membership; `password_hash` comes from the hasher."""
    _refuse_taken(uow, email)
    shown = clean_name(name)
    user = User(email=email.strip(), email_key=email_key(email), name=shown, password_hash=password_hash or None, is_demo=is_demo)
    workspace = Workspace(name=workspace_name or _workspace_name(shown))
    uow.session.add_all((user, workspace))
    try:
        uow.session.flush()
    except IntegrityError as conflict:  # somebody took the address a moment ago
        raise _taken() from conflict
    uow.session.add(Membership(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
    uow.session.flush()
    if is_verified:
        user.email_verified_at = uow.ports.clock.now()
    elif not is_demo and uow.ports.mailer.kind != "none":
        write_verification(uow, user)
    return user


def _workspace_name(name: str) -> str:
    first = name.split()[0]
    return f"{first}'s workspace"


def _refuse_taken(uow: UnitOfWork, email: str) -> None:
    if uow.session.exec(select(User.id).where(User.email_key == email_key(email))).first() is not None:
        raise _taken()


def _taken() -> AddressTaken:
    told = {"email": "There is an account with this address already. Sign in instead, or use another address."}
    return AddressTaken("Please mend the marked fields.", fields=told)
