"""Signing in from programs: register, login, refresh and logout, with a short access token and a refresh token that works once.

Pages of the site sign in through app.api.auth, with a cookie.
"""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Response
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Nothing, Shape, done
from app.api.envelope import Request as Body
from app.api.proving import begin_account, prepare_account, prove_password, prove_pending, renew_weak_hash, sends_letter_first
from app.api.visitor import Visitor, any_visitor
from app.services import access, accounts
from app.views.access import TokenPair
from app.wiring import Wiring, get_wiring

router = APIRouter(prefix="/api/v1/auth", tags=["auth"], responses=REFUSALS)
From = Annotated[Visitor, Depends(any_visitor)]
Parts = Annotated[Wiring, Depends(get_wiring)]


class LoginBody(Body):
    """Address and password."""

    email: str = Field(max_length=400)
    password: str = Field(max_length=1000)
    code: str = Field(default="", max_length=100, description="Of the authenticator app, or a recovery code; only where one is asked for.")
    own_account: bool = Field(
        default=False, description="Open your account and a workspace of your own where all others open through their providers alone."
    )


class RegisterBody(Body):
    """A new account with a workspace of its own."""

    name: str = Field(max_length=400)
    email: str = Field(max_length=400)
    password: str = Field(max_length=1000)


class RefreshBody(Body):
    """The newest refresh token."""

    refresh_token: str = Field(max_length=200)


class Tokens(Shape):
    """Send `access_token` as `Authorization: Bearer ...`; when it has expired, get the next pair with `refresh_token`, which works once."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in_s: int
    user_id: UUID


LETTER = "We have sent a letter to this address. Its link finishes the account; so does POST /api/v1/auth/register/finish."


class FinishBody(Body):
    """The `token` of the link in the letter, and the password that was chosen."""

    token: str = Field(max_length=400)
    password: str = Field(max_length=1000)


@router.post(
    "/register",
    status_code=201,
    operation_id="register",
    responses={202: {"model": Answer[Nothing], "description": "A letter is on its way: its link finishes the account."}},
)
async def register(
    body: RegisterBody, later: BackgroundTasks, *, response: Response, visitor: From, wiring: Parts
) -> Answer[Tokens] | Answer[Nothing]:
    """Open an account with a personal workspace, and sign in; where this installation sends e-mail, a letter comes first (202)."""
    hashed = await prepare_account(wiring, visitor, name=body.name, email=body.email, password=body.password)
    if sends_letter_first(wiring):
        later.add_task(begin_account, wiring, name=body.name, email=body.email, password_hash=hashed)
        response.status_code = 202
        return done(Nothing(), LETTER)

    def make() -> TokenPair:
        with wiring.unit() as uow:
            user_id = accounts.create_account(uow, name=body.name, email=body.email, password_hash=hashed).id
            found = accounts.Credentials(user_id=user_id, password_hash=hashed)
            return access.open_token_session(uow, credentials=found, user_agent=visitor.user_agent, address=visitor.address)

    return answer_pair(response, await asyncio.to_thread(make), "Welcome.")


@router.post("/register/finish", status_code=201, operation_id="finish_registration")
async def finish_registration(body: FinishBody, response: Response, visitor: From, wiring: Parts) -> Answer[Tokens]:
    """Make the account that a letter was sent for, and sign in."""
    pending = await prove_pending(wiring, visitor, token=body.token, password=body.password)

    def make() -> TokenPair:
        with wiring.unit() as uow:
            found = accounts.finish_account(uow, pending=pending)
            return access.open_token_session(uow, credentials=found, user_agent=visitor.user_agent, address=visitor.address)

    return answer_pair(response, await asyncio.to_thread(make), "Welcome.")


@router.post("/login", operation_id="login")
async def login(body: LoginBody, response: Response, visitor: From, wiring: Parts) -> Answer[Tokens]:
    """Sign in; a wrong password and an unknown address are answered alike. `second_factor_needed` asks for the same again with a code."""
    found = await prove_password(wiring, visitor, email=body.email, password=body.password)
    facts: dict[str, Any] = {"user_agent": visitor.user_agent, "address": visitor.address, "for_own_account": body.own_account}
    try:
        pair = await asyncio.to_thread(wiring.call, access.open_token_session, None, credentials=found, **facts)
    except accounts.SecondFactorNeeded:
        if not body.code.strip():
            raise
        pair = await asyncio.to_thread(_open_with_code, wiring, found, body.code, facts)
    await renew_weak_hash(wiring, found, body.password)
    return answer_pair(response, pair, "Signed in.")


def _open_with_code(wiring: Wiring, found: accounts.Credentials, code: str, facts: dict[str, Any]) -> TokenPair:
    """Each try has a ticket of its own: what bounds them is the limit of codes an account may be tried with."""
    ticket = wiring.call(accounts.open_second_factor, None, credentials=found)
    wiring.call(accounts.note_code_attempt, None, token=ticket)
    try:
        with wiring.unit() as uow:
            proved = accounts.pass_second_factor(uow, token=ticket, code=code)
            return access.open_token_session(uow, credentials=proved, **facts)
    except accounts.WrongCode:
        wiring.call(accounts.note_refused_code, None, token=ticket, address=facts["address"])
        raise


@router.post("/refresh", operation_id="refresh_tokens")
async def refresh(body: RefreshBody, response: Response, visitor: From, wiring: Parts) -> Answer[Tokens]:
    """The next pair. A refresh token that comes a second time ends the session: somebody has a copy of it."""
    await asyncio.to_thread(accounts.throttle_refresh, wiring.ports.limiter, network=visitor.network)
    pair = await asyncio.to_thread(wiring.call, access.refresh_tokens, None, refresh_token=body.refresh_token)
    if pair is None:
        raise access.RefreshRefused()
    return answer_pair(response, pair, "OK")


@router.post("/logout", operation_id="logout")
async def logout(door: Caller) -> Answer[Nothing]:
    """End the session of the access token; both its tokens are worth nothing from now on."""
    await door.write(access.end_token_session)
    return done(Nothing(), "Signed out.")


def answer_pair(response: Response, pair: TokenPair, message: str) -> Answer[Tokens]:
    """A fresh pair, which nothing on the way may keep."""
    response.headers["Cache-Control"] = "no-store"
    return done(Tokens.model_validate(pair), message)
