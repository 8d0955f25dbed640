"""The plan's page: what is used up or over is marked, and what is paid for can be cancelled, whoever chose the plan."""

from dataclasses import replace

import pytest

from app.views.plans import BillingDetail, PlanDetail
from pages.settings.plan_present import bill_item, meters_of

PLAN = PlanDetail(is_on=True, name="Starter", tasks=1, tasks_of_plan=1_000, most_tasks=1_100, most_agents=5)


@pytest.mark.parametrize(
    ("agents", "used", "level", "mark"),
    [(1, "1 of 5", 0, ""), (4, "4 of 5", 80, ""), (5, "5 of 5", 100, "Used up"), (10, "10 of 5", 100, "Over the plan")],
)
def test_a_meter_says_when_it_is_used_up_and_when_it_is_over(agents: int, used: str, level: int, mark: str) -> None:
    meter = meters_of(replace(PLAN, agents=agents))[1]
    assert (meter.used, meter.level, meter.mark if level == 100 else "") == (used, level, mark)
    assert meter.percent <= 100


@pytest.mark.parametrize(("is_cancelled", "can_manage", "can_cancel"), [(False, True, True), (True, True, False), (False, False, False)])
def test_what_is_paid_beside_a_plan_of_the_operators_can_be_cancelled(is_cancelled: bool, can_manage: bool, can_cancel: bool) -> None:
    bill = BillingDetail(is_fixed=True, can_manage=can_manage, state="active", plan="starter", is_cancelled=is_cancelled)
    shown = bill_item(bill)
    assert (shown.can_cancel, shown.back, shown.pay_url) == (can_cancel, "", "")
    assert ("charged every month" in shown.whom) == (not is_cancelled)


def test_a_plan_that_is_about_to_change_can_be_kept_or_cancelled_and_says_how_to_choose_another() -> None:
    bill = BillingDetail(
        can_buy=True,
        can_manage=True,
        state="active",
        plan="pro",
        plan_name="Pro",
        price="$299.00",
        next_plan="Starter",
        next_price="$99.00",
    )
    shown = bill_item(bill)
    assert (shown.can_cancel, shown.back, shown.back_label) == (True, "pro", "Keep Pro")
    assert shown.note.endswith("To choose another plan, keep Pro first.")
    over = bill_item(replace(bill, is_cancelled=True))
    assert (over.can_cancel, over.back) == (False, "pro")


@pytest.mark.parametrize(("can_buy", "adds_tax", "is_told"), [(True, True, True), (True, False, False), (False, True, False)])
def test_prices_before_tax_are_told_as_such_where_plans_are_sold(can_buy: bool, adds_tax: bool, is_told: bool) -> None:
    assert bool(bill_item(BillingDetail(can_buy=can_buy, adds_tax=adds_tax)).tax) is is_told
