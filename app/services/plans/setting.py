"""What operators do about plans from the console of the installation."""

from sqlmodel import col, select

from app.core.errors import Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.plans.catalogue import PLANS, default_plan
from app.services.plans.counting import period_of
from app.views.plans import PlanRow
from models.ids import parse_id
from models.plan import PlanUsage, WorkspacePlan
from models.workspace import Workspace

MOST = 1000
DEFAULT = "default"  # what the workspace pays for, or what everybody has


def list_plans(uow: UnitOfWork) -> tuple[PlanRow, ...]:
    """Every workspace with its plan and this month's tasks; for who has a shell on the machine."""
    query = (
        select(Workspace.id, Workspace.name, WorkspacePlan, PlanUsage.tasks)
        .select_from(Workspace)
        .join(WorkspacePlan, col(WorkspacePlan.workspace_id) == col(Workspace.id), isouter=True)
        .join(
            PlanUsage,
            (col(PlanUsage.workspace_id) == col(Workspace.id)) & (col(PlanUsage.period) == period_of(uow.ports.clock.now())),
            isouter=True,
        )
        .where(col(Workspace.closed_at).is_(None))
    )
    rows = uow.session.exec(query.order_by(col(Workspace.created_at)).limit(MOST))
    everybodys = default_plan(uow)
    return tuple(PlanRow(name, str(one), _plan(uow, row) or everybodys, tasks or 0) for one, name, row, tasks in rows)


def _plan(uow: UnitOfWork, row: WorkspacePlan | None) -> str:
    bought = row.bought_plan if row and row.bought_until and uow.ports.clock.now() < row.bought_until else ""
    return (row.plan if row else "") or bought


def set_plan(uow: UnitOfWork, *, workspace: str, plan: str) -> str:
    """Put a workspace, named by id or by a name that is its alone, on a plan, or leave it to what it buys; what it has beyond stays."""
    if plan not in PLANS and plan != DEFAULT:
        raise Invalid(f"There is no plan '{plan}'.", fields={"plan": f"Choose one of {', '.join(PLANS)}, or {DEFAULT}."})
    wanted = parse_id(workspace)
    found = uow.session.exec(select(Workspace).where(Workspace.id == wanted if wanted else Workspace.name == workspace).limit(2)).all()
    if not found:
        raise NotFound("This workspace")
    if len(found) > 1:
        raise Invalid("Several workspaces have this name.", fields={"workspace": "Name it by its id: agent-factory plans list."})
    space = found[0]
    row = uow.session.exec(select(WorkspacePlan).where(WorkspacePlan.workspace_id == space.id)).first()
    before = row.plan if row else ""
    row = row or WorkspacePlan(workspace_id=space.id)
    row.plan, row.updated_at = "" if plan == DEFAULT else plan, uow.ports.clock.now()
    uow.session.add(row)
    uow.session.flush()
    return f"{space.name}: {before or default_plan(uow) or 'no plan'} -> {plan}"
