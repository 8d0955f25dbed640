"""The editor offers what steps gave in earlier runs, or have pinned, as names."""

from typing import Any

import pytest

from app.adapters.code_monty import MontyCodeRunner
from app.core.uow import Actor
from app.services.inspector import describe_node
from app.services.runs import start_run
from app.services.workflows import pin_output
from app.wiring import Wiring
from tests.support.driving import drive
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def flow_of(wiring: Wiring, actor: Actor) -> Any:
    spec = spec_of(
        node("start", "start"),
        node("work", "code", source='{"total": 3, "customer": {"name": "Mia"}}'),
        node("end", "end", output="{{ work }}"),
        edges="start>work work>end",
    )
    with wiring.unit(actor) as uow:
        return make_workflow(uow, spec).id


def names(wiring: Wiring, actor: Actor, workflow_id: object) -> dict[str, str]:
    form = wiring.call(describe_node, actor, workflow_id=workflow_id, node_id="end")
    return {variable["path"]: variable["detail"] for variable in form.variables if variable["path"].startswith("work.")}


def test_before_the_first_run_nothing_is_known_and_afterwards_the_fields_are(wiring: Wiring, actor: Actor) -> None:
    flow = flow_of(wiring, actor)
    before = names(wiring, actor, flow)
    with wiring.unit(actor) as uow:
        run = start_run(uow, workflow_id=flow, inputs={})
    assert drive(wiring, actor, run.id, code=MontyCodeRunner()).row.status == "succeeded"
    after = names(wiring, actor, flow)
    new = {path: detail for path, detail in after.items() if path not in before}
    assert {"whole number, seen before", "text, seen before"} <= set(new.values())
    assert any(path.endswith("customer.name") for path in new)


def test_a_pinned_output_counts_as_seen_and_comes_first(wiring: Wiring, actor: Actor) -> None:
    flow = flow_of(wiring, actor)
    with wiring.unit(actor) as uow:
        run = start_run(uow, workflow_id=flow, inputs={})
    output: Any = drive(wiring, actor, run.id, code=MontyCodeRunner())
    with wiring.unit(actor) as uow:
        pin_output(uow, workflow_id=flow, node="work", output={"result": {"fresh": True}, "prints": ""})
    found = names(wiring, actor, flow)
    assert any(path.endswith(".fresh") for path in found), (found, output.output)
    assert not any(path.endswith(".total") for path in found)
