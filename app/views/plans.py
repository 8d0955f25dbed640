"""What pages and the command line see of plans."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan as it is offered; None is no limit, and for the price one that is agreed on."""

    key: str
    name: str
    price_cents: int | None
    agents: int | None
    tasks: int | None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """What a workspace has and has used this month. `most_tasks` is where starts are refused: the plan's number and its grace."""

    is_on: bool  # False: this installation has no plans, and nothing is limited by one
    name: str = ""
    tasks: int = 0
    tasks_of_plan: int | None = None
    most_tasks: int | None = None
    agents: int = 0
    most_agents: int | None = None
    resets_on: date | None = None
    cards: tuple[PlanCard, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A workspace and its plan, for the console."""

    workspace: str
    workspace_id: str
    plan: str
    tasks: int
