"""What comes before an agent is saved, over the API: checking a definition, what a form offers, and ready-made agents to begin with."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.api.agents import OF_SPEC, Agent, Definition
from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Id, Page, Shape, done, whole
from app.services import agents, home
from app.views.agents import FieldProblem, FormOptions, NeededValue, StarterCard
from app.views.home import HomeView

router = APIRouter(prefix="/api/v1", tags=["agents"], responses=REFUSALS)


class CheckedAgent(Shape):
    """What is wrong with a definition, field by field, and what its instructions use."""

    is_valid: bool
    problems: list[FieldProblem]
    variables: list[str]
    needed: list[NeededValue]
    hint: str


@router.post("/agents/check", operation_id="check_agent", openapi_extra=OF_SPEC)
async def check_agent(definition: Definition, door: Caller) -> Answer[CheckedAgent]:
    """Judge a definition without saving it."""
    found = await door.read(agents.check_agent, draft=definition)
    told: dict[str, Any] = {name: list(getattr(found, name)) for name in ("problems", "variables", "needed")}
    return done(CheckedAgent(is_valid=not found.problems, hint=found.hint, **told))


@router.get("/agents/options", operation_id="list_agent_options")
async def list_options(door: Caller) -> Answer[FormOptions]:
    """The models and tools that agents here may have."""
    return done(await door.read(agents.list_form_options))


@router.get("/agents/starters", operation_id="list_starters")
async def list_starters(door: Caller) -> Answer[Page[StarterCard]]:
    """Ready-made agents."""
    return whole(await door.read(agents.list_starters))


@router.post("/agents/starters/{key}", status_code=201, operation_id="create_from_starter", response_model=Answer[Agent])
async def create_from_starter(key: Id, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Create an agent from a ready-made one."""
    create = partial(agents.create_from_starter, key=key)
    return await door.once(create, key=idempotency_key, shape=Agent, message="Created.")


@router.get("/home", operation_id="get_home", tags=["home"])
async def get_home(door: Caller) -> Answer[HomeView]:
    """What waits, what happened lately and what to do next, as the home page shows it."""
    return done(await door.read(home.home_view))
