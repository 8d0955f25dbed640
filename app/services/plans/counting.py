"""Counting what plans limit, at the moment it comes into being: services that start runs or make agents call it in their transaction.

The count is the gate: it rises by one statement that does nothing at the limit, so that of any number of starts at once exactly as
many go through as are left. What is rolled back was never counted.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into
from app.core.errors import LimitReached
from app.core.uow import UnitOfWork
from app.services.mail import queue_mail
from app.services.plans.catalogue import Plan, plan_of, plan_table
from models.agent import Agent
from models.ids import new_id
from models.plan import PlanUsage
from models.user import User
from models.workspace import Membership, Role, Workspace

ALERTS = (100, 80)
usage_table: sa.Table = PlanUsage.__table__  # type: ignore[attr-defined]
_usage = usage_table.c


class TaskLimitReached(LimitReached):
    """The month's tasks are used up."""

    status = 402
    code = "task_limit"


class AgentLimitReached(LimitReached):
    """The plan has no room for another agent."""

    status = 402
    code = "agent_limit"


def period_of(now: datetime) -> str:
    """The month that counts, in UTC."""
    return f"{now:%Y-%m}"


def next_period(now: datetime) -> date:
    """The day on which the count begins anew."""
    return date(now.year + now.month // 12, now.month % 12 + 1, 1)


def count_task(uow: UnitOfWork) -> None:
    """One more task of this month, or TaskLimitReached; tells owners and admins when 80 and 100 % are passed."""
    plan = plan_of(uow)
    if plan is None:
        return
    now, connection = uow.ports.clock.now(), uow.session.connection()
    mine = sa.and_(_usage.workspace_id == uow.workspace_id, _usage.period == period_of(now))
    open_row(uow, usage_table, {"period": period_of(now), "tasks": 0, "alerted": 0}, key=["workspace_id", "period"])
    most = plan.most_tasks
    room = mine if most is None else sa.and_(mine, _usage.tasks < most)
    raised = sa.update(usage_table).where(room).values(tasks=_usage.tasks + 1, updated_at=now).returning(_usage.tasks, _usage.alerted)
    row = connection.execute(raised).first()
    if row is None:
        begins = f"{next_period(now):%d %B}".lstrip("0")
        raise TaskLimitReached(
            f"This workspace has used the {plan.tasks:,} tasks a month of the plan “{plan.name}”. The count begins anew on {begins}; "
            "a larger plan goes on at once (Settings, Plan)."
        )
    level = next((level for level in ALERTS if plan.tasks and row.tasks * 100 >= plan.tasks * level), 0)
    if level > row.alerted:
        connection.execute(sa.update(usage_table).where(mine).values(alerted=level))
        _tell(uow, plan, level, row.tasks, now)


def allow_agent(uow: UnitOfWork) -> None:
    """Room for one more agent, held until the transaction ends; or AgentLimitReached."""
    allow_agents(uow, 1)


def allow_agents(uow: UnitOfWork, wanted: int) -> None:
    """Room for so many more agents, held until the transaction ends; or AgentLimitReached, which says how many are too many."""
    plan = plan_of(uow)
    if plan is None or plan.agents is None or not wanted:
        return
    connection = uow.session.connection()
    open_row(uow, plan_table, {"plan": "", "bought_plan": ""}, key=["workspace_id"])
    connection.execute(sa.select(plan_table.c.id).where(plan_table.c.workspace_id == uow.workspace_id).with_for_update())
    lacking = tell_lacking_room(uow, wanted)
    if lacking:
        raise AgentLimitReached(lacking)


def tell_lacking_room(uow: UnitOfWork, wanted: int) -> str:
    """Why the plan has no room for so many more agents, and what to do about it; "" where it has."""
    plan = plan_of(uow)
    if plan is None or plan.agents is None or not wanted:
        return ""
    has = count_agents(uow)
    too_many = has + wanted - plan.agents
    if too_many <= 0:
        return ""
    brought = "" if wanted == 1 else f" This brings {wanted}."
    free = "Delete one that is" if too_many == 1 else f"Delete {too_many} that are"
    remedy = "Choose a larger plan" if wanted > plan.agents else f"{free} not needed any more, or choose a larger plan"
    told = f"The plan “{plan.name}” has room for {plan.agents} agents, and this workspace has {has}."
    return f"{told}{brought} {remedy} (Settings, Plan)."


def count_agents(uow: UnitOfWork) -> int:
    """The living agents of the workspace."""
    living = sa.select(sa.func.count()).select_from(Agent).where(col(Agent.workspace_id) == uow.workspace_id)
    return uow.session.connection().execute(living.where(col(Agent.deleted_at).is_(None))).scalar_one()


def open_row(uow: UnitOfWork, table: sa.Table, values: dict[str, Any], *, key: list[str]) -> None:
    """Make sure that the workspace has its row; where no one acts, `values` name the workspace."""
    connection, now = uow.session.connection(), uow.ports.clock.now()
    row = {"id": new_id(), "created_at": now, "updated_at": now, **values}
    if "workspace_id" not in row:
        row["workspace_id"] = uow.workspace_id
    connection.execute(insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=key))


def leading_people(uow: UnitOfWork, workspace_id: uuid.UUID) -> Sequence[str]:
    """The addresses of a workspace's owners and admins."""
    people = select(User.email).join(Membership, col(Membership.user_id) == col(User.id)).where(Membership.workspace_id == workspace_id)
    return uow.session.exec(people.where(col(Membership.role).in_((Role.OWNER, Role.ADMIN)), col(User.is_demo).is_(False))).all()


def _tell(uow: UnitOfWork, plan: Plan, level: int, tasks: int, now: datetime) -> None:
    """A letter to those who can do something about it."""
    space = uow.session.get(Workspace, uow.workspace_id)
    people = leading_people(uow, uow.workspace_id)
    name, begins = space.name if space else "Your workspace", f"{next_period(now):%d %B}".lstrip("0")
    grace = f" Up to {plan.most_tasks:,} may still start; then starts are refused." if plan.most_tasks != plan.tasks else ""
    after = f"{grace} The count begins anew on {begins}." if level == 100 else f" The count begins anew on {begins}."
    text = f"{name} has used {tasks:,} of the {plan.tasks:,} tasks a month of the plan “{plan.name}”.{after}\n\n"
    for email in people:
        told = f"{text}{uow.ports.public_url}/settings/plan\n"
        queue_mail(uow, to=email, subject=f"{level} % of this month's tasks of {name} are used", text=told)
