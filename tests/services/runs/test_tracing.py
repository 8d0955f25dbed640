"""Traces: spans of attempts and calls out of the journal, without large values, and one attempt with all of them."""

from typing import Any

import pytest

from app.core.errors import Invalid, NotFound
from app.core.uow import Actor
from app.services.runs import get_attempt, read_events, read_moments, start_run
from app.views.runs import RunDetail
from app.views.trace import ModelCall, TraceFold
from app.wiring import Wiring
from engine.errors import Transient
from engine.ports import CodeResult
from models.workspace import Role
from tests.support.driving import PricedModel, drive
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


class Flaky:
    """Stands in for the code sandbox: fails once, then gives the inputs back."""

    def __init__(self) -> None:
        self.calls = 0

    async def run(self, source: str, inputs: dict[str, Any], *, timeout_s: float = 5.0) -> CodeResult:
        """Run."""
        self.calls += 1
        if self.calls == 1:
            raise Transient("busy", "Try again.")
        return CodeResult(inputs)


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def run(wiring: Wiring, actor: Actor, text: str = "hello") -> RunDetail:
    spec = spec_of(
        node("start", "start"),
        node("draft", "llm", model="demo/assistant", prompt="{{ inputs.text }}"),
        node("check", "code", source="value", inputs={"value": "{{ draft.text }}"}, retry={"attempts": 2, "delay_s": 0.001}),
        node("end", "end", output="{{ check.value }}"),
        edges="start>draft draft>check check>end",
    )
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={"text": text})
    return drive(wiring, actor, row.id, models=PricedModel(), code=Flaky())


def fold(wiring: Wiring, actor: Actor, run_id: object) -> TraceFold:
    made = TraceFold()
    made.take(wiring.call(read_moments, actor, run_id=run_id))
    return made


def test_every_attempt_and_call_is_a_span(wiring: Wiring, actor: Actor) -> None:
    detail = run(wiring, actor)
    spans = fold(wiring, actor, detail.row.id).spans
    told = [(span.kind, span.node, span.attempt, span.status) for span in spans]
    assert ("step", "check", 1, "retried") in told
    assert ("step", "check", 2, "done") in told
    (call,) = [span for span in spans if span.kind == "model"]
    assert (spans[call.parent].node, call.cost_micros, call.input_tokens) == ("draft", 100, 10)
    assert all(span.last >= span.first > 0 for span in spans)
    assert all(span.end_ms is not None and span.end_ms >= span.start_ms for span in spans)


def test_spans_are_the_same_whether_values_are_small_or_large(wiring: Wiring, actor: Actor) -> None:
    small, large = (fold(wiring, actor, run(wiring, actor, text).row.id).spans for text in ("x", "x" * 50_000))
    shape = [(span.kind, span.node, span.attempt, span.name, span.status, span.port, span.input_tokens, span.cost_micros) for span in small]
    assert shape == [
        (span.kind, span.node, span.attempt, span.name, span.status, span.port, span.input_tokens, span.cost_micros) for span in large
    ]


def test_large_values_stay_where_they_are(wiring: Wiring, actor: Actor) -> None:
    detail = run(wiring, actor, "x" * 50_000)
    moments = wiring.call(read_moments, actor, run_id=detail.row.id)
    assert len(moments) == len(wiring.call(read_events, actor, run_id=detail.row.id))
    assert all(len(str(moment.payload)) < 3000 for moment in moments)


def test_news_are_what_came_since(wiring: Wiring, actor: Actor) -> None:
    detail = run(wiring, actor)
    moments = wiring.call(read_moments, actor, run_id=detail.row.id)
    made = TraceFold()
    made.take(moments[:3])
    first, _ = made.news()
    made.take(moments[3:])
    later, told = made.news()
    assert [moment[0] for moment in told] == [moment.type for moment in moments[3:]]
    assert {span.index for span in first} | {span.index for span in later} == set(range(len(made.spans)))
    assert made.news() == ([], [])


def test_an_attempt_tells_what_the_model_was_told_and_said(wiring: Wiring, actor: Actor) -> None:
    detail = run(wiring, actor)
    spans = fold(wiring, actor, detail.row.id).spans
    draft = next(span for span in spans if span.node == "draft" and span.kind == "step")
    attempt = wiring.call(get_attempt, actor, run_id=detail.row.id, node="draft", seq=draft.first)
    (call,) = attempt.calls
    assert isinstance(call, ModelCall)
    assert call.messages[-1]["content"] == "hello"
    assert (call.text, attempt.status) == ("HELLO", "done")
    attempts = [span for span in spans if span.node == "check"]
    first, second = (wiring.call(get_attempt, actor, run_id=detail.row.id, node="check", seq=span.first) for span in attempts)
    assert (first.status, first.attempt, second.status, second.attempt) == ("failed", 1, "done", 2)
    assert first.error is not None
    assert second.error is None


def test_a_call_is_told_by_its_own_entry(wiring: Wiring, actor: Actor) -> None:
    detail = run(wiring, actor)
    spans = fold(wiring, actor, detail.row.id).spans
    call, step = (next(span for span in spans if span.node == "draft" and span.kind == kind) for kind in ("model", "step"))
    whole, one = (wiring.call(get_attempt, actor, run_id=detail.row.id, node="draft", seq=span.first) for span in (step, call))
    assert whole.chosen is None
    assert isinstance(one.chosen, ModelCall)
    assert (one.chosen.seq, one.chosen.text) == (call.first, "HELLO")
    assert (one.tokens, one.cost_micros) == (step.input_tokens + step.output_tokens, step.cost_micros)


@pytest.mark.parametrize("asked", [{"node": "nowhere", "seq": 1}, {"node": None, "seq": 1}, {"node": "draft", "seq": 0}])
def test_an_attempt_that_is_not_there_is_not_found(wiring: Wiring, actor: Actor, asked: dict[str, Any]) -> None:
    detail = run(wiring, actor)
    with pytest.raises(NotFound):
        wiring.call(get_attempt, actor, run_id=detail.row.id, **asked)
    with pytest.raises(Invalid):
        wiring.call(get_attempt, actor, run_id=detail.row.id, node="draft", seq="1")


def test_strangers_see_no_trace(wiring: Wiring, actor: Actor) -> None:
    detail = run(wiring, actor)
    with wiring.unit() as uow:
        stranger = make_member(uow, Role.OWNER)
    for service, more in ((read_moments, {}), (get_attempt, {"node": "draft", "seq": 2})):
        anything: Any = service
        with pytest.raises(NotFound):
            wiring.call(anything, stranger, run_id=detail.row.id, **more)
