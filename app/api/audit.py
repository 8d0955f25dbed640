"""The audit trail, usage and performance of a workspace over the API, for who may read them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Cursor, Day, Limit, Page, Request, Search, done
from app.services import audit, performance, usage
from app.views.audit import AuditFile, AuditFilters, AuditRow, AuditVerdict
from app.views.performance import Performance
from app.views.usage import UsageSummary

router = APIRouter(prefix="/api/v1", responses=REFUSALS)
Word = Annotated[str, Query(max_length=80)]
Filter = Annotated[str, Field(max_length=200)]


class ExportBody(Request):
    """Which entries, as the list filters them, and as what."""

    search: Filter = ""
    person: Filter = Field(default="", description="Who acted: the id of a user.")
    action: Filter = ""
    kind: Filter = ""
    outcome: Filter = Field(default="", description="done or denied")
    resource: Filter = Field(default="", description="The id of a thing.")
    since: Filter = Field(default="", description="A day in UTC, such as 2026-01-31.")
    until: Filter = ""
    file_format: str = Field(default="csv", max_length=20, description="csv or json")


class Retention(Request):
    """For how many days entries are kept: 30 or 365."""

    days: int


@router.get("/audit", operation_id="list_audit", tags=["audit"])
async def list_audit(
    door: Caller,
    search: Search = "",
    *,
    person: Annotated[str, Query(max_length=64, description="Who acted: the id of a user.")] = "",
    action: Word = "",
    kind: Word = "",
    outcome: Annotated[str, Query(max_length=20, description="done or denied")] = "",
    resource: Annotated[str, Query(max_length=64, description="The id of a thing.")] = "",
    since: Day = "",
    until: Day = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Answer[Page[AuditRow]]:
    """Who did what, the newest first."""
    given = {"search": search, "person": person, "action": action, "kind": kind, "outcome": outcome, "resource": resource}
    filters = {name: value for name, value in (given | {"since": since, "until": until}).items() if value}
    page = await door.read(audit.list_entries, filters=filters, cursor=cursor, limit=limit)
    return done(Page(items=list(page.rows), next_cursor=page.next_cursor or None, total=page.total))


@router.get("/audit/verdict", operation_id="verify_audit", tags=["audit"])
async def verify_audit(door: Caller) -> Answer[AuditVerdict]:
    """Whether the chain of entries is unbroken; `problems` names each place where it was touched."""
    return done(await door.read(audit.check_chain))


@router.get("/audit/filters", operation_id="list_audit_filters", tags=["audit"])
async def list_audit_filters(door: Caller) -> Answer[AuditFilters]:
    """The people, actions and kinds that occur, each as value and words."""
    return done(await door.read(audit.list_filters))


@router.post("/audit/export", operation_id="export_audit", tags=["audit"], dependencies=[NEVER_KEPT])
async def export_audit(body: ExportBody, door: Caller) -> Answer[AuditFile]:
    """What fits as the text of a file, oldest first. That it was taken along is in the trail, too."""
    filters = {name: value for name, value in body.model_dump(exclude={"file_format"}).items() if value}
    return done(await door.write(audit.export_entries, filters=filters, file_format=body.file_format))


@router.get("/audit/retention", operation_id="get_audit_retention", tags=["audit"])
async def get_retention(door: Caller) -> Answer[Retention]:
    """For how many days entries are kept."""
    return done(Retention(days=(await door.read(audit.list_entries, limit=1)).retention_days))


@router.put("/audit/retention", operation_id="set_audit_retention", tags=["audit"])
async def set_retention(body: Retention, door: Caller) -> Answer[Retention]:
    """Keep entries for 30 or for 365 days; older ones go."""
    page = await door.write(audit.set_retention, days=body.days)
    return done(Retention(days=page.retention_days), "Saved.")


@router.get("/usage", operation_id="get_usage", tags=["usage"])
async def get_usage(door: Caller, since: Day = "", until: Day = "") -> Answer[UsageSummary]:
    """Tokens and cost of model calls in a period, by model and by workflow, and runs by how they ended; the last 30 days without one."""
    return done(await door.read(usage.list_usage, since=since, until=until))


@router.get("/performance", operation_id="get_performance", tags=["usage"])
async def get_performance(door: Caller, since: Day = "", until: Day = "") -> Answer[Performance]:
    """Runs that ended in a period: how many succeeded, how long they took and what they cost, by workflow and by day."""
    return done(await door.read(performance.get_performance, since=since, until=until))
