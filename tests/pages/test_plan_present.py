"""The meters of the plan's page: what is used up or over is marked, whatever is left of it elsewhere."""

from dataclasses import replace

import pytest

from app.views.plans import PlanDetail
from pages.settings.plan_present import meters_of

PLAN = PlanDetail(is_on=True, name="Starter", tasks=1, tasks_of_plan=1_000, most_tasks=1_100, most_agents=5)


@pytest.mark.parametrize(
    ("agents", "used", "level", "mark"),
    [(1, "1 of 5", 0, ""), (4, "4 of 5", 80, ""), (5, "5 of 5", 100, "Used up"), (10, "10 of 5", 100, "Over the plan")],
)
def test_a_meter_says_when_it_is_used_up_and_when_it_is_over(agents: int, used: str, level: int, mark: str) -> None:
    meter = meters_of(replace(PLAN, agents=agents))[1]
    assert (meter.used, meter.level, meter.mark if level == 100 else "") == (used, level, mark)
    assert meter.percent <= 100
