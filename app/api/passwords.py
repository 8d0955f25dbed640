"""Forgotten, reset and changed passwords, and the code that follows a password: forms of the door that post by fetch."""

import asyncio
import logging
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import Field

from app.api.callers import OwnSession
from app.api.door import DoorBody, From, Landing, Parts, Typed, hashing, land, reading
from app.api.envelope import REFUSALS
from app.api.visitor import Visitor
from app.core.destinations import wants_own_account
from app.core.errors import AppError, Invalid
from app.core.uow import UnitOfWork
from app.services import accounts
from app.session import COOKIE, token_from_cookies
from app.views.accounts import SignedIn
from app.wiring import Wiring

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/auth", tags=["auth"], responses=REFUSALS)
SECOND_FACTOR_COOKIE = "af_second_factor"
SECOND_FACTOR_PATH = "/api/v1/auth/second-factor"


class ForgotBody(DoorBody):
    """Whose password is forgotten."""

    email: Typed


class ResetBody(DoorBody):
    """The link's ticket and a new password."""

    token: str = Field(default="", max_length=400)
    password: Typed


class ChangeBody(DoorBody):
    """The current and a new password."""

    current: Typed
    password: Typed


class CodeBody(DoorBody):
    """A code of the authenticator app, or a recovery code."""

    code: Typed


@router.post("/forgot-password", status_code=202)
async def forgot_password(body: ForgotBody, later: BackgroundTasks, visitor: From, wiring: Parts) -> Landing:
    """Send a letter if there is such an account. The answer leaves before anything is looked up, so it takes as long for every address."""
    if not body.email.strip():
        raise Invalid("Enter your e-mail address.", fields={"email": "Enter your e-mail address."})
    await asyncio.to_thread(accounts.throttle_reset, wiring.ports.limiter, email=body.email, network=visitor.network)
    later.add_task(write_reset_letter, wiring, body.email)
    return Landing(next="/forgot-password?sent=1")


def write_reset_letter(wiring: Wiring, email: str) -> None:
    """Write the letter, if there is such an account, after the answer has left."""
    try:
        wiring.call(accounts.request_password_reset, None, email=email)
    except AppError as error:
        log.warning("a letter for a forgotten password was not written: %s", error.error_code)


@router.post("/reset-password")
async def reset_password(body: ResetBody, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Set a new password with the ticket of a letter; every session of the account ends."""
    await asyncio.to_thread(accounts.throttle_link, wiring.ports.limiter, network=visitor.network)
    await reading(wiring, accounts.check_reset, token=body.token, password=body.password)
    hashed = await hashing(lambda: wiring.ports.hasher.hash(body.password))
    await asyncio.to_thread(wiring.call, accounts.reset_password, None, token=body.token, password_hash=hashed)
    response.delete_cookie(COOKIE, path="/")
    return Landing(next="/sign-in?reset=1")


@router.post("/change-password")
async def change_password(body: ChangeBody, response: Response, visitor: From, wiring: Parts, *, token: OwnSession) -> Landing:
    """Change one's own password. Every session ends, and this browser gets a fresh one."""
    hasher = wiring.ports.hasher
    found = await reading(wiring, _own_credentials, token=token, password=body.password)
    await asyncio.to_thread(accounts.throttle_codes, wiring.ports.limiter, user_id=found.user_id)
    if not await hashing(lambda: accounts.password_fits(hasher, found, body.current)):
        raise accounts.WrongPassword()
    hashed = await hashing(lambda: hasher.hash(body.password))
    opened = await asyncio.to_thread(_change, wiring, token, found, hashed, visitor)
    land(response, wiring, opened, "")
    return Landing(next="/settings/security?changed=1")


def _own_credentials(uow: UnitOfWork, *, token: str, password: str) -> accounts.Credentials:
    uow.actor = accounts.resolve_actor(uow, token=token)
    return accounts.find_own_credentials(uow, password=password)


def _change(wiring: Wiring, token: str, found: accounts.Credentials, hashed: str, visitor: Visitor) -> SignedIn:
    with wiring.unit() as uow:
        uow.actor = accounts.resolve_actor(uow, token=token, via="browser", address=visitor.address)
        renewed = accounts.change_password(uow, credentials=found, password_hash=hashed)
        return accounts.open_session(uow, credentials=renewed, user_agent=visitor.user_agent, address=visitor.address)


@router.post("/second-factor")
async def second_factor(body: CodeBody, request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Go on with the code after a right password; the ticket is in a cookie of this route alone."""
    ticket = request.cookies.get(SECOND_FACTOR_COOKIE, "")
    await asyncio.to_thread(wiring.call, accounts.note_code_attempt, None, token=ticket)
    earlier = token_from_cookies(request.headers.get("cookie", ""))
    try:
        opened = await asyncio.to_thread(_pass, wiring, ticket, body, earlier, visitor)
    except accounts.WrongCode:
        await asyncio.to_thread(wiring.call, accounts.note_refused_code, None, token=ticket, address=visitor.address)
        raise
    except accounts.WorkspaceSignInNeeded as needed:
        return Landing(next=needed.door)
    response.delete_cookie(SECOND_FACTOR_COOKIE, path=SECOND_FACTOR_PATH)
    return land(response, wiring, opened, body.next)


def _pass(wiring: Wiring, ticket: str, body: CodeBody, earlier: str, visitor: Visitor) -> SignedIn:
    facts: dict[str, Any] = {"replaces": earlier, "user_agent": visitor.user_agent, "address": visitor.address}
    with wiring.unit() as uow:
        found = accounts.pass_second_factor(uow, token=ticket, code=body.code)
        return accounts.open_session(uow, credentials=found, for_own_account=wants_own_account(body.next), **facts)
