"""Test runs from the editor: pinned outputs, dry runs, run until, run from and run one step, on the draft as it stands."""

from typing import Any

import pytest

from app.core.errors import Conflict, Invalid, NotFound
from app.core.uow import Actor
from app.services.runs import fork_run, get_step, list_runs, retry_run, run_from, run_step, run_until, start_run, start_test_run
from app.services.workflows import pin_output
from app.views.runs import RunDetail, RunRow
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from models.workflow import Workflow
from models.workspace import Role
from tests.support.driving import PricedModel, drive
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def letter() -> WorkflowSpec:
    return spec_of(
        node("start", "start", fields=[{"name": "topic", "type": "text"}]),
        node("draft", "llm", model="demo/assistant", prompt="{{ inputs.topic }}"),
        node("polish", "template", text="Dear reader, {{ draft.text }}"),
        node("send", "http", method="POST", url="https://example.com/{{ inputs.topic }}", body_type="text", body_text="{{ polish }}"),
        node("ask", "approval"),
        node("end", "end", output="{{ polish }}"),
        edges="start>draft draft>polish polish>send send>ask ask.approve>end",
    )


class Draft:
    """A workflow of one person with a model that counts."""

    def __init__(self, wiring: Wiring, actor: Actor, spec: WorkflowSpec | None = None) -> None:
        self.wiring = wiring
        self.actor = actor
        self.model = PricedModel()
        with wiring.unit(actor) as uow:
            self.id = make_workflow(uow, spec or letter()).id

    def call(self, service: Any, **arguments: Any) -> RunRow:
        return self.wiring.call(service, self.actor, workflow_id=self.id, **arguments)

    def run(self, service: Any, **arguments: Any) -> RunDetail:
        row = self.call(service, **arguments)
        detail = drive(self.wiring, self.actor, row.id, models=self.model)
        check_invariants(self.wiring, [row.id])
        return detail

    def reason(self, detail: RunDetail, step: str) -> str:
        return self.wiring.call(get_step, self.actor, run_id=detail.row.id, node=step).row.reason


@pytest.fixture
def draft(wiring: Wiring, actor: Actor) -> Draft:
    """The letter."""
    return Draft(wiring, actor)


def test_a_dry_run_changes_nothing_outside_asks_nobody_and_says_so(draft: Draft) -> None:
    detail = draft.run(start_test_run, inputs={"topic": "bees"}, is_dry=True)
    assert (detail.row.status, detail.row.is_dry, detail.output) == ("succeeded", True, "Dear reader, BEES")
    assert (draft.reason(detail, "send"), draft.reason(detail, "ask"), draft.reason(detail, "draft")) == ("stubbed", "stubbed", "")
    assert not detail.approvals
    assert detail.row.cost_micros == 100, "a model that was really asked is really paid"
    assert [row.is_dry for row in draft.wiring.call(list_runs, draft.actor).rows] == [True]


def test_a_dry_run_may_ask_the_demo_model_instead(draft: Draft) -> None:
    draft.run(start_test_run, inputs={"topic": "bees"}, is_dry=True, models="demo")
    assert [request.model for request in draft.model.requests] == ["demo/assistant"]
    with pytest.raises(Invalid, match="Choose as_set"):
        draft.call(start_test_run, inputs={"topic": "bees"}, models="cheap")


def test_what_a_dry_run_made_up_is_never_used_for_real(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    dry = draft.run(start_test_run, inputs={"topic": "bees"}, is_dry=True)
    again = wiring.call(retry_run, actor, run_id=dry.row.id)
    forks = [wiring.call(fork_run, actor, run_id=dry.row.id, node="ask", version=version) for version in ("same", "current")]
    editor = [draft.call(run_from, node="ask"), draft.call(run_step, node="ask")]
    assert all(row.is_dry for row in (again, *forks, *editor))
    assert all(drive(wiring, actor, row.id, models=draft.model).row.status == "succeeded" for row in (again, *forks, *editor))


def test_pinned_outputs_are_used_in_test_runs_only(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    wiring.call(pin_output, actor, workflow_id=draft.id, node="draft", output={"text": "pinned"})
    test = draft.run(start_test_run, inputs={"topic": "bees"}, is_dry=True)
    assert (test.output, draft.reason(test, "draft"), len(draft.model.requests)) == ("Dear reader, pinned", "pinned", 0)
    real = draft.call(start_run, inputs={"topic": "bees"})
    drive(wiring, actor, real.id, models=draft.model)
    assert len(draft.model.requests) == 1


def test_run_until_does_only_what_the_step_needs(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    detail = draft.run(run_until, node="polish", inputs={"topic": "bees"})
    assert (detail.row.status, detail.output) == ("succeeded", "Dear reader, BEES")
    assert [step.node for step in detail.steps] == ["start", "draft", "polish"]
    assert wiring.call(list_runs, actor).rows == (), "trials do not crowd the list of runs"
    assert detail.fork is not None
    assert (detail.fork.how, detail.fork.node) == ("until", "polish")


def test_run_until_takes_the_inputs_of_the_last_run(draft: Draft) -> None:
    draft.run(start_test_run, inputs={"topic": "ants"}, is_dry=True)
    assert draft.run(run_until, node="polish").output == "Dear reader, ANTS"


def test_run_from_keeps_what_stands_before_on_the_draft_as_it_is_now(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    draft.run(start_test_run, inputs={"topic": "ants"}, is_dry=True)
    with wiring.unit(actor) as uow:
        row = uow.load(Workflow, draft.id)
        nodes = [{**one, "config": {"text": "Hi, {{ draft.text }}"}} if one["id"] == "polish" else one for one in row.draft["nodes"]]
        row.draft = {**row.draft, "nodes": nodes}
    assert draft.run(run_from, node="polish").output == "Hi, ANTS"
    assert len(draft.model.requests) == 1


def test_run_from_needs_a_run_to_build_on(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    with pytest.raises(Conflict, match="has not run yet"):
        draft.call(run_from, node="polish")
    other = Draft(wiring, actor)
    foreign = other.run(start_test_run, inputs={"topic": "x"}, is_dry=True)
    for service in (run_from, run_step):
        with pytest.raises(NotFound):
            draft.call(service, node="polish", base_run_id=foreign.row.id)


def test_one_step_runs_on_what_the_last_run_gave_it(draft: Draft) -> None:
    draft.run(start_test_run, inputs={"topic": "ants"}, is_dry=True)
    detail = draft.run(run_step, node="polish")
    assert (detail.output, len(draft.model.requests)) == ("Dear reader, ANTS", 1)
    assert [(step.node, step.reason) for step in detail.steps] == [("draft", "kept"), ("start", "kept"), ("polish", "")]


def test_one_step_runs_on_given_results_without_any_earlier_run(draft: Draft) -> None:
    assert draft.run(run_step, node="polish", results={"draft": {"text": "given"}}).output == "Dear reader, given"
    with pytest.raises(Invalid) as refused:
        draft.call(run_step, node="polish", results={"draft": {"words": "x"}, "nowhere": 1})
    assert set(refused.value.fields) == {"draft", "nowhere"}
    with pytest.raises(Invalid) as missing:
        draft.call(run_step, node="polish")
    assert set(missing.value.fields) == {"draft"}


def test_one_step_runs_on_pinned_results(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    wiring.call(pin_output, actor, workflow_id=draft.id, node="draft", output={"text": "pinned"})
    assert draft.run(run_step, node="polish").output == "Dear reader, pinned"


def test_one_step_runs_though_another_one_is_broken(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        row = uow.load(Workflow, draft.id)
        row.draft = {**row.draft, "nodes": [*row.draft["nodes"], {"id": "broken", "kind": "http", "config": {"method": "DANCE"}}]}
    assert draft.run(run_step, node="polish", results={"draft": {"text": "given"}}).output == "Dear reader, given"
    with pytest.raises(Invalid):
        draft.call(start_test_run, inputs={"topic": "x"})


def test_one_step_inside_a_list_runs_for_one_entry(wiring: Wiring, actor: Actor) -> None:
    spec = spec_of(
        node("start", "start", fields=[{"name": "rows", "type": "list"}]),
        node("each", "map", items="{{ inputs.rows }}"),
        node("draft", "llm", parent="each", model="demo/assistant", prompt="{{ item }}"),
        node("polish", "template", parent="each", text="{{ draft.text }} of {{ item }}"),
        edges="start>each draft>polish",
    )
    listing = Draft(wiring, actor, spec)
    listing.run(start_test_run, inputs={"rows": ["a", "b"]})
    detail = listing.run(run_step, node="polish", iteration="1")
    assert detail.output == {"results": ["B of b"], "errors": [], "count": 1}
    assert listing.run(run_step, node="polish").output["results"] == ["A of a"]  # type: ignore[index]
    with pytest.raises(Invalid, match="no such entry"):
        listing.call(run_step, node="polish", iteration="9")
    assert len(listing.model.requests) == 2


@pytest.mark.parametrize("name", ["absent", "", "note"])
def test_what_is_not_a_step_is_not_found(draft: Draft, wiring: Wiring, actor: Actor, name: str) -> None:
    with wiring.unit(actor) as uow:
        row = uow.load(Workflow, draft.id)
        row.draft = {**row.draft, "nodes": [*row.draft["nodes"], {"id": "note", "kind": "note"}]}
    for service in (run_until, run_step):
        with pytest.raises(NotFound):
            draft.call(service, node=name)


def test_a_viewer_starts_no_test_run(draft: Draft, wiring: Wiring, actor: Actor) -> None:
    viewer = Actor(actor.user_id, actor.workspace_id, Role.VIEWER)
    services: list[Any] = [run_from, run_step, run_until]
    for service in services:
        with pytest.raises(Exception, match="may not do this"):
            wiring.call(service, viewer, workflow_id=draft.id, node="polish")
