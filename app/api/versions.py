"""The history of a workflow over the API: its versions, their differences, naming one, and going back to one."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import EDITS, REFUSALS, Answer, Id, Nothing, Page, Request, done
from app.api.etags import IfMatch, base_of
from app.services import history
from app.views.history import Comparison, VersionRow

router = APIRouter(prefix="/api/v1/workflows/{workflow_id}/versions", tags=["versions"], responses=REFUSALS)


class NameBody(Request):
    """A name and a note that say why a version matters; an empty name takes it away."""

    name: str = Field(max_length=400)
    note: str = Field(default="", max_length=4000)


@router.get("", operation_id="list_versions")
async def list_versions(
    workflow_id: Id,
    door: Caller,
    *,
    named_only: bool = False,
    cursor: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="`next_cursor` of the page before.")] = None,
) -> Answer[Page[VersionRow]]:
    """Versions, the newest first; the draft is not among them."""
    page = await door.read(history.list_versions, workflow_id=workflow_id, named_only=named_only, before=cursor)
    following = str(page.rows[-1].number) if page.has_more else None
    return done(Page(items=list(page.rows), next_cursor=following))


@router.post("/{version_id}/name", operation_id="name_version")
async def name_version(workflow_id: Id, version_id: Id, body: NameBody, door: Caller) -> Answer[VersionRow]:
    """Name a version, or with `draft` as its id the workflow as it stands."""
    arguments = {"workflow_id": workflow_id, "version_id": version_id}
    return done(await door.write(history.name_version, **arguments, name=body.name, note=body.note), "Named.")


@router.get("/{version_id}/changes", operation_id="compare_versions")
async def compare_versions(
    workflow_id: Id,
    version_id: Id,
    door: Caller,
    base: Annotated[str, Query(max_length=64, description="Another version, or draft.")] = "draft",
) -> Answer[Comparison]:
    """What differs between two versions, step by step and field by field."""
    arguments = {"workflow_id": workflow_id, "version_id": version_id, "with_id": base}
    return done(await door.read(history.compare_versions, **arguments))


@router.post("/{version_id}/restore", operation_id="restore_version", responses=EDITS)
async def restore_version(workflow_id: Id, version_id: Id, door: Caller, if_match: IfMatch = None) -> Answer[Nothing]:
    """Make the workflow what the version was; what it is now is kept as a version too. If-Match names the revision you know."""
    arguments = {"workflow_id": workflow_id, "version_id": version_id, "base_revision": base_of(if_match)}
    await door.write(history.restore_version, **arguments)
    return done(Nothing(), "Restored.")
