"""Runs shipped templates offline, with the demo models and the real code sandbox."""

from collections.abc import Sequence

from app.adapters.code_monty import MontyCodeRunner
from app.adapters.llm_demo.model import DemoLanguageModel
from app.services.templates import read_template
from engine.json import JsonObject
from engine.nodes.registry import KINDS
from engine.run.driver import Driver
from engine.run.events import JournalEvent, Outcome
from engine.run.memory import MemoryJournal, memory_deps
from engine.run.plan import compile_plan
from engine.spec.setup import RunSetup
from engine.spec.workflow import RunPlan


async def run_template(
    key: str, inputs: JsonObject, history: Sequence[JournalEvent] = (), *, setup: RunSetup | None = None
) -> tuple[Outcome, list[JournalEvent]]:
    """How the run of the template's workflow ended, and its whole journal."""
    bundle = read_template(key)
    (workflow,) = bundle.workflows.values()
    plan = compile_plan(RunPlan(workflow=workflow, agents=bundle.agents, setup=setup or RunSetup()), KINDS)
    code = MontyCodeRunner()
    journal = MemoryJournal()
    deps = memory_deps(models=DemoLanguageModel(tokens_per_s=0), code=code, inputs=inputs)
    try:
        outcome = await Driver(plan, list(history), deps, journal).run()
    finally:
        await code.aclose()
    return outcome, [*history, *journal.events]
