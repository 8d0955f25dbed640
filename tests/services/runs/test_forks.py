"""Forks on the database: what they keep, what they refuse, that the origin stays as it was and nothing is paid for twice."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import Actor
from app.services.history import list_versions
from app.services.runs import describe_fork, fork_run, get_blank_result, get_run, get_run_row, get_step, read_events, retry_run, start_run
from app.views.history import VersionRow
from app.views.runs import RunDetail
from app.wiring import Wiring
from engine.errors import Permanent
from engine.ports import CodeResult
from engine.spec.workflow import WorkflowSpec
from models.run import Run, UsageRecord
from models.workflow import Workflow
from models.workspace import Role
from tests.support.driving import PricedModel, drive
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


class Sums:
    """Stands in for the code sandbox: `fail` fails, everything else gives the inputs back."""

    async def run(self, source: str, inputs: dict[str, Any], *, timeout_s: float = 5.0) -> CodeResult:
        """Run."""
        if inputs.get("value") == "bad" or source == "fail":
            raise Permanent("code_error", "It failed.")
        return CodeResult(inputs)


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


@pytest.fixture
def model() -> PricedModel:
    """A model that counts."""
    return PricedModel()


def drafting() -> WorkflowSpec:
    """An expensive draft, a check that fails for some drafts, and an end."""
    return spec_of(
        node("start", "start", fields=[{"name": "topic", "type": "text"}]),
        node("draft", "llm", model="demo/assistant", prompt="{{ inputs.topic }}"),
        node("check", "code", source="value", inputs={"value": "{{ draft.text | downcase }}"}),
        node("end", "end", output="{{ check.value }}"),
        edges="start>draft draft>check check>end",
    )


def begin(wiring: Wiring, actor: Actor, spec: WorkflowSpec, model: PricedModel | None = None, **inputs: Any) -> RunDetail:
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs=inputs)
    return drive(wiring, actor, row.id, models=model, code=Sums())


def spent(wiring: Wiring) -> tuple[int, int]:
    table: sa.Table = UsageRecord.__table__  # type: ignore[attr-defined]
    with wiring.database.connect() as connection:
        count, cost = connection.execute(sa.select(sa.func.count(), sa.func.sum(table.c.cost_micros))).one()
    return count, cost


def test_a_failed_run_goes_on_with_an_edited_value_and_the_paid_step_is_kept(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    assert (first.row.status, first.row.cost_micros) == ("failed", 100)
    before = wiring.call(read_events, actor, run_id=first.row.id)
    edit = {"node": "check", "field": "inputs", "value": {"source": "value", "inputs": {"value": "good"}}}
    fork = wiring.call(fork_run, actor, run_id=first.row.id, how="from", node="check", edits=[edit])
    second = drive(wiring, actor, fork.id, models=model, code=Sums())
    assert (second.row.status, second.output, second.row.cost_micros) == ("succeeded", "good", 0)
    assert len(model.requests) == 1
    assert spent(wiring) == (1, 100)
    assert wiring.call(get_step, actor, run_id=fork.id, node="draft").row.reason == "kept"
    assert (fork.origin_run_id, fork.trigger) == (first.row.id, "fork")
    assert second.fork is not None
    assert (second.fork.how, second.fork.node, second.fork.edits) == ("from", "check", ("check@ inputs",))
    assert wiring.call(read_events, actor, run_id=first.row.id) == before
    check_invariants(wiring, [first.row.id, fork.id])


def test_a_fork_of_what_failed_does_only_that_again(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    fork = wiring.call(fork_run, actor, run_id=first.row.id, how="failed")
    second = drive(wiring, actor, fork.id, models=model, code=Sums())
    assert second.row.status == "failed"
    assert len(model.requests) == 1
    with pytest.raises(Conflict, match="Nothing failed"):
        wiring.call(fork_run, actor, run_id=begin(wiring, actor, drafting(), model, topic="fine").row.id, how="failed")


def test_a_written_result_mends_a_failed_step(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    edits = [{"node": "check", "field": "output", "value": {"value": "by hand"}}]
    fork = wiring.call(fork_run, actor, run_id=first.row.id, how="moment", edits=edits)
    assert drive(wiring, actor, fork.id, models=model, code=Sums()).output == "by hand"
    assert wiring.call(get_step, actor, run_id=fork.id, node="check").row.reason == "edited"


def test_a_fork_may_begin_at_any_moment(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="fine")
    events = wiring.call(read_events, actor, run_id=first.row.id)
    after_start = next(event.seq for event in events if event.node == "start")
    fork = wiring.call(fork_run, actor, run_id=first.row.id, how="moment", seq=after_start)
    assert drive(wiring, actor, fork.id, models=model, code=Sums()).output == "fine"
    assert len(model.requests) == 2
    with wiring.unit(actor) as uow:
        assert uow.load(Run, fork.id).fork_seq == after_start


def test_a_step_that_gave_nothing_offers_the_shape_of_what_it_gives(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    blank = wiring.call(get_blank_result, actor, run_id=first.row.id, node="draft")
    assert isinstance(blank, dict)
    assert blank["text"] == ""
    edit = {"node": "draft", "value": blank}
    assert "check" in wiring.call(describe_fork, actor, run_id=first.row.id, how="moment", edits=[edit]).again
    assert wiring.call(get_blank_result, actor, run_id=first.row.id, node="nowhere") is None


def test_new_inputs_are_checked_like_those_of_a_new_run(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    with pytest.raises(Invalid) as refused:
        wiring.call(fork_run, actor, run_id=first.row.id, node="start", edits=[{"node": "start", "value": {"subject": "x"}}])
    assert set(refused.value.fields) == {"topic", "subject"}
    fork = wiring.call(fork_run, actor, run_id=first.row.id, node="start", edits=[{"node": "start", "value": {"topic": "new"}}])
    second = drive(wiring, actor, fork.id, models=model, code=Sums())
    assert (second.output, second.inputs) == ("new", {"topic": "new"})


@pytest.mark.parametrize(
    ("edit", "field", "words"),
    [
        ({"node": "draft", "value": {"words": "x"}}, "draft", "'text' is missing"),
        ({"node": "draft", "value": {"text": 5}}, "draft", "5 is not a text"),
        ({"node": "draft", "field": "inputs", "value": {"temperature": 9}}, "draft.temperature", "at most 2"),
        ({"node": "draft", "field": "inputs", "value": "x"}, "draft", "one value per field"),
        ({"node": "nowhere", "value": 1}, "nowhere", "not in this version"),
        ({"node": "draft", "value": {"text": "x"}, "port": "sideways"}, "draft", "no way out 'sideways'"),
        ({"node": "draft", "iteration": "3", "value": {"text": "x"}}, "draft", "no entry '3'"),
        ({"node": "draft", "value": {"text": "\x00"}}, "draft", "NUL"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_plain_words(
    wiring: Wiring, actor: Actor, model: PricedModel, edit: dict[str, Any], field: str, words: str
) -> None:
    first = begin(wiring, actor, drafting(), model, topic="fine")
    with pytest.raises(Invalid) as refused:
        wiring.call(fork_run, actor, run_id=first.row.id, how="moment", edits=[edit])
    assert words in refused.value.fields[field]


def test_the_current_version_is_used_and_what_does_not_fit_is_dropped_with_a_reason(
    wiring: Wiring, actor: Actor, model: PricedModel
) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    newer = spec_of(
        node("start", "start", fields=[{"name": "topic", "type": "text"}]),
        node("draft", "llm", model="demo/assistant", prompt="Newer {{ inputs.topic }}"),
        node("check", "template", label="Check it", text="ok {{ draft.text }}"),
        node("end", "end", output="{{ check }}"),
        edges="start>draft draft>check check>end",
    )
    with wiring.unit(actor) as uow:
        workflow = uow.load(Workflow, first.row.workflow_id)
        workflow.draft = newer.model_dump(mode="json", exclude_defaults=True)
    arguments: dict[str, Any] = {"run_id": first.row.id, "how": "failed", "version": "current"}
    with wiring.unit(actor, write=False) as uow:
        preview = describe_fork(uow, **arguments)
        assert not uow.session.new, "a look keeps no version"
    assert (preview.kept, preview.again) == (("start", "draft"), ("check", "end"))
    assert [(one.label, one.reason) for one in preview.dropped] == [("Check it", "It was “Code” and is “Text template” now.")]
    assert preview.changed == ("Model call",)
    kept = len(versions_of(wiring, actor, first))
    fork = wiring.call(fork_run, actor, **arguments)
    second = drive(wiring, actor, fork.id, models=model, code=Sums())
    assert second.output == "ok BAD"
    assert [row.origin for row in versions_of(wiring, actor, first)] == ["run"] * kept
    assert second.fork is not None
    assert [one.node for one in second.fork.dropped] == ["check"]


def versions_of(wiring: Wiring, actor: Actor, detail: RunDetail) -> Sequence[VersionRow]:
    return wiring.call(list_versions, actor, workflow_id=detail.row.workflow_id).rows


def listing() -> WorkflowSpec:
    return spec_of(
        node("start", "start", fields=[{"name": "rows", "type": "list"}]),
        node("each", "map", items="{{ inputs.rows }}", parallel=1, on_item_error="collect"),
        node("draft", "llm", parent="each", model="demo/assistant", prompt="{{ item }}"),
        node("check", "code", parent="each", source="value", inputs={"value": "{{ draft.text | downcase }}"}),
        node("end", "end", output="{{ each.results }}"),
        edges="start>each each>end draft>check",
    )


def test_an_entry_of_a_list_is_mended_and_the_others_are_not_paid_for_again(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, listing(), model, rows=["a", "bad", "c"])
    assert first.output == [{"value": "a"}, None, {"value": "c"}]
    edit = {"node": "draft", "iteration": "1", "value": {"text": "b"}}
    fork = wiring.call(fork_run, actor, run_id=first.row.id, how="moment", edits=[edit])
    assert drive(wiring, actor, fork.id, models=model, code=Sums()).output == [{"value": "a"}, {"value": "b"}, {"value": "c"}]
    assert len(model.requests) == 3
    check_invariants(wiring, [first.row.id, fork.id])
    with pytest.raises(Invalid, match="for which entry"):
        wiring.call(fork_run, actor, run_id=first.row.id, how="moment", edits=[{"node": "draft", "value": {"text": "b"}}])
    with pytest.raises(Invalid, match="did not run for entry '7'"):
        wiring.call(fork_run, actor, run_id=first.row.id, node="draft", iteration="7")


def test_a_preview_tells_which_steps_of_a_list_run_again_in_part(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, listing(), model, rows=["a", "bad", "c"])
    preview = wiring.call(describe_fork, actor, run_id=first.row.id, node="check", iteration="1")
    assert preview.kept == ("start", "draft")
    assert preview.again == ("each", "check", "end")


def test_a_fork_is_done_again_with_what_it_was_given(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    edits = [{"node": "draft", "value": {"text": "mine"}}]
    preview = wiring.call(describe_fork, actor, run_id=first.row.id, how="moment", edits=edits)
    assert "draft" not in (*preview.kept, *preview.again)  # it gives what was written
    fork = wiring.call(fork_run, actor, run_id=first.row.id, how="moment", edits=edits)
    drive(wiring, actor, fork.id, models=model, code=Sums())
    again = wiring.call(retry_run, actor, run_id=fork.id)
    assert drive(wiring, actor, again.id, models=model, code=Sums()).output == "mine"
    assert len(model.requests) == 1


def test_the_same_key_starts_one_fork(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="bad")
    arguments: dict[str, Any] = {"run_id": first.row.id, "how": "failed", "idempotency_key": "k1"}
    assert wiring.call(fork_run, actor, **arguments).id == wiring.call(fork_run, actor, **arguments).id
    with pytest.raises(Conflict):
        wiring.call(fork_run, actor, **{**arguments, "how": "moment"})


def test_a_fork_of_a_fork_keeps_what_that_kept(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, listing(), model, rows=["a", "bad", "c"])
    fork = wiring.call(fork_run, actor, run_id=first.row.id, node="end")
    drive(wiring, actor, fork.id, models=model, code=Sums())
    third = wiring.call(fork_run, actor, run_id=fork.id, how="moment", edits=[{"node": "draft", "iteration": "1", "value": {"text": "b"}}])
    assert drive(wiring, actor, third.id, models=model, code=Sums()).output == [{"value": "a"}, {"value": "b"}, {"value": "c"}]
    assert len(model.requests) == 3


def test_a_viewer_may_look_at_a_fork_but_not_start_one_and_strangers_see_nothing(wiring: Wiring, actor: Actor, model: PricedModel) -> None:
    first = begin(wiring, actor, drafting(), model, topic="fine")
    viewer = Actor(actor.user_id, actor.workspace_id, Role.VIEWER)
    assert wiring.call(describe_fork, viewer, run_id=first.row.id, node="check").kept
    with pytest.raises(NotAllowed):
        wiring.call(fork_run, viewer, run_id=first.row.id, node="check")
    with wiring.unit() as uow:
        stranger = make_member(uow, Role.OWNER)
    for service in (fork_run, describe_fork):
        with pytest.raises(NotFound):
            wiring.call(service, stranger, run_id=first.row.id, node="check")
    with wiring.unit(actor) as uow:
        assert uow.session.connection().execute(sa.select(sa.func.count()).select_from(Run)).scalar_one() == 1


def test_a_run_that_still_goes_on_can_be_forked_and_goes_on(wiring: Wiring, actor: Actor) -> None:
    spec = spec_of(
        node("start", "start"),
        node("ask", "approval"),
        node("yes", "end", output="yes"),
        node("no", "end", output="no"),
        edges="start>ask ask.approve>yes ask.reject>no",
    )
    waiting = begin(wiring, actor, spec)
    answer = {"button": "approve", "note": "", "by": None, "values": {}}
    edits = [{"node": "ask", "value": answer, "port": "reject"}]
    with pytest.raises(Invalid, match="goes on at 'approve'"):
        wiring.call(fork_run, actor, run_id=waiting.row.id, how="moment", edits=edits)
    fork = wiring.call(fork_run, actor, run_id=waiting.row.id, how="moment", edits=[{"node": "ask", "value": answer}])
    assert drive(wiring, actor, fork.id).output == "yes"
    assert wiring.call(get_run_row, actor, run_id=waiting.row.id).status == "waiting"
    assert len(wiring.call(get_run, actor, run_id=waiting.row.id).approvals) == 1
    assert not wiring.call(get_run, actor, run_id=fork.id).approvals
