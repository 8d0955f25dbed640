"""Builders of event rules for tests, and the worker's part played by hand."""

from typing import Any

import sqlalchemy as sa

from app.core.uow import Actor, UnitOfWork
from app.services.facts import fact_table, fire_table
from app.services.rules import create_rule, deliver_fact
from app.services.rules.delivering import find_facts
from app.views.rules import RuleRow
from app.wiring import Wiring
from tests.support.workflows import make_workflow, node, spec_of


def follower() -> Any:
    """Start (asks for a note), and an end that returns it."""
    fields = [{"name": "note", "type": "text"}]
    return spec_of(node("start", "start", fields=fields), node("end", "end", output="{{ inputs.note }}"), edges="start>end")


def rule_fields(uow: UnitOfWork, **changed: Any) -> dict[str, Any]:
    """What the form sends: after any run ends, tell its title to a workflow of its own unless one is named."""
    fields: dict[str, Any] = {"name": "Tell", "kind": "run_ended", "mapping": {"note": "{{ event.run.title }}"}}
    if "workflow_id" not in changed:
        fields["workflow_id"] = str(make_workflow(uow, follower(), name="Follower").id)
    return fields | changed


def make_rule(uow: UnitOfWork, **changed: Any) -> RuleRow:
    """A saved rule of the actor."""
    return create_rule(uow, rule=rule_fields(uow, **changed))


def deliver(wiring: Wiring) -> int:
    """What a worker does when it looks; returns how many runs were started."""
    with wiring.database.connect() as connection:
        waiting = find_facts(connection)
    started = 0
    for fact_id in waiting:
        with wiring.unit() as uow:
            started += deliver_fact(uow, fact_id=fact_id, now=uow.ports.clock.now())
    return started


def rule_fires(wiring: Wiring, actor: Actor) -> list[Any]:
    """Fires of the actor's workspace, oldest first, with the kind of their fact."""
    query = sa.select(fire_table, fact_table.c.kind).join(fact_table, fact_table.c.id == fire_table.c.fact_id)
    with wiring.database.connect() as connection:
        return list(connection.execute(query.where(fire_table.c.workspace_id == actor.workspace_id).order_by(fire_table.c.id)))
