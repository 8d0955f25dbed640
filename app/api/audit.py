"""The audit trail, usage and performance of a workspace over the API, for who may read them."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Cursor, Day, Limit, Page, Search, done
from app.services import audit, performance, usage
from app.views.audit import AuditRow, AuditVerdict
from app.views.performance import Performance
from app.views.usage import UsageSummary

router = APIRouter(prefix="/api/v1", responses=REFUSALS)
Word = Annotated[str, Query(max_length=80)]


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


@router.get("/usage", operation_id="get_usage", tags=["usage"])
async def get_usage(door: Caller, since: Day = "", until: Day = "") -> Answer[UsageSummary]:
    """Tokens and cost of model calls in a period, by model and by workflow, and runs by how they ended; the last 30 days without one."""
    return done(await door.read(usage.list_usage, since=since, until=until))


@router.get("/performance", operation_id="get_performance", tags=["usage"])
async def get_performance(door: Caller, since: Day = "", until: Day = "") -> Answer[Performance]:
    """Runs that ended in a period: how many succeeded, how long they took and what they cost, by workflow and by day."""
    return done(await door.read(performance.get_performance, since=since, until=until))
