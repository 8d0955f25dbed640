"""Runs the tests of the seed catalogue offline; as a program it writes `app/catalogue/samples.json` anew from those runs.

.venv/bin/python -m tests.support.catalogue
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from app.adapters.code_monty import MontyCodeRunner
from app.adapters.llm_demo.model import DemoLanguageModel
from app.core.first_rows import OFFERS
from app.services.market.catalogue import read_offer
from engine.blueprint.bundle import Bundle, BundleTest
from engine.blueprint.cases import judge
from engine.nodes.registry import KINDS
from engine.run.driver import Driver
from engine.run.memory import MemoryJournal, memory_deps
from engine.run.plan import compile_plan
from engine.spec.workflow import RunPlan

SAMPLES = Path(__file__).parents[2] / "app/catalogue/samples.json"


async def run_test(bundle: Bundle, test: BundleTest) -> dict[str, Any]:
    """A sample as listings show it; `seconds` comes from the run's own journal."""
    case = test.case()
    plan = compile_plan(RunPlan(workflow=bundle.workflows[test.workflow], agents=bundle.agents, setup=case.setup()), KINDS)
    code, journal = MontyCodeRunner(), MemoryJournal()
    deps = memory_deps(models=DemoLanguageModel(tokens_per_s=0), code=code, inputs=case.inputs)
    try:
        outcome = await Driver(plan, [], deps, journal).run()
    finally:
        await code.aclose()
    results = judge(case, status=outcome.status, output=outcome.output, error=str(outcome.error))
    took = (journal.events[-1].at - journal.events[0].at).total_seconds() if journal.events else 0.0
    output = outcome.output if isinstance(outcome.output, dict) else {} if outcome.output is None else {"result": outcome.output}
    return {
        "name": case.name, "status": str(outcome.status), "inputs": dict(case.inputs), "output": output,
        "has_passed": all(result.has_passed for result in results), "seconds": round(took, 2),
    }  # fmt: skip


async def all_samples() -> dict[str, list[dict[str, Any]]]:
    """Of every offer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for offer in OFFERS:
        bundle = read_offer(offer.key)
        found[offer.key] = [await run_test(bundle, test) for test in bundle.tests]
    return found


if __name__ == "__main__":
    SAMPLES.write_text(json.dumps(asyncio.run(all_samples()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
