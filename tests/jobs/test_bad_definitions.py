"""What a worker does with definitions and values it cannot use: the run fails with the cause, and nothing of it stays at work."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web

from app.core.errors import Invalid
from app.core.uow import Actor
from app.services.runs import decide_approval, get_run, get_step, list_approvals, start_run
from app.views.runs import RunDetail, RunRow
from app.wiring import Wiring
from engine.json import JsonObject
from engine.spec.workflow import WorkflowSpec
from models.run import Plan, Run
from tests.support.invariants import check_invariants
from tests.support.slow_http import serve
from tests.support.workers import WorkerProcess, wait_for, worker
from tests.support.workflows import asking, greeting, make_workflow, node, spec_of

BIG = 1_200_000


def begin(wiring: Wiring, actor: Actor, spec: WorkflowSpec, **inputs: Any) -> RunRow:
    with wiring.unit(actor) as uow:
        return start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs=inputs)


def change_plan(wiring: Wiring, run_id: uuid.UUID, **workflow: Any) -> None:
    """Rewrite what a run was pinned to, as another version of the product could have stored it."""
    plans, runs = Plan.__table__, Run.__table__  # type: ignore[attr-defined]
    with wiring.database.begin() as connection:
        plan_id = connection.execute(sa.select(runs.c.plan_id).where(runs.c.id == run_id)).scalar_one()
        content: JsonObject = dict(connection.execute(sa.select(plans.c.content).where(plans.c.id == plan_id)).scalar_one())
        content["workflow"] = {**content["workflow"], **workflow}
        connection.execute(sa.update(plans).where(plans.c.id == plan_id).values(content=content))


def ended(wiring: Wiring, actor: Actor, run_id: uuid.UUID) -> RunDetail:
    wait_for(wiring, actor, run_id)
    check_invariants(wiring, [run_id])
    with wiring.unit(actor, write=False) as uow:
        return get_run(uow, run_id=run_id)


NEWER: JsonObject = {"schema_version": 99}
UNKNOWN: JsonObject = {"nodes": [{"id": "start", "kind": "start"}, {"id": "warp", "kind": "warp_drive"}], "edges": []}
BROKEN: JsonObject = {"nodes": "none"}


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (NEWER, "newer_version", "newer version of the product"),
        (UNKNOWN, "unknown_kind", "'warp': There is no step kind 'warp_drive'."),
        (BROKEN, "unsupported_version", "cannot read"),
    ],
    ids=["newer schema", "unknown kind", "not a workflow"],
)
def test_a_run_whose_definition_cannot_be_run_fails_with_the_cause(
    wiring: Wiring, actor: Actor, change: JsonObject, code: str, says: str
) -> None:
    row = begin(wiring, actor, greeting(), name="Ada")
    change_plan(wiring, row.id, **change)
    with worker(wiring.settings):
        detail = ended(wiring, actor, row.id)
    assert detail.row.status == "failed"
    assert detail.error is not None
    assert detail.error["code"] == code
    assert says in detail.error["message"]
    assert "Start it anew" in detail.error["message"]


def test_a_waiting_run_whose_definition_went_bad_leaves_no_open_question(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    row = begin(wiring, actor, spec_of(*asking().nodes, node("other", "approval"), edges="start>ask start>other ask.approve>paid"))
    wait_for(wiring, actor, row.id, "waiting")
    process.kill()
    change_plan(wiring, row.id, **NEWER)
    with wiring.unit(actor) as uow:
        decide_approval(uow, approval_id=list_approvals(uow)[0].id, button="approve")
    with worker(wiring.settings):
        detail = ended(wiring, actor, row.id)
    assert detail.row.status == "failed"
    assert not {step.status for step in detail.steps} & {"running", "waiting"}
    with wiring.unit(actor, write=False) as uow:
        assert not list_approvals(uow)


def test_a_run_of_an_older_schema_version_goes_through(wiring: Wiring, actor: Actor) -> None:
    row = begin(wiring, actor, greeting(), name="Ada")
    change_plan(wiring, row.id, schema_version=1)
    with worker(wiring.settings):
        detail = ended(wiring, actor, row.id)
    assert (detail.row.status, detail.output) == ("succeeded", "Hello Ada")


BAD_OUTPUTS = {
    "no_number": ("float('nan')", "code_error"),
    "endless": ("[1, float('inf')]", "code_error"),
    "long_number": ("10 ** 30", "output_invalid"),
    "nul": (r"'a\x00b'", "output_invalid"),
    "large": (f"'x' * {BIG}", "output_too_large"),
}


async def not_json(_request: web.Request) -> web.Response:
    """What careless programs send."""
    return web.Response(text='{"n": NaN, "m": 1e999}', content_type="application/json")


def test_outputs_that_cannot_be_kept_fail_their_step_with_the_cause(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    apart = {"action": "branch"}
    makers = [node(name, "code", source=source, on_error=apart) for name, (source, _) in BAD_OUTPUTS.items()]
    with serve({"/bad": not_json}) as server:
        call = node("call", "http", url=f"{server.url}/bad", on_error=apart)
        edges = " ".join(f"start>{one.id}" for one in (*makers, call))
        detail = ended(wiring, actor, begin(wiring, actor, spec_of(node("start", "start"), *makers, call, edges=edges)).id)
    failed = {step.node: (step.error or {}).get("code") for step in detail.steps if step.status == "failed"}
    assert failed == {name: code for name, (_, code) in BAD_OUTPUTS.items()}
    with wiring.unit(actor, write=False) as uow:
        answer: Any = get_step(uow, run_id=detail.row.id, node="call").output
    assert answer["json"] == {"n": None, "m": None}


def test_a_step_whose_output_cannot_be_kept_fails_the_run(wiring: Wiring, actor: Actor, process: WorkerProcess) -> None:
    spec = spec_of(node("start", "start"), node("make", "code", source="10 ** 30"), node("long", "delay"), edges="start>make start>long")
    detail = ended(wiring, actor, begin(wiring, actor, spec).id)
    assert detail.row.status == "failed"
    assert detail.error is not None
    assert (detail.error["code"], detail.error["node"]) == ("output_invalid", "make")
    assert {step.node: step.status for step in detail.steps} == {"start": "done", "make": "failed", "long": "cancelled"}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_run_is_not_begun_with_what_is_no_number(wiring: Wiring, actor: Actor, number: float) -> None:
    with pytest.raises(Invalid):
        begin(wiring, actor, greeting(), name="Ada", times=number)
