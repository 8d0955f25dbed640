"""Delivers facts to rules: one transaction per fact starts the runs of every rule that waits for it, so that none is lost or doubled.

Workers call it; who acts is the rule's owner with the role that SQL has at this moment.
"""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into, is_inserted
from app.core.errors import AppError, NotFound
from app.core.sharing import access_to
from app.core.uow import Actor, UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.acting import OwnerGoneError, explain_refusal, find_owner
from app.services.facts import fact_table, fire_table, matches
from app.services.rules.scope import build_scope
from app.services.runs.start import StartedBy, start_run
from app.services.runs.tables import workflow_table
from engine.errors import NodeFailed
from engine.expressions.template import resolve_value, test_condition
from engine.json import JsonObject
from models.event_rule import EventRule, Fact, FactKind, RuleOutcome
from models.grant import Sharing
from models.ids import new_id
from models.run import Run, RunTrigger
from models.workflow import Workflow
from models.workspace import Membership, Role

MOST_LINKS = 5
_PAGE = 100
_fact, _fire = fact_table.c, fire_table.c
_CHAIN = (
    f"This would be run number {MOST_LINKS + 1} of a chain in which each run was started by the one before. "
    f"Chains of rules end after {MOST_LINKS} runs, so that no circle runs for ever."
)
_OWN = "This run was started by this very rule. A rule does not answer to its own runs, or it would never stop."
_BROKEN = "The program failed at this moment, not your workflow. The log of the workers says more."


def find_facts(connection: sa.Connection, *, limit: int = _PAGE) -> list[uuid.UUID]:
    """Facts that nobody has delivered, oldest first; reads only."""
    return list(connection.execute(sa.select(_fact.id).where(_fact.delivered_at.is_(None)).order_by(_fact.id).limit(limit)).scalars())


def deliver_fact(uow: UnitOfWork, *, fact_id: uuid.UUID, now: datetime) -> int:
    """Deal with one fact; returns how many runs it started. `now` is the database's time."""
    fact = _lock(uow, fact_id)
    if fact is None:
        return 0
    scope: JsonObject = build_scope(uow.session, fact)
    listening = _listening(uow, fact)
    _lock_targets(uow, listening)
    started = 0
    for rule in listening:
        fire_id = _insert(uow, rule, fact, now)
        if fire_id is not None:
            result = _deal(uow, rule, fact, scope)
            uow.session.connection().execute(sa.update(fire_table).where(_fire.id == fire_id).values(result))
            started += result["outcome"] == RuleOutcome.STARTED
    _close(uow, fact, now)
    return started


def give_up_fact(uow: UnitOfWork, *, fact_id: uuid.UUID, now: datetime) -> None:
    """After an error of the program: say so at every rule that waited, and go on with the next fact."""
    fact = _lock(uow, fact_id)
    if fact is None:
        return
    for rule in _listening(uow, fact):
        fire_id = _insert(uow, rule, fact, now)
        values = {"outcome": RuleOutcome.FAILED, "cause": "error", "reason": _BROKEN}
        uow.session.connection().execute(sa.update(fire_table).where(_fire.id == fire_id).values(values))
    _close(uow, fact, now)


def _lock(uow: UnitOfWork, fact_id: uuid.UUID) -> Fact | None:
    """The fact for this transaction alone; None when another process is at it, or was."""
    is_it = (Fact.id == fact_id, col(Fact.delivered_at).is_(None))
    return uow.session.exec(select(Fact).where(*is_it).with_for_update(skip_locked=True)).first()


def _listening(uow: UnitOfWork, fact: Fact) -> list[EventRule]:
    """The rules that waited for it when it happened; none of a deleted workspace, so that they are as they were if it is restored."""
    if is_closed(uow, fact.workspace_id):
        return []
    query = select(EventRule).where(
        EventRule.workspace_id == fact.workspace_id,
        col(EventRule.is_enabled),
        col(EventRule.deleted_at).is_(None),
        EventRule.created_at <= fact.created_at,
    )
    rules = uow.session.exec(query.order_by(col(EventRule.id))).all()
    source = uow.session.get(Workflow, fact.workflow_id) if fact.workflow_id else None
    return [rule for rule in rules if matches(rule, fact.kind, fact.workflow_id) and _may_hear(uow, rule, source)]


def _lock_targets(uow: UnitOfWork, rules: list[EventRule]) -> None:
    """Changed workflows are locked to keep their versions as they start: in one order, or two facts could wait for each other.

    A run that somebody starts of one meanwhile names it, which such a lock lets pass.
    """
    ids = {rule.workflow_id for rule in rules}
    if len(ids) > 1:
        theirs = sa.select(workflow_table.c.id).where(workflow_table.c.id.in_(ids)).order_by(workflow_table.c.id)
        uow.session.connection().execute(theirs.with_for_update(key_share=True))


def _may_hear(uow: UnitOfWork, rule: EventRule, source: Workflow | None) -> bool:
    """What happens to a workflow is news only for rules of people whom it is shared with; who left hears of it when the rule fires."""
    member = select(Membership).where(Membership.workspace_id == rule.workspace_id, Membership.user_id == rule.owner_id)
    found = uow.session.exec(member).first() if source is not None and rule.owner_id else None
    if source is None or found is None:
        return source is None or source.sharing != Sharing.PRIVATE
    actor = Actor(user_id=found.user_id, workspace_id=found.workspace_id, role=Role(found.role))
    return access_to(uow.session, actor, source) is not None


def _close(uow: UnitOfWork, fact: Fact, now: datetime) -> None:
    uow.session.connection().execute(sa.update(fact_table).where(_fact.id == fact.id).values(delivered_at=now, updated_at=now))


def _insert(uow: UnitOfWork, rule: EventRule, fact: Fact, now: datetime) -> uuid.UUID | None:
    """Claim this fact for this rule; None when it was dealt with before."""
    connection = uow.session.connection()
    fire_id = new_id()
    row: dict[str, Any] = {"id": fire_id, "created_at": now, "updated_at": now, "workspace_id": rule.workspace_id, "rule_id": rule.id}
    row |= {"fact_id": fact.id, "outcome": RuleOutcome.STARTED, "cause": "", "reason": "", "run_id": None, "depth": fact.depth + 1}
    statement = insert_into(connection, fire_table).values(row).on_conflict_do_nothing(index_elements=["rule_id", "fact_id"])
    return fire_id if is_inserted(connection, statement) else None


def _deal(uow: UnitOfWork, rule: EventRule, fact: Fact, scope: JsonObject) -> dict[str, Any]:
    """What becomes of the fact under this rule, as columns of its fire."""
    try:
        if not _is_meant(rule, fact, scope):
            return _told(RuleOutcome.SKIPPED, "condition", "Its condition does not hold for this event.")
        refusal = _refusal(uow, rule, fact)
        if refusal:
            return _told(RuleOutcome.REFUSED, "chain", refusal)
        inputs = {name: resolve_value(template, scope, field=name) for name, template in rule.mapping.items()}
        uow.actor = find_owner(uow, workspace_id=rule.workspace_id, owner_id=rule.owner_id, what="rule")
    except NodeFailed as error:
        return _told(RuleOutcome.FAILED, "inputs", error.message)
    except OwnerGoneError as error:
        _disable(uow, rule, str(error))
        return _told(RuleOutcome.FAILED, "owner", str(error))
    return _start(uow, rule, fact, inputs)


def _is_meant(rule: EventRule, fact: Fact, scope: JsonObject) -> bool:
    if fact.kind == FactKind.APPROVAL_DECIDED and rule.button:
        approval = scope["event"]["approval"]  # type: ignore[index,call-overload] - built by build_scope
        if approval.get("button") != rule.button:  # type: ignore[union-attr]
            return False
    return not rule.condition or test_condition(rule.condition, scope, field="condition")


def _refusal(uow: UnitOfWork, rule: EventRule, fact: Fact) -> str:
    """Why no run may follow: circles end here."""
    if fact.depth >= MOST_LINKS:
        return _CHAIN
    run = uow.session.get(Run, fact.run_id) if fact.run_id else None
    return _OWN if run is not None and run.trigger_id == rule.id else ""


def _start(uow: UnitOfWork, rule: EventRule, fact: Fact, inputs: JsonObject) -> dict[str, Any]:
    try:
        with uow.session.begin_nested():
            run = start_run(
                uow,
                workflow_id=rule.workflow_id,
                inputs=inputs,
                idempotency_key=f"event:{rule.id}:{fact.id}",
                started_by=StartedBy(RunTrigger.EVENT, rule.id),
            )
    except AppError as error:
        cause, reason = explain_refusal(error)
        if isinstance(error, NotFound):
            _disable(uow, rule, reason)
        return _told(RuleOutcome.FAILED, cause, reason)
    finally:
        uow.actor = None
    return {"outcome": RuleOutcome.STARTED, "cause": "", "reason": "", "run_id": run.id}


def _told(outcome: RuleOutcome, cause: str, reason: str) -> dict[str, Any]:
    return {"outcome": outcome, "cause": cause, "reason": reason[:1000]}


def _disable(uow: UnitOfWork, rule: EventRule, reason: str) -> None:
    rule.is_enabled, rule.disabled_reason = False, reason[:400]
    uow.session.add(rule)
    uow.session.flush()
