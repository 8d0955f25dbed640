"""What a person changes about themselves, in every workspace at once."""

from app.core.errors import Invalid, NotSignedIn
from app.core.permissions import OwnSignInNeeded, PersonNeeded, require_person
from app.core.uow import UnitOfWork
from app.services.accounts.identity import clean_name
from models.user import User

NAME_MAX = 80


def current_user(uow: UnitOfWork) -> User:
    """The row of the signed-in person, for what concerns the account.

    Not for who came in through a workspace's own provider, and not for API keys.
    """
    uow.trail.name_deed()
    user = uow.session.get(User, uow.actor.user_id) if uow.actor else None
    if user is None:
        raise NotSignedIn()
    if uow.actor is not None and uow.actor.scopes is not None:
        raise PersonNeeded()
    if uow.actor is not None and uow.actor.is_confined:
        raise OwnSignInNeeded()
    return user


def rename_myself(uow: UnitOfWork, *, name: object) -> None:
    """Change the person's own name."""
    require_person(uow)
    user = current_user(uow)
    shown = clean_name(name)
    if not shown or len(shown) > NAME_MAX:
        told = f"Use at most {NAME_MAX} characters." if shown else "Enter your name."
        raise Invalid("Please mend the marked field.", fields={"name": told})
    user.name = shown
    uow.session.add(user)
