"""Signing in through another provider: the way there, and the address the provider sends the browser back to."""

import asyncio
import logging
import secrets
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.adapters.identity_oidc import redirect_path
from app.api.door import DoorBody, From, Landing, Parts, land, reading, set_cookie
from app.api.envelope import REFUSALS
from app.api.passwords import SECOND_FACTOR_COOKIE, SECOND_FACTOR_PATH
from app.api.visitor import client_address, network_of
from app.core.destinations import wants_own_account
from app.core.errors import AppError
from app.core.ports import Attempted, IdentityProviders, IdentityRefused
from app.services import accounts
from app.services.sign_ins import enter_workspace, is_door, open_provider
from app.session import token_from_cookies
from app.views.accounts import SignedIn
from app.wiring import Wiring

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/auth/external", tags=["auth"], responses=REFUSALS)
BROWSER_COOKIE = "af_external"
BROWSER_PATH = "/api/v1/auth/external"
SECURITY_PAGE = "/settings/security"


class BeginBody(DoorBody):
    """Where to go afterwards; `links` = "1" adds the sign-in to the account of who is signed in."""

    links: str = Field(default="", max_length=5)


@router.post("/{provider}")
async def begin(provider: str, body: BeginBody, *, request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Begin in this browser; the page goes to the provider then."""
    await asyncio.to_thread(accounts.throttle_link, wiring.ports.limiter, network=visitor.network)
    browser = secrets.token_urlsafe(32)
    token = token_from_cookies(request.headers.get("cookie", ""))
    try:
        identities = await providers_of(wiring, provider)
        attempted = await asyncio.to_thread(_begin, wiring, token, provider, browser, body)
        address = await identities.address(attempted)
    except IdentityRefused as refused:
        log.warning("signing in through %r did not begin: %s", provider[:40], refused)
        raise accounts.ExternalRefused() from refused
    set_cookie(response, wiring, BROWSER_COOKIE, browser, max_age_s=600, path=BROWSER_PATH)
    return Landing(next=address)


async def providers_of(wiring: Wiring, key: str) -> IdentityProviders:
    """Those that know a key: the installation's, or a workspace's own."""
    if is_door(key):
        return wiring.identities_of(await reading(wiring, open_provider, key=key))
    if key not in {card.key for card in wiring.identities.cards()}:
        raise IdentityRefused("provider")
    return wiring.identities


def _begin(wiring: Wiring, token: str, provider: str, browser: str, body: BeginBody) -> Attempted:
    if is_door(provider) and body.links:
        raise IdentityRefused("links")  # a workspace's provider never opens an account as such
    with wiring.unit() as uow:
        uow.actor = accounts.resolve_actor(uow, token=token)
        uri = wiring.settings.public_url + redirect_path(provider)
        return accounts.begin_external(
            uow, provider=provider, browser=browser, redirect_uri=uri, destination=body.next, links=body.links == "1"
        )


class CameBack(BaseModel):
    """What the provider adds to the address; others of its parameters are of no use here."""

    code: str = Field(default="", max_length=4000)
    state: str = Field(default="", max_length=400)
    iss: str = Field(default="", max_length=500)
    error: str = Field(default="", max_length=400)


@router.get("/{provider}/callback")
async def come_back(provider: str, back: Annotated[CameBack, Query()], request: Request, wiring: Parts) -> Response:
    """Finish: sign in or link, or say on a page why not."""
    token = token_from_cookies(request.headers.get("cookie", ""))
    try:
        return await _finish(provider, back, request, wiring, token=token)
    except IdentityRefused as refused:
        log.warning("signing in through %r was refused: %s", provider[:40], refused)
        return await asyncio.to_thread(_tell, wiring, token, accounts.ExternalRefused.code)
    except accounts.WorkspaceSignInNeeded as needed:
        return _send_to(needed.door)
    except AppError as refused:
        return await asyncio.to_thread(_tell, wiring, token, refused.error_code)


async def _finish(provider: str, back: CameBack, request: Request, wiring: Wiring, *, token: str) -> Response:
    network = network_of(client_address(request, trusted_proxies=wiring.settings.trusted_proxies))
    await asyncio.to_thread(accounts.throttle_link, wiring.ports.limiter, network=network)
    browser = request.cookies.get(BROWSER_COOKIE, "")
    attempted, destination, links = await asyncio.to_thread(_take, wiring, token, provider, back.state, browser)
    if back.error == "access_denied":
        raise accounts.ExternalCancelled()
    if back.error:
        raise IdentityRefused(f"the provider says {back.error[:80]!r}")
    claimed = await (await providers_of(wiring, provider)).claim(attempted, code=back.code, issuer=back.iss)
    if links:
        await asyncio.to_thread(_link, wiring, token, provider, claimed, request)
        return _send_to(f"{SECURITY_PAGE}?linked=1")
    opened = await asyncio.to_thread(_enter, wiring, provider, claimed, token, request, destination=destination)
    if isinstance(opened, str):
        answer = _send_to(f"/sign-in/code?next={quote(destination)}")
        set_cookie(answer, wiring, SECOND_FACTOR_COOKIE, opened, max_age_s=600, path=SECOND_FACTOR_PATH)
        return answer
    answer = _send_to(destination)
    land(answer, wiring, opened, destination)
    return answer


def _tell(wiring: Wiring, token: str, code: str) -> RedirectResponse:
    """Who is signed in was linking and stays in the settings; the sign-in page would send them on."""
    is_signed_in = wiring.call(accounts.resolve_actor, None, token=token) is not None
    return _send_to(f"{SECURITY_PAGE if is_signed_in else '/sign-in'}?failed={code}")


def _send_to(path: str) -> RedirectResponse:
    answer = RedirectResponse(path, status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.delete_cookie(BROWSER_COOKIE, path=BROWSER_PATH)
    return answer


def _take(wiring: Wiring, token: str, provider: str, state: str, browser: str) -> tuple[Attempted, str, bool]:
    uri = wiring.settings.public_url + redirect_path(provider)
    with wiring.unit() as uow:
        uow.actor = accounts.resolve_actor(uow, token=token)
        return accounts.take_attempt(uow, provider=provider, state=state, browser=browser, redirect_uri=uri)


def _link(wiring: Wiring, token: str, provider: str, claimed: accounts.Claimed, request: Request) -> None:
    address = client_address(request, trusted_proxies=wiring.settings.trusted_proxies)
    with wiring.unit() as uow:
        uow.actor = accounts.resolve_actor(uow, token=token, via="browser", address=address)
        accounts.link_external(uow, provider=provider, claimed=claimed)


def _enter(wiring: Wiring, provider: str, claimed: accounts.Claimed, earlier: str, request: Request, *, destination: str) -> SignedIn | str:
    """The session, or the ticket with which the code of an authenticator app is awaited."""
    address = client_address(request, trusted_proxies=wiring.settings.trusted_proxies)
    facts: dict[str, Any] = {"replaces": earlier, "user_agent": request.headers.get("user-agent", ""), "address": address}
    with wiring.unit() as uow:
        if is_door(provider):
            found = enter_workspace(uow, key=provider, claimed=claimed)
        else:
            found = accounts.enter_external(uow, provider=provider, claimed=claimed)
        try:
            return accounts.open_session(uow, credentials=found, for_own_account=wants_own_account(destination), **facts)
        except accounts.SecondFactorNeeded:
            return accounts.open_second_factor(uow, credentials=found)
