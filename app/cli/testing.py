"""`agent-factory test`: the tests of a blueprint file in this process, or those of a saved workflow on the running workers.

Exit codes: 0 every test passed; 1 one failed, or the blueprint has errors; 2 a wrong command line, or nothing to test; 130 Ctrl-C.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.blueprint import WorkspaceOption, describe, workflow_id_of
from app.cli.run import read_bundle, run_here
from app.cli.run_inputs import gather_inputs
from app.cli.run_steps import StepLines
from app.cli.terminal import say, say_json, say_marked, wrong
from app.core.printing import one_line
from app.services.operators import find_operator
from app.services.runs.inputs import form_fields
from app.services.workflow_tests import list_tests, run_tests
from app.views.workflow_tests import TestResult, TestRow
from app.wiring import get_wiring
from engine.blueprint.bundle import Bundle, BundleTest
from engine.blueprint.cases import judge
from engine.graph.checker import check, errors_of
from engine.nodes.registry import KINDS

ASK_AGAIN_S = 0.3
MAX_LINES = 12  # of one value

Source = Annotated[str, typer.Argument(metavar="FILE|WORKFLOW", help="A blueprint file, or the name or id of a saved workflow.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test came out."""

    name: str
    results: tuple[TestResult, ...]
    seconds: float
    run_id: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether every expectation held."""
        return all(result.has_passed for result in self.results)


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("test", help="Run the tests of a blueprint here, or those of a saved workflow on the workers.")(run_all)


def run_all(
    source: Source,
    *,
    only: Annotated[list[str] | None, typer.Option("--test", "-t", help="Only the test of this name; may be repeated.")] = None,
    timeout_s: Annotated[float, typer.Option("--timeout", help="Seconds to wait for the tests of a saved workflow.", min=1)] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print every result as JSON.")] = False,
    workspace: WorkspaceOption = "",
) -> None:
    """Run them, say what did not come out as expected, and exit accordingly."""
    is_file = source == "-" or Path(source).is_file()
    outcomes = _test_file(source, only or []) if is_file else _test_saved(source, only or [], workspace, timeout_s)
    if as_json:
        say_json([asdict(one) | {"has_passed": one.has_passed} for one in outcomes])
    else:
        for outcome in outcomes:
            _show(outcome)
    failed = sum(1 for outcome in outcomes if not outcome.has_passed)
    say(f"{len(outcomes) - failed} passed, {failed} failed", err=True)
    raise typer.Exit(1 if failed else 0)


def _test_file(source: str, only: Sequence[str]) -> list[Outcome]:
    bundle = read_bundle(source)
    chosen = [case for case in bundle.tests if not only or case.name in only]
    _require_tests(chosen, only, [case.name for case in bundle.tests], source)
    for slug in dict.fromkeys(case.workflow for case in chosen):
        _require_sound(bundle, slug)
    return [_run_case(bundle, case) for case in chosen]


def _require_tests(chosen: Sequence[object], only: Sequence[str], known: Sequence[str], source: str) -> None:
    if not known:
        wrong(f"{source} has no tests; add some below `tests:`, or on the workflow's Tests page")
    missing = [name for name in only if name not in known]
    if missing or not chosen:
        wrong(f"there is no test '{missing[0]}'; there are: {'; '.join(known)}", option="--test")


def _require_sound(bundle: Bundle, slug: str) -> None:
    if slug not in bundle.workflows:
        wrong(f"a test names the workflow '{slug}', which the blueprint does not hold")
    errors = errors_of(check(bundle.workflows[slug], kinds=KINDS, agents=bundle.agents))
    for finding in errors:
        say(describe(slug, finding), err=True)
    if errors:
        raise typer.Exit(1)


def _run_case(bundle: Bundle, test: BundleTest) -> Outcome:
    spec, case = bundle.workflows[test.workflow], test.case()
    inputs = gather_inputs(form_fields(spec), given=[], file="", sample=case.inputs)
    began = time.monotonic()
    ended = asyncio.run(run_here(bundle, test.workflow, inputs, StepLines(spec, quiet=True), setup=case.setup()))
    error = str((ended.error or {}).get("message", ""))
    results = judge(case, status=ended.status, output=ended.output, error=error)
    return Outcome(case.name, tuple(TestResult(**asdict(result)) for result in results), time.monotonic() - began)


def _test_saved(name: str, only: Sequence[str], workspace: str, timeout_s: float) -> list[Outcome]:
    wiring = get_wiring()
    actor = wiring.call(find_operator, None, workspace=workspace, workflow=name)
    workflow_id = wiring.call(workflow_id_of, actor, name=name)
    known = wiring.call(list_tests, actor, workflow_id=workflow_id).rows
    chosen = [row.id for row in known if not only or row.name in only]
    _require_tests(chosen, only, [row.name for row in known], f"'{name}'")
    wiring.call(run_tests, actor, workflow_id=workflow_id, test_ids=chosen)
    until = time.monotonic() + timeout_s
    while True:
        rows = [row for row in wiring.call(list_tests, actor, workflow_id=workflow_id).rows if row.id in chosen]
        if all(row.verdict != "running" for row in rows) or time.monotonic() > until:
            return [_outcome(row, timeout_s) for row in rows]
        time.sleep(ASK_AGAIN_S)


def _outcome(row: TestRow, timeout_s: float) -> Outcome:
    late = TestResult("how it ends", has_passed=False, wanted=f"an end within {timeout_s:g} seconds", found="it is still at work")
    return Outcome(row.name, row.results or (late,), (row.duration_ms or 0.0) / 1000, row.run_id)


def _show(outcome: Outcome) -> None:
    mark, colour = ("passed", "green") if outcome.has_passed else ("FAILED", "red")
    say_marked(mark, f" {one_line(outcome.name)}  ({outcome.seconds:.1f} s)", colour=colour)
    for result in outcome.results:
        if not result.has_passed:
            say(f"  {result.what}")
            for line in result.difference or [*_lines("wanted", result.wanted), *_lines("found", result.found)]:
                say(f"    {line}")
    if not outcome.has_passed and outcome.run_id:
        say(f"  run {outcome.run_id}")


def _lines(label: str, text: str) -> list[str]:
    first, *rest = text.splitlines()[:MAX_LINES] or ["nothing"]
    return [f"{label + ':':8}{first}", *(f"{'':8}{line}" for line in rest)]
