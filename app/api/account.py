"""Your own account over the API: how it is protected, password, authenticator app, linked sign-ins. Keys are refused all of it."""

import asyncio
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Response
from pydantic import Field

from app.api.callers import Caller
from app.api.door import Parts, hashing, reading
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Shape, done, whole
from app.api.envelope import Request as Body
from app.api.passwords import write_reset_letter
from app.api.tokens import From, Tokens, answer_pair
from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services import access, accounts
from app.views.access import TokenPair
from app.views.accounts import AccountDetail, IdentityCard, TotpSetup

router = APIRouter(prefix="/api/v1", tags=["account"], responses=REFUSALS)
TOLD_ONCE = "Keep them now; they are not shown again."


class CodeBody(Body):
    """A code of the authenticator app; where it says so, a recovery code does, too."""

    code: str = Field(max_length=100)


class PasswordBody(Body):
    """The present and the next password."""

    current: str = Field(max_length=1000)
    password: str = Field(max_length=1000)


class AddressBody(Body):
    """Whose password is forgotten."""

    email: str = Field(max_length=400)


class ResetBody(Body):
    """The `token` of the letter's link, and a new password."""

    token: str = Field(max_length=400)
    password: str = Field(max_length=1000)


class TokenBody(Body):
    """The `token` of a letter's link."""

    token: str = Field(max_length=400)


class RecoveryCodes(Shape):
    """Each opens the account once in place of a code of the app."""

    codes: list[str]


class CodesLeft(Shape):
    """How many recovery codes are unused."""

    left: int


class Ended(Shape):
    """How many sessions were ended."""

    ended: int


@router.get("/users/me/account", operation_id="get_account")
async def get_account(door: Caller) -> Answer[AccountDetail]:
    """How your account is protected."""
    return done(await door.read(accounts.get_account))


@router.post("/users/me/password", operation_id="change_password")
async def change_password(body: PasswordBody, *, response: Response, visitor: From, wiring: Parts, door: Caller) -> Answer[Tokens]:
    """Change your password. Every session ends, this one too: the answer holds the tokens of a fresh one."""
    hasher = wiring.ports.hasher
    found = await door.read(accounts.find_own_credentials, password=body.password)
    await asyncio.to_thread(accounts.throttle_codes, wiring.ports.limiter, user_id=found.user_id)
    if not await hashing(lambda: accounts.password_fits(hasher, found, body.current)):
        raise accounts.WrongPassword()
    hashed = await hashing(lambda: hasher.hash(body.password))

    def change(uow: UnitOfWork) -> TokenPair:
        renewed = accounts.change_password(uow, credentials=found, password_hash=hashed)
        return access.open_token_session(uow, credentials=renewed, user_agent=visitor.user_agent, address=visitor.address)

    return answer_pair(response, await door.write(change), "Changed. Every other session has ended.")


@router.post("/auth/password-reset", status_code=202, operation_id="request_password_reset")
async def request_reset(body: AddressBody, later: BackgroundTasks, visitor: From, wiring: Parts) -> Answer[Nothing]:
    """Send a letter with a link, if there is such an account; the answer is the same for every address."""
    if not body.email.strip():
        raise Invalid("Enter your e-mail address.", fields={"email": "Enter your e-mail address."})
    await asyncio.to_thread(accounts.throttle_reset, wiring.ports.limiter, email=body.email, network=visitor.network)
    later.add_task(write_reset_letter, wiring, body.email)
    return done(Nothing(), "If this address has an account, a letter is on its way.")


@router.post("/auth/password-reset/finish", operation_id="reset_password")
async def reset_password(body: ResetBody, visitor: From, wiring: Parts) -> Answer[Nothing]:
    """Set a new password with the token of the letter; every session of the account ends."""
    await asyncio.to_thread(accounts.throttle_link, wiring.ports.limiter, network=visitor.network)
    await reading(wiring, accounts.check_reset, token=body.token, password=body.password)
    hashed = await hashing(lambda: wiring.ports.hasher.hash(body.password))
    await asyncio.to_thread(wiring.call, accounts.reset_password, None, token=body.token, password_hash=hashed)
    return done(Nothing(), "Changed. Sign in with the new password.")


@router.post("/users/me/verification", status_code=202, operation_id="send_verification")
async def send_verification(door: Caller) -> Answer[Nothing]:
    """Send yourself the letter that confirms your address; none for one that is confirmed."""
    await door.write(accounts.send_verification)
    return done(Nothing(), "If your address is not confirmed yet, a letter is on its way.")


@router.post("/auth/verify-email", operation_id="verify_email")
async def verify_email(body: TokenBody, visitor: From, wiring: Parts) -> Answer[Nothing]:
    """Confirm an address with the token of its letter."""
    await asyncio.to_thread(accounts.throttle_link, wiring.ports.limiter, network=visitor.network)
    await asyncio.to_thread(wiring.call, accounts.verify_email, None, token=body.token)
    return done(Nothing(), "Confirmed.")


@router.delete("/users/me/sessions", operation_id="revoke_other_sessions")
async def revoke_other_sessions(door: Caller) -> Answer[Ended]:
    """End every session of yours but this one."""
    return done(Ended(ended=await door.write(accounts.revoke_other_sessions)), "Signed out everywhere else.")


@router.post("/users/me/totp", operation_id="begin_totp")
async def begin_totp(response: Response, door: Caller) -> Answer[TotpSetup]:
    """A fresh secret for an authenticator app; it counts once `confirm` was given its first code."""
    return _once(response, await door.write(accounts.begin_totp), "Enter the secret in your app, then confirm with its code.")


@router.post("/users/me/totp/confirm", operation_id="confirm_totp")
async def confirm_totp(body: CodeBody, response: Response, door: Caller) -> Answer[RecoveryCodes]:
    """Turn two-factor sign-in on with the app's first code; the answer holds the recovery codes."""
    codes = await door.write(accounts.enable_totp, code=body.code)
    return _once(response, RecoveryCodes(codes=list(codes)), TOLD_ONCE)


@router.post("/users/me/totp/disable", operation_id="disable_totp")
async def disable_totp(body: CodeBody, door: Caller) -> Answer[Nothing]:
    """Turn it off with a code of the app or a recovery code."""
    await door.write(accounts.disable_totp, code=body.code)
    return done(Nothing(), "Off: the password alone opens the account from now on.")


@router.get("/users/me/recovery-codes", operation_id="count_recovery_codes")
async def count_recovery_codes(door: Caller) -> Answer[CodesLeft]:
    """How many recovery codes are left."""
    return done(CodesLeft(left=await door.read(accounts.count_recovery_codes)))


@router.post("/users/me/recovery-codes", operation_id="renew_recovery_codes")
async def renew_recovery_codes(body: CodeBody, response: Response, door: Caller) -> Answer[RecoveryCodes]:
    """Ten fresh recovery codes for a code of the app; the former ones end."""
    codes = await door.write(accounts.renew_recovery_codes, code=body.code)
    return _once(response, RecoveryCodes(codes=list(codes)), TOLD_ONCE)


@router.get("/users/me/identities", operation_id="list_identities")
async def list_identities(door: Caller) -> Answer[Page[IdentityCard]]:
    """Sign-ins elsewhere that open your account."""
    return whole(await door.read(accounts.list_identities))


@router.delete("/users/me/identities/{identity_id}", operation_id="unlink_identity")
async def unlink_identity(identity_id: Id, door: Caller) -> Answer[Nothing]:
    """Take one off; it opens your account no more."""
    await door.write(accounts.unlink_external, identity_id=identity_id)
    return done(Nothing(), "Unlinked.")


def _once(response: Response, data: Any, message: str) -> Any:
    """What is told this once; nothing on the way may keep it."""
    response.headers["Cache-Control"] = "no-store"
    return done(data, message)
