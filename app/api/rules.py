"""Event rules over the API: when something happens in the workspace, a workflow starts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Search, Shape, done
from app.services import rules
from app.views.rules import RuleDetail, RuleRow

router = APIRouter(prefix="/api/v1/rules", tags=["rules"], responses=REFUSALS)
FIELDS = (
    "name, kind (run_ended, run_succeeded, run_failed, ...), workflow_id (what starts); "
    "perhaps source_id (only runs of this workflow), button, condition, mapping (input -> template) and is_enabled."
)
EXAMPLE = {"name": "Tell the team", "kind": "run_failed", "workflow_id": "0198c0de-7a11-7c3e-9d2b-5f0e6a4b1c2d"}
Fields = Annotated[dict[str, Any], Body(description=FIELDS, examples=[EXAMPLE])]


class Rule(Shape):
    """A rule just made."""

    id: UUID
    name: str
    kind: str
    source_id: UUID | None
    workflow_id: UUID
    is_enabled: bool


@router.get("", operation_id="list_rules")
async def list_rules(
    door: Caller,
    *,
    search: Search = "",
    workflow_id: Annotated[str, Query(max_length=64, description="Only those that start it or wait for it.")] = "",
) -> Answer[Page[RuleRow]]:
    """Rules of the workspace, by name."""
    found = await door.read(rules.list_rules, search=search, workflow_id=workflow_id)
    return done(Page(items=list(found.rows), total=found.total))


@router.post("", status_code=201, operation_id="create_rule", response_model=Answer[Rule])
async def create_rule(fields: Fields, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Make a rule; its runs are started in your name."""
    return await door.once(rules.create_rule, key=idempotency_key, shape=Rule, message="Created.", rule=fields)


@router.get("/{rule_id}", operation_id="get_rule")
async def get_rule(rule_id: Id, door: Caller) -> Answer[RuleDetail]:
    """One rule, with what became of the newest events."""
    return done(await door.read(rules.get_rule, rule_id=rule_id))


@router.put("/{rule_id}", operation_id="update_rule")
async def update_rule(rule_id: Id, fields: Fields, door: Caller) -> Answer[RuleRow]:
    """Change a rule: all its fields are given."""
    return done(await door.write(rules.update_rule, rule_id=rule_id, rule=fields), "Saved.")


@router.delete("/{rule_id}", operation_id="delete_rule")
async def delete_rule(rule_id: Id, door: Caller) -> Answer[Nothing]:
    """Delete a rule; what it has started stays."""
    await door.write(rules.delete_rule, rule_id=rule_id)
    return done(Nothing(), "Deleted.")


@router.post("/{rule_id}/pause", operation_id="pause_rule")
async def pause_rule(rule_id: Id, door: Caller) -> Answer[RuleRow]:
    """Start nothing until it is resumed."""
    return done(await door.write(rules.pause_rule, rule_id=rule_id), "Paused.")


@router.post("/{rule_id}/resume", operation_id="resume_rule")
async def resume_rule(rule_id: Id, door: Caller) -> Answer[RuleRow]:
    """Go on, in your name; what happened meanwhile is not made up for."""
    return done(await door.write(rules.resume_rule, rule_id=rule_id), "Resumed.")
