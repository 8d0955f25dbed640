"""Setting and reading the budgets of a workspace and of its agents; what runs may use stands in the settings of their workflows."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from app.core.audit import record
from app.core.bulk import insert_into
from app.core.errors import Invalid, NotFound
from app.core.permissions import Permission, permissions_of, require
from app.core.text import text_problem
from app.core.uow import UnitOfWork
from app.services.budgets.accounts import AGENT, CAPS, DAY, MONTH, WORKSPACE, budget_table, period_end, period_start
from app.services.budgets.answering import runs_asking
from app.services.budgets.question import MICROS, amount_text
from app.services.runs.approvals import resume_waiting_for
from app.views.budgets import BudgetView, CapView
from engine.spec.workflow import MAX_MICROS, MAX_TOKENS
from models.agent import Agent
from models.base import utc_now
from models.ids import new_id
from models.run import UsageRecord

usage_table: sa.Table = UsageRecord.__table__  # type: ignore[attr-defined]
LABELS = {"money": "US dollars", "tokens": "Tokens", "time": "Hours of work", "steps": "Steps"}
_HINTS = {
    "money": "an amount in US dollars, such as 5.00",
    "tokens": "a whole number of tokens, such as 2000000",
    "time": "a number of hours, such as 2.5",
    "steps": "a whole number of steps, such as 10000",
}
_FACTORS = {"money": MICROS, "tokens": 1, "time": 3_600_000, "steps": 1}
_HIGHEST = {"money": MAX_MICROS, "tokens": MAX_TOKENS, "time": 366 * 24 * 3_600_000, "steps": 1_000_000_000_000}
_PERIODS = {WORKSPACE: (DAY, MONTH), AGENT: (DAY,)}
_TITLES = {DAY: "A day", MONTH: "A month"}


def list_budgets(uow: UnitOfWork) -> tuple[BudgetView, ...]:
    """The workspace's budgets by day and by month, set or not, then those of its agents that are set."""
    require(uow, Permission.VIEW)
    query = sa.select(budget_table).where(budget_table.c.workspace_id == uow.workspace_id, budget_table.c.scope != "run")
    rows = {(row.scope, row.subject, row.period): row for row in uow.session.connection().execute(query)}
    own = [_view(uow, WORKSPACE, "", period, rows.pop((WORKSPACE, "", period), None)) for period in (DAY, MONTH)]
    return (*own, *(_view(uow, scope, subject, period, row) for (scope, subject, period), row in sorted(rows.items())))


def get_agent_budget(uow: UnitOfWork, *, slug: object) -> BudgetView:
    """What an agent may use a day."""
    require(uow, Permission.VIEW)
    subject = _agent(uow, slug)
    is_it = sa.and_(budget_table.c.workspace_id == uow.workspace_id, budget_table.c.scope == AGENT, budget_table.c.subject == subject)
    return _view(uow, AGENT, subject, DAY, uow.session.connection().execute(sa.select(budget_table).where(is_it)).first())


def set_workspace_budget(uow: UnitOfWork, *, period: object, caps: object, keeps_others: object = False) -> BudgetView:
    """Cap what the workspace may use a day or a month: money, tokens, time, steps; empty texts lift a cap. Raises Invalid per field.

    A cap that is left out is lifted, too, unless `keeps_others`.
    """
    require(uow, Permission.MANAGE_BUDGETS)
    if period not in _PERIODS[WORKSPACE]:
        raise Invalid("Choose a day or a month.", fields={"period": "Choose a day or a month."})
    return _set(uow, WORKSPACE, "", str(period), _read_caps(caps, only_given=keeps_others is True))


def set_agent_budget(uow: UnitOfWork, *, slug: object, caps: object, keeps_others: object = False) -> BudgetView:
    """The same for an agent and a day, in everything that uses it: workflows, teams and chats."""
    require(uow, Permission.EDIT)
    return _set(uow, AGENT, _agent(uow, slug), DAY, _read_caps(caps, only_given=keeps_others is True))


def _agent(uow: UnitOfWork, slug: object) -> str:
    is_text = not text_problem(slug, max_length=63, label="Agent")
    query = uow.scoped(Agent).where(Agent.slug == slug, sa.column("deleted_at").is_(None)) if is_text else None
    row = None if query is None else uow.session.exec(query).first()
    if row is None:
        raise NotFound("This agent")
    return row.slug


def _read_caps(caps: object, *, only_given: bool) -> dict[str, int | None]:
    given: Mapping[str, Any] = caps if isinstance(caps, Mapping) else {}
    values: dict[str, int | None] = {}
    problems: dict[str, str] = {}
    for name in CAPS if not only_given else [one for one in CAPS if one in given]:
        try:
            values[name] = _read_cap(name, given.get(name))
        except ValueError as problem:
            problems[name] = str(problem)
    if problems:
        raise Invalid("Please mend the marked fields.", fields=problems)
    return values


def _read_cap(name: str, value: object) -> int | None:
    """A cap as somebody typed it, in the unit in which it is kept; raises ValueError with what to do."""
    text = str(value if value is not None else "")[:40].strip().removeprefix("$").replace(",", "").replace("_", "")
    if not text:
        return None
    try:
        amount = Decimal(text) * _FACTORS[name]
        if not amount.is_finite() or amount < 1 or (name in ("tokens", "steps") and amount != int(amount)):
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError(f"Write {_HINTS[name]}, or leave it empty for no limit.") from None
    if amount > _HIGHEST[name]:
        raise ValueError(f"At most {_highest(name)}.")
    return round(amount)


def _highest(name: str) -> str:
    """The highest amount in the unit in which it is written."""
    return f"{_HIGHEST[name] / _FACTORS[name]:,.0f} hours of work" if name == "time" else amount_text(name, _HIGHEST[name])


def _set(uow: UnitOfWork, scope: str, subject: str, period: str, wanted: dict[str, int | None]) -> BudgetView:
    """Write the caps, those that are wanted and the others as they are; runs that waited look again whether there is room now."""
    uow.session.flush()
    connection, now = uow.session.connection(), utc_now()
    key = {"workspace_id": uow.workspace_id, "scope": scope, "subject": subject, "period": period}
    row = {**key, "id": new_id(), "created_at": now, "updated_at": now, "period_start": period_start(period, now), "alerted": 0}
    is_it = sa.and_(*(budget_table.c[name] == value for name, value in key.items()))
    before = connection.execute(sa.select(budget_table).where(is_it).with_for_update()).mappings().first() or {}
    caps = {name: wanted.get(name, before.get(f"cap_{column}")) for name, column in CAPS.items()}
    row |= {f"cap_{CAPS[name]}": value for name, value in caps.items()} | _used_before(uow, scope, period, now)
    changes = {f"cap_{CAPS[name]}": [before.get(f"cap_{CAPS[name]}"), value] for name, value in caps.items()}
    told = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    record(uow.trail, kind="budget", name=" ".join(filter(None, (scope, subject, period))), changes=told)
    statement = insert_into(connection, budget_table).values(row)
    anew = {f"cap_{column}": statement.excluded[f"cap_{column}"] for column in CAPS.values()} | {"alerted": 0, "updated_at": now}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=anew))
    kept = connection.execute(sa.select(budget_table).where(is_it)).one()
    resume_waiting_for(uow, kept.id)
    if all(value is None for value in caps.values()):
        connection.execute(sa.delete(budget_table).where(budget_table.c.id == kept.id))
        return _view(uow, scope, subject, period, None)
    return _view(uow, scope, subject, period, kept)


def _used_before(uow: UnitOfWork, scope: str, period: str, now: datetime) -> dict[str, int]:
    """What the workspace used in the running period before anybody counted; an agent's use is counted from now on."""
    if scope != WORKSPACE:
        return {}
    end = period_end(period, now)
    assert end is not None
    since = datetime.fromisoformat(period_start(period, now)).replace(tzinfo=end.tzinfo)
    used = usage_table.c
    sums = (sa.func.sum(used.cost_micros), sa.func.sum(used.input_tokens + used.output_tokens))
    query = sa.select(*sums).where(used.workspace_id == uow.workspace_id, used.at >= since)
    micros, tokens = uow.session.connection().execute(query).one()
    return {"spent_micros": int(micros or 0), "spent_tokens": int(tokens or 0)}


def _view(uow: UnitOfWork, scope: str, subject: str, period: str, row: Any) -> BudgetView:
    now = utc_now()
    end = period_end(period, now)
    is_now = row is not None and row.period_start == period_start(period, now)
    caps = tuple(_cap(name, row, is_now) for name in CAPS)
    share = max((cap.percent for cap in caps if cap.typed), default=0)
    needed = Permission.MANAGE_BUDGETS if scope == WORKSPACE else Permission.EDIT
    return BudgetView(
        scope=scope,
        subject=subject,
        period=period,
        title=_TITLES[period] if scope == WORKSPACE else subject,
        caps=caps,
        level=next((level for level in (100, 80) if share >= level), 0),
        waiting=len(runs_asking(uow.session.connection(), uow.workspace_id, row.id)) if row is not None else 0,
        resets=f"Counts anew on {end:%d %B} at 00:00 UTC." if end is not None else "",
        can_edit=needed in permissions_of(uow.actor),
    )


def _cap(name: str, row: Any, is_now: bool) -> CapView:
    cap = getattr(row, f"cap_{CAPS[name]}", None)
    spent = int(getattr(row, f"spent_{CAPS[name]}", 0)) if is_now else 0
    if cap is None:
        return CapView(name, LABELS[name], "", "", 0)
    shown = (spent / 1000, cap / 1000) if name == "time" else (spent, cap)
    words = f"{amount_text(name, shown[0])} of {amount_text(name, shown[1])} used"
    return CapView(name, LABELS[name], _typed(name, cap), words, min(100, spent * 100 // cap))


def _typed(name: str, cap: int) -> str:
    amount = Decimal(cap) / _FACTORS[name]
    text = f"{amount:.6f}".rstrip("0").rstrip(".")
    return f"{amount:.2f}" if name == "money" and amount == round(amount, 2) else text
