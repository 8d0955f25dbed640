"""What is told of one step beside its values."""

from app.services.agents import create_agent
from app.services.runs import get_step, start_run
from app.wiring import Wiring
from tests.support.driving import PricedModel, drive
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of

DRAFT = {"name": "Front desk", "role": "Answers.", "instructions": "Be brief.", "model": "demo/assistant"}


def test_an_agent_is_told_by_its_name_beside_the_key_that_the_settings_hold(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        actor = make_member(uow)
    with wiring.unit(actor) as uow:
        agent = create_agent(uow, draft=DRAFT)
        spec = spec_of(node("start", "start"), node("ask", "agent", agent=agent.slug, message="Hello"), edges="start>ask")
        run = start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={})
    assert drive(wiring, actor, run.id, models=PricedModel()).row.status == "succeeded"
    told = {name: wiring.call(get_step, actor, run_id=run.id, node=name).agents for name in ("start", "ask")}
    assert told == {"start": {}, "ask": {agent.slug: "Front desk"}}
