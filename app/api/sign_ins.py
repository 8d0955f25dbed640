"""A workspace's own sign-in over the API, for its owners; and the way in by a work address, for visitors."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from app.api.callers import Caller
from app.api.door import DoorBody, From, Landing, Parts, reading
from app.api.envelope import REFUSALS, Answer, Nothing, done
from app.api.envelope import Request as Body
from app.api.external import BeginBody, begin
from app.services import accounts, sign_ins
from app.sign_in_checks import prove_domain, try_sign_in
from app.views.sign_ins import SignInDetail

router = APIRouter(prefix="/api/v1/workspaces/current/sign-in", tags=["workspace sign-in"], responses=REFUSALS)
doors = APIRouter(prefix="/api/v1/auth", tags=["auth"])
Domain = Annotated[str, Path(max_length=253)]


class SignInBody(Body):
    """An OpenID Connect provider. Without a secret the saved one stays; `default_role` is for newcomers of proved domains."""

    name: str = Field(max_length=400)
    issuer: str = Field(max_length=1000)
    client_id: str = Field(max_length=1000)
    client_secret: str = Field(default="", max_length=4000)
    default_role: str = Field(default="member", max_length=20)
    believes_email: bool = Field(default=False, description="Take addresses that the provider does not call verified, too.")
    is_enabled: bool = True


class RequiredBody(Body):
    """Whether members come in by it alone."""

    is_required: bool


class DomainBody(Body):
    """A domain of the workspace's people."""

    domain: str = Field(max_length=300)


class WorkAddressBody(DoorBody):
    """A work address, whose domain leads to its workspace's provider."""

    email: str = Field(default="", max_length=400)


@router.get("", operation_id="get_workspace_sign_in")
async def get_sign_in(door: Caller) -> Answer[SignInDetail | None]:
    """How the workspace's own sign-in is set up, if it is."""
    return done(await door.read(sign_ins.get_sign_in))


@router.put("", operation_id="save_workspace_sign_in")
async def save_sign_in(body: SignInBody, door: Caller) -> Answer[SignInDetail]:
    """Set it up or change it; the secret is sealed and never told again."""
    return done(await door.write(sign_ins.save_sign_in, **body.model_dump()), "Saved.")


@router.delete("", operation_id="remove_workspace_sign_in")
async def remove_sign_in(door: Caller) -> Answer[Nothing]:
    """Take it off; sessions that it opened end."""
    await door.write(sign_ins.remove_sign_in)
    return done(Nothing(), "Removed.")


@router.post("/test", operation_id="test_workspace_sign_in")
async def test_sign_in(door: Caller) -> Answer[SignInDetail]:
    """Ask the provider for what signing in needs; `test_ok` and `test_message` say what came of it."""
    return done(await try_sign_in(door.write, door.wiring), "Tested.")


@router.put("/required", operation_id="require_workspace_sign_in")
async def require_sign_in(body: RequiredBody, door: Caller) -> Answer[SignInDetail]:
    """Let members in by it alone, or by their own ways, too. Owners always have theirs."""
    return done(await door.write(sign_ins.require_sign_in, is_required=body.is_required), "Saved.")


@router.post("/domains", status_code=201, operation_id="add_sign_in_domain")
async def add_domain(body: DomainBody, door: Caller) -> Answer[SignInDetail]:
    """Note a domain; the answer tells the TXT record that proves it."""
    return done(await door.write(sign_ins.add_domain, domain=body.domain), "Noted.")


@router.post("/domains/{domain}/confirm", operation_id="confirm_sign_in_domain")
async def confirm_domain(domain: Domain, door: Caller) -> Answer[SignInDetail]:
    """Look for the record in the DNS; people of a proved domain come in by themselves."""
    return done(await prove_domain(door.write, door.wiring, domain=domain), "Confirmed.")


@router.delete("/domains/{domain}", operation_id="remove_sign_in_domain")
async def remove_domain(domain: Domain, door: Caller) -> Answer[SignInDetail]:
    """Give a domain up."""
    return done(await door.write(sign_ins.remove_domain, domain=domain), "Removed.")


@doors.post("/workspace")
async def begin_by_address(body: WorkAddressBody, *, request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Go to the provider of the workspace that the address's domain is proved of; nothing is told of the address itself."""
    await asyncio.to_thread(accounts.throttle_link, wiring.ports.limiter, network=visitor.network)
    found = await reading(wiring, sign_ins.find_door, email=body.email or "@")
    return await begin(found.key, BeginBody(next=body.next), request=request, response=response, visitor=visitor, wiring=wiring)
