"""Plans: how many agents and tasks a month a workspace has. An installation may have none; then nothing is limited."""

from app.services.plans.catalogue import PLANS, Plan
from app.services.plans.counting import AgentLimitReached, TaskLimitReached, allow_agent, allow_agents, count_task, tell_lacking_room
from app.services.plans.everybody import get_everybodys_plan, set_everybodys_plan
from app.services.plans.reading import get_plan, get_plan_name
from app.services.plans.setting import list_plans, set_plan

__all__ = [
    "PLANS",
    "AgentLimitReached",
    "Plan",
    "TaskLimitReached",
    "allow_agent",
    "allow_agents",
    "count_task",
    "get_everybodys_plan",
    "get_plan",
    "get_plan_name",
    "list_plans",
    "set_everybodys_plan",
    "set_plan",
    "tell_lacking_room",
]
