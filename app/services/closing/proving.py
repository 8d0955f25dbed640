"""A fresh proof of the person for what cannot be taken back: the password, the code of the authenticator app, or a sign-in just now.

The password is compared at the edge, outside any transaction, as for every other use of it.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from app.core.errors import Conflict, Invalid, NotSignedIn
from app.core.permissions import require_person
from app.core.uow import UnitOfWork
from app.services.accounts.second_factor import take_either
from models.user import User, UserSession

FRESH = timedelta(minutes=10)


class FreshSignInNeeded(Conflict):
    """There is no password to ask for, so the sign-in itself has to be new."""

    code = "fresh_sign_in_needed"

    def __init__(self) -> None:
        minutes = int(FRESH.total_seconds() // 60)
        super().__init__(f"Sign out, sign in again, and come back within {minutes} minutes: that shows that it is you.")


class NotForEverybody(Conflict):
    """The demo account is everybody's."""

    code = "shared_account"

    def __init__(self) -> None:
        super().__init__("This is the shared demo account. It and its workspaces cannot be deleted. Create an account of your own.")


class NotYourPassword(Invalid):
    """The password is not right."""

    code = "wrong_password"

    def __init__(self) -> None:
        told = "This is not your password. If you forgot it, sign out and reset it by e-mail."
        super().__init__("Please mend the marked field.", fields={"password": told})


@dataclass(frozen=True, slots=True)
class Proof:
    """What the edge compares the password with; "" where none is asked for."""

    user_id: uuid.UUID
    password_hash: str
    needs_code: bool


def find_proof(uow: UnitOfWork) -> Proof:
    """What the signed-in person has to show. Who came in through a workspace's own provider has shown it there."""
    actor = require_person(uow, even_confined=True)
    user = uow.session.get(User, actor.user_id)
    if user is None:
        raise NotSignedIn()
    if user.is_demo:
        raise NotForEverybody()
    if actor.is_confined:
        return Proof(user.id, "", False)
    return Proof(user.id, user.password_hash or "", user.totp_since is not None)


def demand_proof(uow: UnitOfWork, proof: Proof, code: object) -> None:
    """The rest of the proof, after the edge has compared the password; a code is used up by it."""
    present = find_proof(uow)
    if present != proof:
        raise Conflict("How you sign in was changed meanwhile. Load the page again.")
    assert uow.actor is not None
    if not proof.password_hash:
        session = uow.session.get(UserSession, uow.actor.session_id) if uow.actor.session_id else None
        if session is None or session.created_at + FRESH < uow.ports.clock.now():
            raise FreshSignInNeeded()
    user = uow.session.get(User, proof.user_id)
    if proof.needs_code and user is not None:
        take_either(uow, user, code)
