"""What people answer when a cap is reached: raise it, or go on with a cheaper model. Approvals call it; stopping is cancelling."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.errors import Invalid
from app.services.budgets.accounts import CAPS, WORKSPACE, budget_table
from app.services.budgets.question import CHEAPER, KIND, MICROS, RAISE, amount_text
from engine.json import JsonObject
from engine.spec.workflow import MAX_MICROS, MAX_TOKENS
from models.base import utc_now
from models.ids import parse_id
from models.run import Approval, Run, RunStatus

approval_table: sa.Table = Approval.__table__  # type: ignore[attr-defined]
run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
_HIGHEST = {"money": MAX_MICROS, "tokens": MAX_TOKENS, "time": 366 * 86_400_000, "steps": 1_000_000_000}


def check_answer(request: JsonObject, pressed: str, answers: JsonObject) -> None:
    """Raise Invalid for a new limit that allows no more than the present one, and for a model that was not offered."""
    if pressed == RAISE:
        new_limit(request, answers)
    if pressed == CHEAPER and answers.get("model") not in (request.get("cheaper") or []):
        raise Invalid("Choose one of the models.", fields={"model": "Choose one of the models in the list."})


def new_limit(request: JsonObject, answers: JsonObject) -> int:
    """The limit that somebody filled in, in the unit in which it is kept."""
    cap, limit = str(request.get("cap")), int(request.get("limit") or 0)
    given = answers.get("amount")
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise Invalid("Say how high the new limit is.", fields={"amount": "Fill in the new limit as a number."})
    factor = MICROS if cap == "money" else 1000 if cap == "time" and request.get("budget") else 1
    wanted = round(given * factor)
    needed = max(limit + 1, int(request.get("used") or 0) + int(request.get("wanted") or 0))
    shown = amount_text(cap, needed / 1000 if factor == 1000 else needed)
    if wanted < needed:
        raise Invalid("The new limit is too low.", fields={"amount": f"The next call needs a limit of at least {shown}."})
    if wanted > _HIGHEST[cap]:
        raise Invalid("The new limit is too high.", fields={"amount": f"The limit can be at most {amount_text(cap, _HIGHEST[cap])}."})
    return wanted


def leave_of(request: JsonObject, decision: JsonObject) -> JsonObject:
    """The decision as the run's journal keeps it."""
    leave: JsonObject = {"action": decision["button"], "by": decision["by"], "by_name": decision["by_name"]}
    answers = decision["values"] or {}
    if decision["button"] == CHEAPER:
        return {**leave, "model": answers["model"]}
    wanted, cap = new_limit(request, answers), str(request.get("cap"))
    if request.get("budget"):
        return {**leave, "limit": wanted}
    return {**leave, "steps" if cap == "steps" else "time_s": wanted}


def raise_budget(connection: sa.Connection, request: JsonObject, leave: JsonObject) -> uuid.UUID | None:
    """Write the new cap; returns the budget when runs beside this one may wait for it."""
    budget_id = parse_id(request.get("budget"))
    if budget_id is None or leave["action"] != RAISE:
        return None
    column = budget_table.c[f"cap_{CAPS[str(request['cap'])]}"]
    is_it = sa.and_(budget_table.c.id == budget_id, sa.or_(column.is_(None), column < leave["limit"]))
    values = {column.name: leave["limit"], "alerted": 0, "updated_at": utc_now()}
    connection.execute(sa.update(budget_table).where(is_it, column.is_not(None)).values(values))
    return budget_id if request.get("scope") in (WORKSPACE, "agent") else None


def runs_asking(connection: sa.Connection, workspace_id: uuid.UUID, budget_id: uuid.UUID) -> list[uuid.UUID]:
    """Runs of the workspace that ask about this budget."""
    asked = sa.select(approval_table.c.run_id, approval_table.c.request).where(
        approval_table.c.workspace_id == workspace_id, approval_table.c.status == "pending"
    )
    rows = connection.execute(asked)
    return [row.run_id for row in rows if row.request.get("kind") == KIND and row.request.get("budget") == str(budget_id)]


def waiting_for_budget(connection: sa.Connection, workspace_id: uuid.UUID, budget_id: uuid.UUID) -> Sequence[Any]:
    """The parked ones, locked; those that somebody decides about just now are left to them."""
    parked = sa.and_(run_table.c.id.in_(runs_asking(connection, workspace_id, budget_id)), run_table.c.status == RunStatus.WAITING)
    columns = (run_table.c.id, run_table.c.workspace_id, run_table.c.status)
    return connection.execute(sa.select(*columns).where(parked).order_by(run_table.c.id).with_for_update(skip_locked=True)).all()
