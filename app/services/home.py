"""What surrounds every page (who, where, what waits), what the command palette finds, and the getting-started list."""

import uuid
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotSignedIn
from app.core.first_rows import EXAMPLE_RUN
from app.core.permissions import Permission, permissions_of, require
from app.core.uow import UnitOfWork
from app.services.accounts.tokens import TOUCH_AFTER
from app.services.budgets.accounts import period_start
from app.services.newer import find_newer
from app.services.operators import is_operator
from app.services.plans import get_plan, get_plan_name
from app.services.runs.deciders import may_decide
from app.services.subscriptions.standing import unpaid_until
from app.services.templates import list_templates, template_agents
from app.services.workspaces import list_workspaces
from app.views.accounts import Me, ShellView, initials_of
from app.views.home import ChecklistItem, HomeView, Notice, PaletteEntry, RecentRun, Shortcut, WaitingApproval
from app.views.words import ago, work_and_wait
from models.agent import Agent
from models.base import utc_now
from models.budget import Budget
from models.conversation import Conversation
from models.endpoint import WebhookEndpoint
from models.run import Approval, Run, RunStatus
from models.user import User, UserSession
from models.workflow import Workflow

M = TypeVar("M", Workflow, Agent)
PALETTE_LIMIT = 200
SHOWN = 5
MOST_WAITING = 100


def shell_view(uow: UnitOfWork) -> ShellView:
    """Read the frame of a page."""
    require(uow, Permission.VIEW)
    assert uow.actor is not None
    user = uow.session.get(User, uow.actor.user_id)
    if user is None:
        raise NotSignedIn()
    spaces = list_workspaces(uow)
    return ShellView(
        me=Me(name=user.name, email=user.email, initials=initials_of(user.name), is_demo=user.is_demo, is_operator=is_operator(uow)),
        workspace=replace(next(space for space in spaces if space.is_current), plan=get_plan_name(uow)),
        workspaces=tuple(spaces),
        pending_approvals=len(_to_decide(uow)),
        is_stale=_is_stale(uow),
        can_edit=_may_make(uow),
    )


def _may_make(uow: UnitOfWork) -> bool:
    return Permission.EDIT in permissions_of(uow.actor)


def _is_stale(uow: UnitOfWork) -> bool:
    row = uow.session.get(UserSession, uow.actor.session_id) if uow.actor and uow.actor.session_id else None
    return row is not None and (row.last_seen_at is None or uow.ports.clock.now() - row.last_seen_at > TOUCH_AFTER)


def palette_entries(uow: UnitOfWork) -> list[PaletteEntry]:
    """The workspace's newest agents and workflows, and for whoever may use them every template, for the command palette."""
    require(uow, Permission.VIEW)
    workflows = uow.session.exec(_newest(uow, Workflow).limit(PALETTE_LIMIT))
    agents = uow.session.exec(_newest(uow, Agent).limit(PALETTE_LIMIT))
    return [
        *(PaletteEntry(kind="workflow", label=row.name, hint="Workflow", href=f"/workflows/{row.id}") for row in workflows),
        *(PaletteEntry(kind="agent", label=row.name, hint=row.role or "Agent", href=f"/agents/{row.id}") for row in agents),
        *(
            PaletteEntry(kind="template", label=card.name, hint="Template", href=f"/templates?search={quote(card.name)}")
            for card in (list_templates(uow) if _may_make(uow) else ())
        ),
    ]


def home_view(uow: UnitOfWork) -> HomeView:
    """What waits, what happened lately, what to do next."""
    require(uow, Permission.VIEW)
    return HomeView(
        checklist=tuple(getting_started(uow)) if _may_make(uow) else (),
        approvals=tuple(_waiting(uow)),
        runs=tuple(_recent_runs(uow)),
        workflows=tuple(_recent_workflows(uow)),
        agents=tuple(_recent_agents(uow)),
        notices=(*_payment_notices(uow), *_plan_notices(uow), *_notices(uow), *_updates(uow)),
    )


def _payment_notices(uow: UnitOfWork) -> list[Notice]:
    """The plan's renewal was not paid, and when it ends without."""
    until = unpaid_until(uow)
    if until is None:
        return []
    ends = f"{until:%d %B}".lstrip("0")
    return [Notice("The last payment for the plan did not go through.", f"Without one the plan ends on {ends}.", "/settings/plan")]


def _plan_notices(uow: UnitOfWork) -> list[Notice]:
    """Four fifths of the month's tasks are used, or all of them."""
    plan = get_plan(uow)
    if not plan.is_on or plan.tasks_of_plan is None or plan.tasks * 5 < plan.tasks_of_plan * 4:
        return []
    share = "All" if plan.tasks >= plan.tasks_of_plan else "Most"
    rest = f"{plan.tasks:,} of {plan.tasks_of_plan:,} are used. At {plan.most_tasks:,}, nothing more starts until next month."
    return [Notice(f"{share} of this month's tasks of the plan “{plan.name}” are used.", rest, "/settings/plan")]


def _notices(uow: UnitOfWork) -> list[Notice]:
    """What stopped or is about to: budgets nearly used up, and endpoints that were disabled because they kept failing."""
    query = uow.scoped(WebhookEndpoint).where(WebhookEndpoint.state == "disabled", col(WebhookEndpoint.deleted_at).is_(None))
    rows = uow.session.exec(query.order_by(col(WebhookEndpoint.updated_at).desc()).limit(SHOWN)).all()
    return _budget_notices(uow) + [
        Notice(f"The webhook endpoint “{row.name}” was disabled.", row.reason, f"/triggers/outgoing/{row.id}") for row in rows
    ]


def _budget_notices(uow: UnitOfWork) -> list[Notice]:
    """Budgets of the workspace and its agents of which four fifths are used, in the running day or month."""
    now = utc_now()  # as budgets are counted
    rows = uow.session.exec(uow.scoped(Budget).where(Budget.alerted >= 80, Budget.scope != "run").order_by(col(Budget.id)).limit(SHOWN))
    return [_budget_notice(uow, row) for row in rows if row.period_start == period_start(row.period, now)]


def _budget_notice(uow: UnitOfWork, row: Budget) -> Notice:
    whose, href = "this workspace", "/settings/budgets"
    if row.scope == "agent":
        agent = uow.session.exec(uow.scoped(Agent).where(Agent.slug == row.subject)).first()
        whose, href = ("an agent", "/agents") if agent is None else (f"the agent “{agent.name}”", f"/agents/{agent.id}")
    share = "All" if row.alerted >= 100 else "Most"
    rest = "Runs that need more wait and ask." if row.alerted >= 100 else "Runs that need more than what is left will wait and ask."
    return Notice(f"{share} of the budget of {whose} for this {row.period} is used.", rest, href)


def _updates(uow: UnitOfWork) -> list[Notice]:
    """Installed listings of which a newer version is on the shelf; those that must be paid for again are left out."""
    told = "See what it changes before you update."
    return [
        Notice(f"Update “{listing.name}” to {number}", told, f"/marketplace/{listing.slug}", is_news=True)
        for listing, _, number in find_newer(uow, most=SHOWN)
    ]


def _recent_runs(uow: UnitOfWork) -> list[RecentRun]:
    now = uow.ports.clock.now()
    rows = uow.session.exec(
        uow.scoped(Run)
        .where(Run.kind == "workflow", col(Run.parent_run_id).is_(None))
        .order_by(col(Run.created_at).desc(), col(Run.id))
        .limit(SHOWN)
    )
    return [
        RecentRun(
            id=str(run.id),
            title=run.title or "Untitled run",
            status=run.status,
            note=_note(run),
            when=ago(run.created_at, now=now),
            href=f"/runs/{run.id}",
        )
        for run in rows
    ]


def _note(run: Run) -> str:
    if run.status == RunStatus.WAITING:
        return run.waiting_for
    if run.started_at is None or run.finished_at is None:
        return ""
    worked_ms = (run.finished_at - run.started_at).total_seconds() * 1000 - run.waited_ms
    return work_and_wait(max(0.0, worked_ms), run.waited_ms)


def _to_decide(uow: UnitOfWork) -> list[tuple[Approval, str]]:
    """Questions that wait for this very person, oldest first, with the titles of their runs."""
    query = (
        select(Approval, Run.title, Run.created_by)
        .join(Run, col(Run.id) == col(Approval.run_id))
        .where(Approval.workspace_id == uow.workspace_id, Approval.status == "pending", uow.within_reach(Approval))
        .order_by(col(Approval.created_at), col(Approval.id))
        .limit(MOST_WAITING)
    )
    return [(item, title) for item, title, starter in uow.session.exec(query) if may_decide(uow, item.request, starter)]


def _waiting(uow: UnitOfWork) -> list[WaitingApproval]:
    now = uow.ports.clock.now()
    return [
        WaitingApproval(title=item.title or "A decision", run_title=title, when=ago(item.created_at, now=now), href="/approvals")
        for item, title in _to_decide(uow)[:3]
    ]


def _recent_workflows(uow: UnitOfWork) -> list[Shortcut]:
    now = uow.ports.clock.now()
    return [
        Shortcut(
            label=row.name,
            note=f"{row.error_count} to mend"
            if row.error_count
            else _steps(sum(node.get("kind") != "note" for node in row.draft.get("nodes", ()))),
            when=ago(row.updated_at, now=now),
            href=f"/workflows/{row.id}",
            has_errors=row.error_count > 0,
        )
        for row in uow.session.exec(_newest(uow, Workflow).limit(4))
    ]


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _recent_agents(uow: UnitOfWork) -> list[Shortcut]:
    now = uow.ports.clock.now()
    return [
        Shortcut(label=row.name, note=row.role or row.model, when=ago(row.updated_at, now=now), href=f"/agents/{row.id}")
        for row in uow.session.exec(_newest(uow, Agent).limit(4))
    ]


def _newest(uow: UnitOfWork, model: type[M]) -> SelectOfScalar[M]:
    return uow.scoped(model).where(col(model.deleted_at).is_(None)).order_by(col(model.updated_at).desc(), col(model.id))


def _has_shaped(uow: UnitOfWork) -> bool:
    """Whether somebody made or changed an agent; those that a template brought and nobody touched do not count."""
    is_own = or_(col(Agent.version) > 1, col(Agent.slug).not_in(template_agents()) & (col(Agent.id) > _last_seeded(uow)))
    return uow.session.exec(uow.scoped(Agent).where(is_own, col(Agent.deleted_at).is_(None)).limit(1)).first() is not None


def _last_seeded(uow: UnitOfWork) -> uuid.UUID:
    """Ids grow with time, and the demo workspace's example run came last: what is before it was made by nobody there."""
    seeded = uow.session.exec(uow.scoped(Run).where(Run.idempotency_key == EXAMPLE_RUN).limit(1)).first()
    return seeded.id if seeded else uuid.UUID(int=0)


def getting_started(uow: UnitOfWork) -> list[ChecklistItem]:
    """The first steps, ticked by what people did in this workspace."""
    require(uow, Permission.VIEW)
    workflow = uow.session.exec(_newest(uow, Workflow).limit(1)).first()
    agent = uow.session.exec(_newest(uow, Agent).limit(1)).first()
    editor = f"/workflows/{workflow.id}" if workflow else "/templates"
    chat = f"/agents/{agent.id}" if agent else "/agents/new"
    own = _newest(uow, Workflow).where(col(Workflow.id) > _last_seeded(uow))
    has_made = uow.session.exec(own.limit(1)).first() is not None
    is_own = or_(col(Run.idempotency_key).is_(None), col(Run.idempotency_key) != EXAMPLE_RUN)
    has_run = uow.session.exec(uow.scoped(Run).where(Run.kind == "workflow", is_own).limit(1)).first() is not None
    has_chatted = uow.session.exec(uow.scoped(Conversation).limit(1)).first() is not None
    has_decided = uow.session.exec(uow.scoped(Approval).where(Approval.status == "decided").limit(1)).first() is not None
    return [
        ChecklistItem("workflow", "Make a workflow", "From a template, ready to run, or drawn by you.", "/templates", has_made),
        ChecklistItem("run", "Run a workflow", "Fill in its form and watch every step live.", editor, has_run),
        ChecklistItem("agent", "Shape an agent", "Give it a role, instructions, a model and tools.", "/agents/new", _has_shaped(uow)),
        ChecklistItem("chat", "Talk to an agent", "Test it in the panel beside its form.", chat, has_chatted),
        ChecklistItem("approval", "Decide an approval", "Let a run wait for you and choose how it goes on.", "/approvals", has_decided),
    ]
