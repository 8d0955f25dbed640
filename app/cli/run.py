"""`agent-factory run`: a blueprint file in this process, without a database, or with --queue a saved workflow on the running workers.

Exit codes: 0 the run succeeded; 1 it failed, or the workflow has errors; 2 a wrong command line, file or setting;
3 it waits for a person (see --answer); 4 it was cancelled; 130 Ctrl-C.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from app.cli.blueprint import WorkspaceOption, describe, read_source, workflow_id_of
from app.cli.run_inputs import gather_inputs
from app.cli.run_steps import StepLines
from app.cli.terminal import say, say_json, write_result, wrong
from app.core.errors import Invalid
from app.core.uow import Actor
from app.jobs.deps import EnginePorts, build_engine_ports
from app.services.operators import find_operator
from app.services.runs import get_run, read_events, start_run
from app.services.runs.inputs import form_fields
from app.services.workflows import get_workflow
from app.wiring import Wiring, get_wiring
from engine.blueprint.bundle import Bundle
from engine.blueprint.callees import plan_of, reached_from, roots_of, tree_of
from engine.blueprint.codec import decode
from engine.errors import Finding, SpecError
from engine.graph.calls import CallTree
from engine.graph.checker import check, errors_of
from engine.json import JsonObject, JsonValue
from engine.nodes.registry import KINDS
from engine.run.deps import Deps
from engine.run.events import EventType, JournalEvent
from engine.run.local import LocalHost, LocalRun
from engine.run.memory import SilentLive, WallClock
from engine.run.plan import Plan, compile_plan
from engine.spec.setup import RunSetup
from engine.spec.upgrade import load_workflow
from engine.spec.workflow import WorkflowSpec
from engine.tools.registry import BuiltinTools

EXIT_CODES = {"succeeded": 0, "failed": 1, "waiting": 3, "cancelled": 4}
ASK_AGAIN_S = 0.25

Source = Annotated[str, typer.Argument(metavar="FILE|WORKFLOW", help="A blueprint file; with --queue the name or id of a saved workflow.")]
Inputs = Annotated[list[str] | None, typer.Option("--input", "-i", help="name=value, or name=@file; may be repeated.")]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, whichever way it was run."""

    status: str
    output: JsonValue = None
    error: JsonObject | None = None
    run_id: str = ""


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command(
        "run", help="Run a blueprint here, or with --queue a saved workflow on this machine's workers. On a server: `workflows run`."
    )(run)


def run(
    source: Source,
    *,
    given: Inputs = None,
    input_file: Annotated[str, typer.Option("--input-file", help="A JSON object with the inputs.")] = "",
    test: Annotated[str, typer.Option("--test", help="Use the inputs of this test of the blueprint.")] = "",
    workflow: Annotated[str, typer.Option("--workflow", help="Which workflow of the blueprint, if it holds several.")] = "",
    answer: Annotated[list[str] | None, typer.Option("--answer", help="Button pressed at an approval: BUTTON or node=BUTTON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print status, output, error and usage as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not show the steps.")] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Run a saved workflow on the workers of the running installation.")] = False,
    workspace: WorkspaceOption = "",
) -> None:
    """Run and print the result; the exit code tells how it ended."""
    if queue:
        spec, ended, lines = _run_queued(source, given or [], input_file, workspace, quiet=quiet)
    else:
        bundle = read_bundle(source)
        slug, spec = _choose_workflow(bundle, workflow, test)
        sample = _sample(bundle, slug, test)
        inputs = gather_inputs(form_fields(spec), given=given or [], file=input_file, sample=sample)
        lines = StepLines(spec, quiet=quiet)
        ended = asyncio.run(run_here(bundle, slug, inputs, lines, answers=_answers(answer or [])))
    _report(ended, lines, as_json=as_json)
    raise typer.Exit(EXIT_CODES.get(ended.status, 1))


def _report(ended: Ended, lines: StepLines, *, as_json: bool) -> None:
    if as_json:
        whole = {"status": ended.status, "output": ended.output, "error": ended.error, "usage": lines.usage}
        say_json(whole | ({"run_id": ended.run_id} if ended.run_id else {}))
        return
    if ended.status == "succeeded":
        write_result(ended.output)
    elif ended.status == "waiting":
        decide = "Decide on its page, or with `agent-factory approvals decide`." if ended.run_id else lines.how_to_answer()
        say(f"The run waits for a person. {decide}".rstrip(), err=True)
    elif ended.error:
        place = f"{ended.error['node']}: " if ended.error.get("node") else ""
        say(f"The run {ended.status}. {place}{ended.error.get('message', '')}", err=True)


# -- in this process


def read_bundle(source: str) -> Bundle:
    """The blueprint, or its findings and exit code 1."""
    if source != "-" and not Path(source).exists():
        wrong(f"there is no file {source}; a saved workflow is run with --queue")
    try:
        return decode(read_source(source))
    except SpecError as error:
        for finding in error.findings:
            say(describe(source, finding), err=True)
        raise typer.Exit(1) from error


def _choose_workflow(bundle: Bundle, wanted: str, test: str) -> tuple[str, WorkflowSpec]:
    slugs = list(bundle.workflows)
    roots = roots_of(bundle.workflows, KINDS)
    named = wanted or next((item.workflow for item in bundle.tests if item.name == test), "") or (roots[0] if len(roots) == 1 else "")
    if named not in bundle.workflows:
        have = ", ".join(slugs) or "none"
        wrong(f"choose one of the blueprint's workflows: {have}", option="--workflow")
    tree, reached = tree_of(bundle, KINDS), reached_from(bundle.workflows, named, KINDS)
    errors = [(slug, finding) for slug in reached for finding in _errors(bundle, tree, slug)]
    for slug, finding in errors:
        say(describe(slug, finding), err=True)
    if errors:
        raise typer.Exit(1)
    return named, bundle.workflows[named]


def _errors(bundle: Bundle, tree: CallTree, slug: str) -> list[Finding]:
    spec = bundle.workflows[slug]
    called = tree.called_by(spec, reference=slug, name=spec.name or slug)
    return errors_of(check(spec, kinds=KINDS, agents=bundle.agents, workflows=called))


def _sample(bundle: Bundle, slug: str, test: str) -> JsonObject | None:
    if not test:
        return None
    samples = {item.name: item.inputs for item in reversed(bundle.tests) if item.workflow == slug}
    if test not in samples:
        wrong(f"the blueprint has these tests: {'; '.join(reversed(samples)) or 'none'}", option="--test")
    return samples[test]


def _answers(given: Sequence[str]) -> dict[str, str]:
    """node -> button; "" for any node."""
    pairs = [text.rpartition("=") for text in given]
    return {node: button for node, _, button in pairs}


async def run_here(
    bundle: Bundle,
    slug: str,
    inputs: JsonObject,
    lines: StepLines,
    *,
    answers: Mapping[str, str] = MappingProxyType({}),
    setup: RunSetup | None = None,
) -> Ended:
    """Run a workflow of a blueprint in this process, without a database; `setup` is for the tests of it."""
    wiring = get_wiring()
    ports = build_engine_ports(wiring.settings, wiring.ports.catalogue)

    def show(run_id: str, event: JournalEvent) -> None:
        lines.show(event.type, event.node, event.iteration, event.data, child=run_id.partition("/")[2])

    def compiled(name: str) -> Plan:
        plan = plan_of(bundle, name, KINDS)
        return compile_plan(plan.model_copy(update={"setup": setup}) if setup is not None and name == slug else plan, KINDS)

    host = LocalHost(
        plan_of=cache(compiled),
        make_deps=partial(_deps, ports),
        show=show,
        decide=lambda history: _decide(history, answers),
    )
    try:
        outcome = await LocalRun(host, host.plan_of(slug), inputs, "cli").run()
        return Ended(outcome.status, outcome.output, outcome.error)
    finally:
        await ports.aclose()


def _deps(ports: EnginePorts, run_id: str, given: JsonObject) -> Deps:
    clock = WallClock()
    return Deps(
        run_id=run_id,
        models=ports.models,
        http=ports.http,
        code=ports.code,
        tools=BuiltinTools(ports.http, clock),
        clock=clock,
        live=SilentLive(),
        inputs=given,
        park_after_s=float("inf"),
    )


def _decide(history: Sequence[JournalEvent], answers: Mapping[str, str]) -> list[JournalEvent]:
    """The button for every approval that waits and for which one was given."""
    open_approvals: dict[tuple[str, str], JsonObject] = {}
    for event in history:
        key = (event.node or "", event.iteration)
        if event.type is EventType.NODE_WAITING and event.data.get("reason") == "approval":
            open_approvals[key] = event.data.get("request") or {}
        elif event.type is EventType.NODE_RESUMED:
            open_approvals.pop(key, None)
    made: list[JournalEvent] = []
    for (node, iteration), request in open_approvals.items():
        button = answers.get(node, answers.get("", ""))
        if button and button in {str(item.get("id")) for item in request.get("buttons") or []}:
            data: JsonObject = {"reason": "approval", "decision": {"button": button, "values": {}, "note": "", "by": None}}
            made.append(JournalEvent(EventType.NODE_RESUMED, WallClock().now(), node, iteration, data))
    return made


# -- on the workers


def _run_queued(source: str, given: Sequence[str], file: str, workspace: str, *, quiet: bool) -> tuple[WorkflowSpec, Ended, StepLines]:
    wiring = get_wiring()
    actor = wiring.call(find_operator, None, workspace=workspace, workflow=source)
    workflow_id = wiring.call(workflow_id_of, actor, name=source)
    try:
        spec = load_workflow(wiring.call(get_workflow, actor, workflow_id=workflow_id).definition)
    except SpecError as error:
        raise Invalid(str(error)) from error
    inputs = gather_inputs(form_fields(spec), given=given, file=file, sample=None)
    row = wiring.call(start_run, actor, workflow_id=workflow_id, inputs=inputs)
    lines = StepLines(spec, quiet=quiet)
    say(f"Run {row.id}", err=True)
    return spec, _follow(wiring, actor, str(row.id), lines), lines


def _follow(wiring: Wiring, actor: Actor, run_id: str, lines: StepLines) -> Ended:
    """Show the journal as it grows, until the run ends or waits for a person."""
    seen, told = 0, ""
    while True:
        events = wiring.call(read_events, actor, run_id=run_id, after_seq=seen)
        for event in events:
            seen = event.seq
            lines.show(event.type, event.node, event.iteration, event.payload)
        if events:
            continue
        detail = wiring.call(get_run, actor, run_id=run_id)
        if detail.row.waiting_for != told:
            told = detail.row.waiting_for
            if told:
                say(told, err=True)
        waits = detail.row.status == "waiting" and any(card.status == "pending" for card in detail.approvals)
        if detail.row.status in EXIT_CODES and (detail.row.status != "waiting" or waits) and detail.last_seq <= seen:
            return Ended(detail.row.status, detail.output, detail.error, run_id)
        time.sleep(ASK_AGAIN_S)
