"""Credentials over the API: everything but the secrets, which go in and never come out."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Search, done, whole
from app.services import connections, credentials
from app.trial import try_credential
from app.views.connections import ConnectionRow
from app.views.credentials import CredentialDetail, CredentialKind, CredentialRow

router = APIRouter(prefix="/api/v1", tags=["credentials"], responses=REFUSALS)
EXAMPLE = {"name": "tracker_token", "kind": "bearer", "secret": "the token itself", "hosts": "api.example.com"}
FIELDS = "name, kind, secret, perhaps public_name, hosts, provider, description, expires_at."
Settings = Annotated[dict[str, Any], Body(description=FIELDS, examples=[EXAMPLE])]


@router.get("/credentials", operation_id="list_credentials")
async def list_credentials(door: Caller, search: Search = "") -> Answer[Page[CredentialRow]]:
    """Credentials of the workspace."""
    page = await door.read(credentials.list_credentials, search=search)
    return done(Page(items=list(page.rows), total=page.total))


@router.post("/credentials", status_code=201, operation_id="create_credential")
async def create_credential(settings: Settings, door: Caller) -> Answer[CredentialRow]:
    """Save a credential; its secret is sealed and never told again."""
    return done(await door.write(credentials.create_credential, settings=settings), "Saved.")


@router.get("/credentials/{credential_id}", operation_id="get_credential")
async def get_credential(credential_id: Id, door: Caller) -> Answer[CredentialDetail]:
    """One credential and what uses it."""
    return done(await door.read(credentials.get_credential, credential_id=credential_id))


@router.patch("/credentials/{credential_id}", operation_id="update_credential")
async def update_credential(credential_id: Id, settings: Settings, door: Caller) -> Answer[CredentialRow]:
    """Change a credential; without a secret the present one stays."""
    return done(await door.write(credentials.update_credential, credential_id=credential_id, settings=settings), "Saved.")


@router.delete("/credentials/{credential_id}", operation_id="delete_credential")
async def delete_credential(
    credential_id: Id, door: Caller, even_if_used: Annotated[bool, Query(description="Also while workflows or agents name it.")] = False
) -> Answer[Nothing]:
    """Delete a credential."""
    await door.write(credentials.delete_credential, credential_id=credential_id, even_if_used=even_if_used)
    return done(Nothing(), "Deleted.")


@router.post("/credentials/{credential_id}/test", operation_id="test_credential")
async def test_credential(credential_id: Id, door: Caller) -> Answer[CredentialRow]:
    """Ask the other side whether it accepts the credential; `test_ok` and `test_message` say what came of it."""
    return done(await try_credential(door.write, door.wiring.settings, credential_id=credential_id), "Tested.")


@router.get("/integrations", operation_id="list_integrations")
async def list_integrations(door: Caller) -> Answer[Page[CredentialKind]]:
    """The kinds of services that credentials can be saved for."""
    return whole(await door.read(credentials.list_credential_kinds))


@router.get("/connections", operation_id="list_connections")
async def list_connections(door: Caller, search: Search = "") -> Answer[Page[ConnectionRow]]:
    """What the workspace is connected to: model providers, saved keys, outgoing webhooks; for owners also sign-ins and payouts."""
    page = await door.read(connections.list_connections, search=search)
    return done(Page(items=list(page.rows), total=page.total))
