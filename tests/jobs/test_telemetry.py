"""What monitoring sees of a real worker: counters on its port, and a trace of each run at a real OTLP receiver."""

import re
import socket
import urllib.request
import uuid
from collections.abc import Iterator

import pytest

from app.core.uow import Actor
from app.services.runs import start_run
from app.wiring import Wiring
from tests.support.collector import Collector, attributes
from tests.support.slow_http import serve
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for
from tests.support.workflows import make_workflow, node, spec_of

SECRET = "the customer's own words"


@pytest.fixture
def collector() -> Collector:
    """A receiver."""
    return Collector()


@pytest.fixture
def collector_url(collector: Collector) -> Iterator[str]:
    """Its address."""
    with serve({"/v1/traces": collector.take}) as server:
        yield server.url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(wiring: Wiring, actor: Actor, *, url: str) -> uuid.UUID:
    workflow = spec_of(
        node("start", "start"),
        node("say", "llm", model="demo/assistant", prompt=SECRET),
        node("call", "http", url=url, on_error={"action": "default", "default": {}}),
        node("end", "end", output="{{ say.text }}"),
        edges="start>say say>call call>end",
    )
    with wiring.unit(actor) as uow:
        return start_run(uow, workflow_id=make_workflow(uow, workflow).id, inputs={}).id


def run_one(wiring: Wiring, actor: Actor, **variables: str) -> tuple[uuid.UUID, WorkerProcess]:
    process = WorkerProcess(wiring.settings, **variables).ready()
    run_id = start(wiring, actor, url="http://127.0.0.1:9/absent")
    assert wait_for(wiring, actor, run_id).status == "succeeded", process.log
    return run_id, process


def test_a_worker_counts_runs_steps_and_tokens(wiring: Wiring, actor: Actor) -> None:
    port = free_port()
    _, process = run_one(wiring, actor, AF_WORKER_METRICS_PORT=str(port))
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    finally:
        process.kill()
    assert 'agent_factory_runs_ended_total{status="succeeded"} 1.0' in text
    assert 'agent_factory_steps_total{kind="llm",status="done"} 1.0' in text
    assert 'agent_factory_steps_total{kind="http",status="failed"} 1.0' in text
    assert re.search(r'agent_factory_model_tokens_total\{direction="output",model="[^"]+"\} 3.0', text)
    assert re.search(r"^agent_factory_worker_places [1-9]", text, re.M)
    assert str(actor.workspace_id) not in text
    assert SECRET not in text


def test_a_port_that_is_taken_does_not_keep_a_worker_from_working(wiring: Wiring, actor: Actor) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        _, process = run_one(wiring, actor, AF_WORKER_METRICS_PORT=str(taken.getsockname()[1]))
        process.kill()
    assert "cannot be used" in process.log


def test_a_finished_run_is_a_trace_with_the_runs_id_and_no_content(
    wiring: Wiring, actor: Actor, collector: Collector, collector_url: str
) -> None:
    run_id, process = run_one(
        wiring, actor, OTEL_EXPORTER_OTLP_ENDPOINT=collector_url, OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20abc"
    )
    try:
        until(lambda: collector.spans, what="the trace")
    finally:
        process.kill()
    assert {span.trace_id for span in collector.spans} == {run_id.bytes}
    root = next(span for span in collector.spans if not span.parent_span_id)
    assert attributes(root)["agent_factory.run.id"] == str(run_id)
    step = next(span for span in collector.spans if attributes(span).get("agent_factory.step.node") == "say")
    chat = next(span for span in collector.spans if span.name.startswith("chat "))
    assert (step.parent_span_id, chat.parent_span_id) == (root.span_id, step.span_id)
    assert attributes(chat)["gen_ai.usage.output_tokens"] == 3
    assert root.start_time_unix_nano <= step.start_time_unix_nano <= chat.start_time_unix_nano
    assert chat.end_time_unix_nano <= step.end_time_unix_nano <= root.end_time_unix_nano
    failed = next(span for span in collector.spans if attributes(span).get("agent_factory.step.node") == "call")
    assert failed.status.code == 2
    assert attributes(failed)["error.type"]
    assert SECRET not in "".join(str(span) for span in collector.spans)
    assert collector.headers["authorization"] == "Bearer abc"


def test_content_is_sent_only_when_it_is_asked_for(wiring: Wiring, actor: Actor, collector: Collector, collector_url: str) -> None:
    _, process = run_one(wiring, actor, OTEL_EXPORTER_OTLP_ENDPOINT=collector_url, AF_OTEL_CONTENT="1")
    try:
        until(lambda: collector.spans, what="the trace")
    finally:
        process.kill()
    chat = next(span for span in collector.spans if span.name.startswith("chat "))
    assert SECRET in attributes(chat)["gen_ai.output.messages"]


def test_a_collector_that_is_away_does_not_keep_a_run_from_ending(wiring: Wiring, actor: Actor) -> None:
    run_id, process = run_one(wiring, actor, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert process.stop() == 0, process.log
    assert wait_for(wiring, actor, run_id).status == "succeeded"
