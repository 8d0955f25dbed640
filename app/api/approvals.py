"""Approvals over the API: what waits for a person, and the decision."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Request, done, whole
from app.services import runs
from app.views.runs import ApprovalCard

router = APIRouter(prefix="/api/v1/approvals", tags=["approvals"], responses=REFUSALS)


class DecisionBody(Request):
    """Which button was pressed, with the values of the form and a note."""

    button: str = Field(max_length=100, description="The id of a button of the request.")
    values: dict[str, Any] = Field(default_factory=dict[str, Any])
    note: str = Field(default="", max_length=4000)


@router.get("", operation_id="list_approvals")
async def list_approvals(
    door: Caller,
    *,
    pending: Annotated[bool, Query(description="Those that wait, or those that are over.")] = True,
    mine: Annotated[bool, Query(description="Only those that you may decide, or have decided.")] = False,
) -> Answer[Page[ApprovalCard]]:
    """Decisions asked of people."""
    return whole(await door.read(runs.list_approvals, pending=pending, mine=mine))


@router.get("/{approval_id}", operation_id="get_approval")
async def get_approval(approval_id: Id, door: Caller) -> Answer[ApprovalCard]:
    """One decision."""
    return done(await door.read(runs.get_approval, approval_id=approval_id))


@router.post("/{approval_id}/decide", operation_id="decide_approval")
async def decide_approval(approval_id: Id, body: DecisionBody, door: Caller) -> Answer[ApprovalCard]:
    """Press a button. What is decided stays decided: a second decision is refused."""
    return done(await door.write(runs.decide_approval, approval_id=approval_id, **body.model_dump()), "Decided.")
