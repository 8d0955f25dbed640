"""Outgoing webhooks over the API: endpoints, and the messages owed to them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from app.api.callers import Caller
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Cursor, Id, Nothing, Page, Search, Shape, done
from app.services import outgoing
from app.views.outgoing import EndpointDetail, EndpointRow, MadeEndpoint, MessageDetail, MessageRow

router = APIRouter(prefix="/api/v1", tags=["endpoints"], responses=REFUSALS)
EXAMPLE = {"name": "Our tracker", "url": "https://example.com/agent-factory", "events": ["run.failed"]}
FIELDS = "name, url, events, workflow_ids; docs/webhooks.md lists the events."
Settings = Annotated[dict[str, Any], Body(description=FIELDS, examples=[EXAMPLE])]


class Replayed(Shape):
    """How many messages are sent again."""

    count: int


@router.get("/endpoints", operation_id="list_endpoints")
async def list_endpoints(door: Caller, search: Search = "") -> Answer[Page[EndpointRow]]:
    """Endpoints of the workspace."""
    page = await door.read(outgoing.list_endpoints, search=search)
    return done(Page(items=list(page.rows), total=page.total))


@router.post("/endpoints", status_code=201, operation_id="create_endpoint", dependencies=[NEVER_KEPT])
async def create_endpoint(settings: Settings, door: Caller) -> Answer[MadeEndpoint]:
    """Make an endpoint; its signing secret is told this once."""
    return done(await door.write(outgoing.create_endpoint, settings=settings), "Copy the secret now; it is not shown again.")


@router.get("/endpoints/{endpoint_id}", operation_id="get_endpoint")
async def get_endpoint(endpoint_id: Id, door: Caller) -> Answer[EndpointDetail]:
    """One endpoint."""
    return done(await door.read(outgoing.get_endpoint, endpoint_id=endpoint_id))


@router.patch("/endpoints/{endpoint_id}", operation_id="update_endpoint")
async def update_endpoint(endpoint_id: Id, settings: Settings, door: Caller) -> Answer[EndpointDetail]:
    """Change settings."""
    return done(await door.write(outgoing.update_endpoint, endpoint_id=endpoint_id, settings=settings), "Saved.")


@router.delete("/endpoints/{endpoint_id}", operation_id="delete_endpoint")
async def delete_endpoint(endpoint_id: Id, door: Caller) -> Answer[Nothing]:
    """Delete an endpoint; nothing is sent there any more."""
    await door.write(outgoing.delete_endpoint, endpoint_id=endpoint_id)
    return done(Nothing(), "Deleted.")


@router.post("/endpoints/{endpoint_id}/pause", operation_id="pause_endpoint")
async def pause_endpoint(endpoint_id: Id, door: Caller) -> Answer[EndpointDetail]:
    """Send nothing until it is resumed."""
    return done(await door.write(outgoing.pause_endpoint, endpoint_id=endpoint_id), "Paused.")


@router.post("/endpoints/{endpoint_id}/resume", operation_id="resume_endpoint")
async def resume_endpoint(endpoint_id: Id, door: Caller) -> Answer[EndpointDetail]:
    """Send again."""
    return done(await door.write(outgoing.resume_endpoint, endpoint_id=endpoint_id), "Resumed.")


@router.post("/endpoints/{endpoint_id}/test", status_code=202, operation_id="test_endpoint")
async def test_endpoint(endpoint_id: Id, door: Caller) -> Answer[MessageDetail]:
    """Send a test message."""
    return done(await door.write(outgoing.send_test, endpoint_id=endpoint_id), "On its way.")


@router.post("/endpoints/{endpoint_id}/rotate-secret", operation_id="rotate_endpoint_secret", dependencies=[NEVER_KEPT])
async def rotate_secret(endpoint_id: Id, door: Caller) -> Answer[MadeEndpoint]:
    """Make another signing secret; for a day messages are signed with the one before as well."""
    return done(await door.write(outgoing.rotate_endpoint_secret, endpoint_id=endpoint_id), "Copy the secret now; it is not shown again.")


@router.delete("/endpoints/{endpoint_id}/secrets/{secret_id}", operation_id="revoke_endpoint_secret")
async def revoke_secret(endpoint_id: Id, secret_id: Id, door: Caller) -> Answer[EndpointDetail]:
    """Stop signing with a replaced secret at once."""
    revoked = await door.write(outgoing.revoke_endpoint_secret, endpoint_id=endpoint_id, secret_id=secret_id)
    return done(revoked, "The secret has ended.")


@router.post("/endpoints/{endpoint_id}/replay-failed", status_code=202, operation_id="replay_failed_messages")
async def replay_failed(endpoint_id: Id, door: Caller) -> Answer[Replayed]:
    """Send everything again that was given up, the oldest first."""
    return done(Replayed(count=await door.write(outgoing.replay_failed, endpoint_id=endpoint_id)), "On their way.")


@router.get("/endpoints/{endpoint_id}/messages", operation_id="list_messages")
async def list_messages(
    endpoint_id: Id, door: Caller, *, status: Annotated[str, Query(max_length=20)] = "", search: Search = "", cursor: Cursor = ""
) -> Answer[Page[MessageRow]]:
    """Messages, the newest first."""
    page = await door.read(outgoing.list_messages, endpoint_id=endpoint_id, status=status, search=search, cursor=cursor)
    return done(Page(items=list(page.rows), next_cursor=page.next_cursor or None))


@router.get("/messages/{message_id}", operation_id="get_message")
async def get_message(message_id: Id, door: Caller) -> Answer[MessageDetail]:
    """One message with its attempts."""
    return done(await door.read(outgoing.get_message, message_id=message_id))


@router.post("/messages/{message_id}/replay", status_code=202, operation_id="replay_message")
async def replay_message(message_id: Id, door: Caller) -> Answer[MessageDetail]:
    """Send a message again."""
    return done(await door.write(outgoing.replay_message, message_id=message_id), "On its way.")
