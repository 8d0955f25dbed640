"""What a step had written when it was stopped or failed stays with it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.core.uow import Actor
from app.services.runs import get_attempt, get_step, read_moments, start_run
from app.views.runs import RunDetail, StepDetail
from app.views.trace import TraceFold
from app.wiring import Wiring
from engine.errors import Permanent
from engine.ports import ModelReply, ModelRequest, Usage
from engine.spec.workflow import WorkflowSpec
from models.workspace import Role
from tests.support.driving import drive
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of

USED = Usage(10, 3, 50, 1)


class Watched:
    """A live feed that somebody looks at, so that answers are streamed."""

    is_watched = True

    def emit(self, kind: str, node: str, iteration: str, payload: Mapping[str, Any]) -> None:
        """Nobody needs it here."""


class Storyteller:
    """Stops for ever in the middle of a story; answers anything else once a story has begun."""

    def __init__(self) -> None:
        self._has_begun = asyncio.Event()

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Answer."""
        if "story" not in request.messages[-1].content:
            await self._has_begun.wait()
            return ModelReply("quick", usage=USED, model=request.model)
        assert on_text is not None
        on_text("Once upon ")
        on_text("a time")
        self._has_begun.set()
        if "short" in request.messages[-1].content:
            raise Permanent("model_bad_answer", "The line went dead.")
        await asyncio.Event().wait()
        raise AssertionError

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """What the words so far cost."""
        return USED


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow, role=Role.MEMBER)


def run(wiring: Wiring, actor: Actor, spec: WorkflowSpec) -> RunDetail:
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={})
    return drive(wiring, actor, row.id, models=Storyteller(), live=Watched())


def story(wiring: Wiring, actor: Actor, detail: RunDetail) -> StepDetail:
    return wiring.call(get_step, actor, run_id=detail.row.id, node="story")


def test_a_stopped_step_keeps_what_it_had_written_and_stays_stopped(wiring: Wiring, actor: Actor) -> None:
    race = spec_of(
        node("start", "start"),
        node("story", "llm", model="demo/assistant", prompt="Tell a story"),
        node("quick", "llm", model="demo/assistant", prompt="Hello"),
        node("first", "merge", join="any", others="cancel"),
        node("end", "end", output="done"),
        edges="start>story start>quick story>first quick>first first>end",
    )
    detail = run(wiring, actor, race)
    assert detail.row.status == "succeeded"
    step = story(wiring, actor, detail)
    assert (step.row.status, step.written) == ("cancelled", "Once upon a time")
    assert step.row.input_tokens == 10, "what was written was paid for, and told of after the step had ended"
    assert wiring.call(get_step, actor, run_id=detail.row.id, node="quick").written == "", "a finished step has its output"


def test_the_trace_shows_a_broken_call_with_its_step(wiring: Wiring, actor: Actor) -> None:
    telling = spec_of(
        node("start", "start"), node("story", "llm", model="demo/assistant", prompt="Tell a short story"), edges="start>story"
    )
    detail = run(wiring, actor, telling)
    step = story(wiring, actor, detail)
    assert (step.row.status, step.written) == ("failed", "Once upon a time")
    fold = TraceFold()
    fold.take(wiring.call(read_moments, actor, run_id=detail.row.id))
    call = next(span for span in fold.spans if span.kind == "model")
    assert fold.spans[call.parent].node == "story"
    attempt = wiring.call(get_attempt, actor, run_id=detail.row.id, node="story", seq=call.first)
    assert (attempt.status, len(attempt.calls)) == ("failed", 1)
