"""Budgets of the workspace and of its agents, and how its runs treat models, over the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Page, Request, done, whole
from app.services.agents import get_agent
from app.services.budgets import editing, policies
from app.views.budgets import BudgetView, PolicyView

router = APIRouter(prefix="/api/v1", tags=["budgets"], responses=REFUSALS)
Period = Annotated[str, Path(pattern="^(day|month)$", description="day or month, in UTC.")]
Cap = Annotated[str | int | float | None, Field(description="Left out it stays as it is; null or an empty text lifts it.")]


class CapsBody(Request):
    """Caps: money in US dollars, tokens, time in hours of work, steps."""

    money: Cap = Field(default=None)
    tokens: Cap = Field(default=None)
    time: Cap = Field(default=None)
    steps: Cap = Field(default=None)


class PolicyBody(Request):
    """Models that stand in, in their order, and limits by provider: requests and tokens a minute, calls at once."""

    fallback_models: list[str] = Field(default_factory=list[str], max_length=20)
    rates: dict[str, dict[str, str | int | None]] = Field(default_factory=dict[str, dict[str, str | int | None]])


@router.get("/budgets", operation_id="list_budgets")
async def list_budgets(door: Caller) -> Answer[Page[BudgetView]]:
    """What the workspace may use a day and a month, set or not, then the budgets of agents that are set."""
    return whole(await door.read(editing.list_budgets))


@router.patch("/budgets/{period}", operation_id="set_budget")
async def set_budget(period: Period, body: CapsBody, door: Caller) -> Answer[BudgetView]:
    """Set, raise or lift caps of the workspace. Runs that wait for a budget look again at once."""
    return done(await door.write(editing.set_workspace_budget, period=period, caps=_given(body), keeps_others=True), "Saved.")


@router.delete("/budgets/{period}", operation_id="clear_budget")
async def clear_budget(period: Period, door: Caller) -> Answer[BudgetView]:
    """Lift every cap."""
    return done(await door.write(editing.set_workspace_budget, period=period, caps={}), "Lifted.")


@router.get("/agents/{agent_id}/budget", operation_id="get_agent_budget")
async def get_agent_budget(agent_id: Id, door: Caller) -> Answer[BudgetView]:
    """What an agent may use a day."""
    return done(await door.read(editing.get_agent_budget, slug=await _slug(door, agent_id)))


@router.patch("/agents/{agent_id}/budget", operation_id="set_agent_budget")
async def set_agent_budget(agent_id: Id, body: CapsBody, door: Caller) -> Answer[BudgetView]:
    """Set, raise or lift caps of an agent, a day, in everything that uses it."""
    slug = await _slug(door, agent_id)
    return done(await door.write(editing.set_agent_budget, slug=slug, caps=_given(body), keeps_others=True), "Saved.")


@router.delete("/agents/{agent_id}/budget", operation_id="clear_agent_budget")
async def clear_agent_budget(agent_id: Id, door: Caller) -> Answer[BudgetView]:
    """Lift every cap of an agent."""
    return done(await door.write(editing.set_agent_budget, slug=await _slug(door, agent_id), caps={}), "Lifted.")


@router.get("/model-policy", operation_id="get_model_policy")
async def get_model_policy(door: Caller) -> Answer[PolicyView]:
    """Which models stand in for those that do not answer, and how fast runs may ask each provider."""
    return done(await door.read(policies.get_policy))


@router.put("/model-policy", operation_id="set_model_policy")
async def set_model_policy(body: PolicyBody, door: Caller) -> Answer[PolicyView]:
    """Replace both; limits count at once, models for runs that begin from now on."""
    return done(await door.write(policies.set_policy, fallback_models=body.fallback_models, rates=body.rates), "Saved.")


def _given(body: CapsBody) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True)


async def _slug(door: Caller, agent_id: str) -> str:
    return (await door.read(get_agent, agent_id=agent_id)).slug
